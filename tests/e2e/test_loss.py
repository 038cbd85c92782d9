# SPDX-License-Identifier: MIT
"""A device that is lost while a program draws: OpenGL says so, all calls are harmless, and the program goes on with a new
context in the same process and the same window, where there is a device."""

import os
import signal
import time
import unittest

import harness

SOON = 'DeviceTimeoutMs=1000'  # the driver gives a silent device up after a second
SILENCE = 3  # seconds
LIMIT = 120
NO_CONTEXT = 3


def program(bits):
    return f'{harness.ROOT}/build/win{bits}/icd/client/icd_loss.exe'


class Loss(unittest.TestCase):
    device = 'qemu'

    def run_until_drawing(self, seconds, bits=64, options=()):
        stack = harness.Stack(*options, program(bits), str(seconds), device=self.device, limit=LIMIT, settings=SOON)
        self.addCleanup(stack.__exit__)
        self.assertTrue(stack.wait_until(lambda: 'drawing' in stack.output(), 60), stack.output())
        return stack

    def check_end(self, stack, status, *words):
        self.assertEqual(stack.wait(LIMIT), status, stack.output())
        for word in words:
            self.assertIn(word, stack.output().splitlines(), stack.output())
        self.assertEqual(stack.broken_rules(), [], stack.output())

    def check_hang(self, bits):
        stack = self.run_until_drawing(60, bits)
        device = stack.device_process()
        os.kill(device, signal.SIGSTOP)
        time.sleep(SILENCE)
        os.kill(device, signal.SIGCONT)
        self.check_end(stack, 0, 'lost', 'alive')

    def test_device_hangs(self):
        """A device that is silent for too long is reset; a new context draws the right pixels."""
        self.check_hang(64)

    def test_device_gone(self):
        """No new context, and no harm."""
        stack = self.run_until_drawing(1)
        os.kill(stack.device_process(), signal.SIGKILL)
        self.check_end(stack, NO_CONTEXT, 'lost', 'no new context')
        self.assertEqual(stack.output().count('no new context: there is no device'), 1, stack.output())


class LossOnMvisor(Loss):
    device = 'mvisor'

    def test_refused_stream(self):
        """A host that has found a stream illegal refuses that context's streams; another context is as good as new."""
        stack = self.run_until_drawing(0, options=('--device-option=refuse=40',))
        self.check_end(stack, 0, 'lost', 'alive')
        self.assertIn('the host refused a command', stack.output())


class LossOf32Bits(Loss):
    test_device_gone = None

    def test_device_hangs(self):
        """The same in a 32-bit program."""
        self.check_hang(32)


if __name__ == '__main__':
    unittest.main()
