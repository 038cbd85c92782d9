#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make bench`: measures, and writes build/bench/report.json. run.py [SECTION]... measures only these; the others keep
what they have in the report. Each section is a module beside this file with a function measure(): a dictionary, which
also prints it for people, and names in 'problems' the bounds that are not met."""
import importlib
import json
import os
import sys

FOLDER = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(FOLDER)
REPORT = f'{ROOT}/build/bench/report.json'
SECTIONS = ('kernel',)
DISPLAY = f'{ROOT}/scripts/with-display.sh'


def load():
    try:
        with open(REPORT, encoding='utf-8') as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return {}


def save(report):
    with open(f'{REPORT}.part', 'w', encoding='utf-8') as file:
        json.dump(report, file, indent='\t')
        file.write('\n')
    os.replace(f'{REPORT}.part', REPORT)


def main():
    sections = sys.argv[1:] or SECTIONS
    unknown = [name for name in sections if name not in SECTIONS]
    if unknown:
        print(f'bench: no such section: {", ".join(unknown)}; there are: {", ".join(SECTIONS)}', file=sys.stderr)
        return 2
    if 'VGPU_SCREEN' not in os.environ:
        os.execv(DISPLAY, [DISPLAY, sys.executable] + sys.argv)
    sys.path[:0] = [FOLDER, ROOT]
    sys.dont_write_bytecode = True
    failed = []
    for name in sections:
        print(f'bench: {name}', flush=True)
        result = importlib.import_module(f'section_{name}').measure()
        failed += [f'{name}: {problem}' for problem in result['problems']]
        save({**load(), name: result})
    for problem in failed:
        print(f'bench: {problem}', file=sys.stderr)
    print(f'bench: see {os.path.relpath(REPORT)}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
