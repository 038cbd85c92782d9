# SPDX-License-Identifier: MIT
"""Tests of piglit as Windows programs, with the shipped DLLs of both widths, on both devices, compared with the same tests
natively. Wine's own OpenGL would not do for that: its windows have no alpha."""
import os

import compare
import suite
import windows_build

FOLDER = f'{windows_build.FOLDER}/windows'
NAMES = tuple(f'{arch}-{device}' for arch in windows_build.TRIPLES for device in ('qemu', 'mvisor'))


def names(path=f'{FOLDER}/tests.txt'):
    """The tests of the list, in its order."""
    with open(path, encoding='utf-8') as file:
        return [line.rstrip('\n') for line in file if not line.startswith('#')]


def choose(tests):
    """Those of the list; tests: all, by name."""
    for name in names():
        if name not in tests:
            raise suite.SuiteError(f'windows/tests.txt: piglit has no test {name}')
    return [tests[name] for name in names()]


def programs(tests):
    return sorted({os.path.basename(test.command[0]) for test in tests})


class Stack:
    """`./vgpu-run` before each command, and the program's Windows build in its place."""

    trusted = ('pass',)  # piglit keeps a context's list of extensions for the next one, which may have another profile

    def __init__(self, name, folder):
        arch, device = name.split('-')
        self.programs = f'{windows_build.OUT}/{arch}'
        self.prefix = [f'{windows_build.ROOT}/vgpu-run', '--no-window-manager', f'--device={device}']
        self.values = dict(os.environ, PIGLIT_SOURCE_DIR=folder)

    def test(self, test):
        return test._replace(command=(f'{self.programs}/{os.path.basename(test.command[0])}.exe', *test.command[1:]))

    def stop(self):
        """Each run ends what it started."""


def report(native, results):
    """(summaries by name, what is unexpected). results: by name of the stack, of each test."""
    common = compare.expectations(f'{FOLDER}/expected.txt') + compare.expectations()
    summaries, said = {}, []
    for name, found in results.items():
        expected = common + (compare.expectations(f'{FOLDER}/expected-x86.txt') if name.startswith('x86') else [])
        rows = compare.table({'native': native, 'ours': found})
        summaries[name] = compare.summary(rows)
        said += [f'{name}: {line}' for line in compare.unexpected(rows, expected)]
    return summaries, said
