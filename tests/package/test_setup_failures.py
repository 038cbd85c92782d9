#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""vgpu-setup fails, or is ended, half-way: everything is as it was before. Real obstacles, and every step by number."""

import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import machine  # noqa: E402
from machine import DRIVERS_64, SYSTEM_32, SYSTEM_64, TARGET  # noqa: E402

DONE, FAILED = 0, 1
DRIVER, NOT_UNDONE = 20, 22
ENDED = 99  # the status of a process that VGPU_SETUP_TEST ends
MOST_STEPS = 400


class Case(unittest.TestCase):
    maxDiff = None
    certificates = False

    @classmethod
    def setUpClass(cls):
        cls.machine = machine.Machine()
        cls.addClassCleanup(cls.machine.close)
        first, second = (machine.make_certificate(cls.machine.folder, name) if cls.certificates else None
                         for name in ('first', 'second'))
        cls.one = cls.machine.package('1.0.0.0', certificate=first)
        cls.two = cls.machine.package('2.0.0.0', certificate=second)
        # Something to put back.
        cls.machine.add_value(DRIVERS_64, 'DLL', 'other.dll')
        cls.machine.write(SYSTEM_32, 'somebody else\'s')

    def run_setup(self, package, verb, **environment):
        return self.machine.setup(package, verb, '/S', '/force', '/ignore-boot-state', '/accept-test-certificate',
                                  **environment)

    def expect(self, expected, result):
        if result[0] != expected:
            self.fail(f'exit status {result[0]}, not {expected}\n{result[1]}\n{self.machine.log()}')

    def same(self, before):
        self.assertEqual(machine.difference(before, self.machine.picture()), '')


class Obstacles(Case):
    """What really stands in the way."""
    certificates = True

    def fails(self, code, package, verb, **environment):
        before = self.machine.picture()
        self.expect(code, self.run_setup(package, verb, **environment))
        self.same(before)

    def test_install(self):
        for path in (SYSTEM_64, f'{TARGET}/vgpu.cat', f'{TARGET}/saved/originals', f'{SYSTEM_64}.vgpu-new'):
            with self.subTest(path):
                os.makedirs(f'{self.machine.drive}/{path}')
                self.fails(FAILED, self.one, 'install')
                os.rmdir(f'{self.machine.drive}/{path}')
                shutil.rmtree(f'{self.machine.drive}/{TARGET}', ignore_errors=True)
        with self.subTest('a file where the folder goes'):
            self.machine.write(TARGET, '')
            self.fails(FAILED, self.one, 'install')
            os.unlink(f'{self.machine.drive}/{TARGET}')

    def test_driver(self):
        self.fails(DRIVER, self.one, 'install', PNPUTIL_REFUSES='add')
        self.expect(DONE, self.run_setup(self.one, 'install'))
        self.fails(DRIVER, self.two, 'install', PNPUTIL_REFUSES='add')
        self.fails(DRIVER, self.one, 'uninstall', PNPUTIL_REFUSES='delete')
        self.expect(DONE, self.run_setup(self.one, 'uninstall'))

    def test_not_undone(self):
        """What cannot be undone is said, and done by the next run, also when that is ended half-way."""
        before = self.machine.picture()
        for ended in (1, 12, 30, 39):
            with self.subTest(ended=ended):
                self.expect(NOT_UNDONE, self.run_setup(
                    self.one, 'install', VGPU_SETUP_TEST='fail:60', PNPUTIL_REFUSES='delete'))
                status, _ = self.run_setup(self.one, 'uninstall', VGPU_SETUP_TEST=f'end:{ended}')
                self.assertIn(status, (DONE, ENDED))
                self.expect(DONE, self.run_setup(self.one, 'uninstall'))
                self.same(before)

    def test_recovery_cut_short(self):
        """The process ends while it installs; so does the next, which undoes that, at several places."""
        before = self.machine.picture()
        self.assertEqual(self.run_setup(self.one, 'install', VGPU_SETUP_TEST='end:70')[0], ENDED)
        for ended in (1, 2, 5, 9, 11):
            self.assertEqual(self.run_setup(self.one, 'uninstall', VGPU_SETUP_TEST=f'end:{ended}')[0], ENDED)
        self.expect(DONE, self.run_setup(self.one, 'uninstall'))
        self.same(before)


class Steps(Case):
    """A failure at each step; the end of the process at some of them, after which the next run puts all in order."""

    def fail_everywhere(self, package, verb, stride=1):
        """The number of steps, about."""
        before = self.machine.picture()
        for step in range(1, MOST_STEPS, stride):
            status, output = self.run_setup(package, verb, VGPU_SETUP_TEST=f'fail:{step}')
            if status == DONE:
                break
            self.assertEqual(status, FAILED, f'step {step}: {output}')
            with self.subTest(verb=verb, step=step):
                self.same(before)
        self.assertLess(20, step)
        self.assertLess(step, MOST_STEPS - stride)
        return step

    def end_at(self, package, verb, step):
        """Whether it was ended there."""
        status, output = self.run_setup(package, verb, VGPU_SETUP_TEST=f'end:{step}')
        self.assertIn(status, (DONE, ENDED), output)
        return status == ENDED

    def end_everywhere(self, package, verb, stride, back):
        """`back`: package and verb that make it as it was before."""
        before = self.machine.picture()
        for step in range(1, MOST_STEPS, stride):
            ended = self.end_at(package, verb, step)
            with self.subTest(verb=verb, step=step):
                self.expect(DONE, self.run_setup(*back))
                self.same(before)
            if not ended:
                return
        self.fail('it had no end')

    def test_steps(self):
        self.assertLess(80, self.fail_everywhere(self.one, 'install'))
        self.assertLess(50, self.fail_everywhere(self.two, 'install', stride=3))
        self.assertLess(50, self.fail_everywhere(self.one, 'install', stride=7))
        self.assertLess(80, self.fail_everywhere(self.one, 'uninstall', stride=3))

    def test_ends(self):
        self.end_everywhere(self.one, 'install', 13, (self.one, 'uninstall'))
        self.expect(DONE, self.run_setup(self.one, 'install'))
        self.end_everywhere(self.two, 'install', 13, (self.one, 'install'))
        self.end_everywhere(self.one, 'uninstall', 13, (self.one, 'install'))
        self.expect(DONE, self.run_setup(self.one, 'uninstall'))


if __name__ == '__main__':
    unittest.main()
