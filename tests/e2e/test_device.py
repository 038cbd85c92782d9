# SPDX-License-Identifier: MIT
"""A device that is missing, or dies."""

import os
import shutil
import signal
import tempfile
import time
import unittest

import harness

LONGEST_HANG = 15  # seconds


class Killed(unittest.TestCase):
    device = 'qemu'

    def test_killed_in_a_frame(self):
        """The device process is killed while frames are drawn: the program ends in time, and nothing leaks."""
        with harness.Stack(harness.DEMO, '--frames', '100000', device=self.device, limit=120) as stack:
            self.assertTrue(stack.wait_until(lambda: 'gl_renderer' in stack.output(), 60), stack.output())
            time.sleep(1)
            self.assertIsNone(stack.process.poll(), stack.output())
            os.kill(stack.device_process(), signal.SIGKILL)
            status = stack.wait(LONGEST_HANG)
            output = stack.output()
            self.assertIsNotNone(status, f'still running {LONGEST_HANG} s later: {output}')
            self.assertNotIn(status, (0, harness.BROKEN_RULE, harness.TIME_UP), output)
            self.assertEqual(stack.broken_rules(), [], output)


class KilledOnMvisor(Killed):
    device = 'mvisor'


class Device(unittest.TestCase):
    def test_no_device(self):
        """Without a device the program gets no pixel format: an error of its own, no crash, nothing left behind."""
        status, output, broken = harness.run(harness.DEMO, '--frames', '10', device='none', limit=60)
        self.assertEqual(status, 1, output)
        self.assertIn('there is no OpenGL pixel format', output)
        self.assertEqual(broken, [], output)

    def test_mvisor_options(self):
        """They reach the model; what it says against one is shown."""
        status, output, _ = harness.run('--device-option=staging=1', '--device-option=memory=2G', harness.DEMO, '--frames', '3',
                                        device='mvisor', limit=60)
        self.assertEqual(status, 0, output)
        status, output, _ = harness.run('--device-option=memory=lots', harness.DEMO, device='mvisor', limit=60)
        self.assertEqual(status, 125, output)
        self.assertIn('whole GiB are wanted', output)

    def test_mvisor_panic(self):
        """A panic of the host is shown with its rule, and is vgpu-run's own failure. The model here panics by itself."""
        build = tempfile.mkdtemp(prefix='vgpu-e2e-build-')
        self.addCleanup(shutil.rmtree, build, ignore_errors=True)
        os.makedirs(f'{build}/native/sim/devices')
        for name in ('win64', 'mesa', 'wineprefix'):
            os.symlink(f'{harness.ROOT}/build/{name}', f'{build}/{name}')
        model = f'{build}/native/sim/devices/mvisor-device'
        with open(model, 'w', encoding='ascii') as file:
            file.write(f'#!/bin/sh\n{harness.ROOT}/build/native/sim/devices/mvisor-device "$@" &\nsleep 4\n'
                       'kill $!\necho "mvisor-device: panic: notify: a test"\nexit 70\n')
        os.chmod(model, 0o755)
        with harness.Stack(harness.DEMO, '--frames', '100000', device='mvisor', limit=60, build=build) as stack:
            self.assertEqual(stack.wait(60), harness.BROKEN_RULE, stack.output())
            self.assertIn('the virtual machine would have ended: mvisor-device: panic: notify: a test', stack.output())


if __name__ == '__main__':
    unittest.main()
