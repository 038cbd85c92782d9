#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks of the sources: `check.py format` (clang-format) and `check.py spdx` (every file says its licence). Exit status
0: right, 1: not, 77: cannot be told here."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
CLANG_FORMAT_MAJOR = '14'  # other versions format some constructs differently
LICENCE = 'SPDX-License-Identifier: MIT'
WITHOUT_LICENCE_LINE = ('LICENSE', '.gitignore')
WITHOUT_LICENCE_ENDING = ('.md', '.png', '.patch', '.zip')  # a patch has the licence of what it patches


def sources():
    listing = subprocess.run(['git', '-C', ROOT, '-c', f'safe.directory={ROOT}', 'ls-files', '-z', '--cached', '--others',
                              '--exclude-standard'], stdout=subprocess.PIPE, check=True)
    names = [os.fsdecode(name) for name in listing.stdout.split(b'\0') if name]
    return sorted({name for name in names if os.path.isfile(f'{ROOT}/{name}')})


def check_format():
    version = subprocess.run(['clang-format', '--version'], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = re.search(r'version (\d+)', version)
    if not found or found[1] != CLANG_FORMAT_MAJOR:
        print(f'needs clang-format {CLANG_FORMAT_MAJOR}, here is: {version.strip()}')
        return 77
    files = [name for name in sources() if name.endswith(('.c', '.h'))]
    result = subprocess.run(['clang-format', '--dry-run', '-Werror', *files], cwd=ROOT, stderr=subprocess.PIPE, text=True,
                            check=False)
    if result.returncode:
        print(result.stderr[:1000])
        wrong = sorted(set(re.findall(r'^(\S+?):\d+:\d+: error', result.stderr, re.MULTILINE)))
        print(f'{len(wrong)} of {len(files)} files are not formatted (clang-format -i FILE): {" ".join(wrong)}')
    return 1 if result.returncode else 0


def check_spdx():
    wrong = []
    for name in sources():
        if os.path.basename(name) in WITHOUT_LICENCE_LINE or name.endswith(WITHOUT_LICENCE_ENDING):
            continue
        with open(f'{ROOT}/{name}', encoding='utf-8', errors='replace') as file:
            first = file.readline()
            if first.startswith('#!'):
                first = file.readline()
        if LICENCE not in first:
            wrong.append(name)
    for name in wrong:
        print(f'{name}: no "{LICENCE}" in its first line')
    return 1 if wrong else 0


CHECKS = {'format': check_format, 'spdx': check_spdx}

if __name__ == '__main__':
    if len(sys.argv) != 2 or sys.argv[1] not in CHECKS:
        sys.exit(f'usage: check.py {"|".join(CHECKS)}')
    sys.exit(CHECKS[sys.argv[1]]())
