#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What of kernel/ the tests reach: lines and branches of every file, from the unit tests of the driver, the runs that one
number decides, everything running out once, and the committed inputs of the fuzz targets. Prints a table, writes
build/tests/coverage.json, and fails below the bounds."""

import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
MESON = ['/usr/bin/python3', f'{ROOT}/build/tools/meson/meson.py']
FLAGS = '-fprofile-instr-generate -fcoverage-mapping'
BUILDS = {'coverage': [], 'coverage-fuzz': ['-Dfuzz=true']}
PROFILES = f'{ROOT}/build/tests/profiles'
RESULT = f'{ROOT}/build/tests/coverage.json'
LINES, BRANCHES = 95.0, 90.0  # percent, at least
SUITE_LIMIT, FUZZ_LIMIT = 900, 300  # seconds


def build(name, options):
    folder = f'{ROOT}/build/{name}'
    if not os.path.exists(f'{folder}/build.ninja'):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([*MESON, 'setup', folder, '-Db_lundef=false', f'-Dc_args={FLAGS}', f'-Dc_link_args={FLAGS}', *options],
                       check=True, stdout=subprocess.DEVNULL, env={**os.environ, 'CC': 'clang'})
    subprocess.run(['ninja', '-C', folder, '-j2'], check=True, stdout=subprocess.DEVNULL)


def run(command, limit):
    """A failure is another test's matter; what was reached until then counts."""
    environment = {**os.environ, 'LLVM_PROFILE_FILE': f'{PROFILES}/%4m.profraw'}
    status = subprocess.run(['timeout', str(limit), *command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
    if status:
        print(f'{" ".join(command)}: status {status}', flush=True)


def run_everything():
    run([*MESON, 'test', '-C', f'{ROOT}/build/coverage', '--no-rebuild', '--timeout-multiplier', '4', '--suite', 'kernel'],
        SUITE_LIMIT)
    run([f'{ROOT}/tests/fuzz/run.py', '--replay', '--build', 'coverage-fuzz'], FUZZ_LIMIT)


def programs():
    for name in BUILDS:
        for folder, _, files in os.walk(f'{ROOT}/build/{name}'):
            for file in files:
                if file.startswith(('test_', 'fuzz_')) and os.access(f'{folder}/{file}', os.X_OK):
                    yield f'{folder}/{file}'


def measure():
    merged = f'{PROFILES}/all.profdata'
    raw = [f'{PROFILES}/{name}' for name in os.listdir(PROFILES) if name.endswith('.profraw')]
    subprocess.run(['llvm-profdata', 'merge', '-sparse', '-failure-mode=all', '-o', merged, *raw], check=True)
    objects = sorted(programs())
    arguments = [objects[0], *(f'-object={name}' for name in objects[1:])]
    exported = subprocess.run(['llvm-cov', 'export', '-summary-only', f'-instr-profile={merged}', *arguments],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    entries = {os.path.relpath(entry['filename'], ROOT): entry['summary'] for entry in json.loads(exported)['data'][0]['files']}
    return {name: entry for name, entry in sorted(entries.items()) if os.path.dirname(name) == 'kernel'}


def total(files, what):
    covered, count = (sum(summary[what][key] for summary in files.values()) for key in ('covered', 'count'))
    return {'covered': covered, 'count': count, 'percent': 100 * covered / count}


def main():
    shutil.rmtree(PROFILES, ignore_errors=True)
    os.makedirs(PROFILES)
    for name, options in BUILDS.items():
        build(name, options)
    run_everything()
    files = measure()
    files['all'] = {what: total(files, what) for what in ('lines', 'branches')}
    result = {}
    for name, summary in files.items():
        lines, branches = summary['lines'], summary['branches']
        if lines['count'] == 0:
            continue
        result[name] = {'lines_percent': round(lines['percent'], 2), 'branches_percent': round(branches['percent'], 2)}
        print(f'{name:32} {lines["covered"]:5} of {lines["count"]:5} lines {lines["percent"]:6.2f} %  '
              f'{branches["covered"]:5} of {branches["count"]:5} branches {branches["percent"]:6.2f} %')
    with open(RESULT, 'w', encoding='ascii') as file:
        json.dump(result, file, indent=1)
    good = result['all']['lines_percent'] >= LINES and result['all']['branches_percent'] >= BRANCHES
    print(f'{"ok" if good else "TOO LITTLE"}: at least {LINES} % of lines and {BRANCHES} % of branches')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
