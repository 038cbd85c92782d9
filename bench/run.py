#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make bench`: measures, and writes build/bench/report.json. When sections are named, only they are measured, and the others
keep what they have in the report. Each is a module beside this file with a function measure(): a dictionary, which also
prints it for people, and names in 'problems' the bounds that are not met."""
import argparse
import importlib
import json
import os
import sys

FOLDER = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(FOLDER)
REPORT = f'{ROOT}/build/bench/report.json'
SECTIONS = ('kernel', 'density', 'gl')
DISPLAY = f'{ROOT}/scripts/with-display.sh'


def load(path):
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return {}


def save(path, report):
    with open(f'{path}.part', 'w', encoding='utf-8') as file:
        json.dump(report, file, indent='\t')
        file.write('\n')
    os.replace(f'{path}.part', path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--report', default=REPORT, metavar='FILE')
    parser.add_argument('sections', nargs='*', metavar='SECTION', help=', '.join(SECTIONS))
    options = parser.parse_args()
    sections = options.sections or SECTIONS
    unknown = [name for name in sections if name not in SECTIONS]
    if unknown:
        parser.error(f'no such section: {", ".join(unknown)}; there are: {", ".join(SECTIONS)}')
    if 'VGPU_SCREEN' not in os.environ:
        os.environ.setdefault('SCREEN_SIZE', '1920x1080')  # of the frames that are presented
        os.execv(DISPLAY, [DISPLAY, sys.executable] + sys.argv)
    sys.path[:0] = [FOLDER, ROOT]
    sys.dont_write_bytecode = True
    failed = []
    for name in sections:
        print(f'bench: {name}', flush=True)
        result = importlib.import_module(f'section_{name}').measure()
        failed += [f'{name}: {problem}' for problem in result['problems']]
        save(options.report, {**load(options.report), name: result})
    for problem in failed:
        print(f'bench: {problem}', file=sys.stderr)
    print(f'bench: see {os.path.relpath(options.report)}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
