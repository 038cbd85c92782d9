# SPDX-License-Identifier: MIT
"""A device that is missing, or dies."""

import os
import signal
import time
import unittest

import harness

LONGEST_HANG = 15  # seconds


class Device(unittest.TestCase):
    def test_no_device(self):
        """Without a device the program gets no pixel format: an error of its own, no crash, nothing left behind."""
        status, output, broken = harness.run(harness.DEMO, '--frames', '10', device='none', limit=60)
        self.assertEqual(status, 1, output)
        self.assertIn('there is no OpenGL pixel format', output)
        self.assertEqual(broken, [], output)

    def test_mvisor(self):
        """The model of Mvisor's device starts; the driver does not know it yet, which is said and breaks nothing."""
        status, output, broken = harness.run(harness.DEMO, '--frames', '10', device='mvisor', limit=60)
        self.assertEqual(status, 1, output)
        self.assertIn("the driver has no dialect for Mvisor's device yet", output)
        self.assertIn('there is no OpenGL pixel format', output)
        self.assertEqual(broken, [], output)

    def test_killed_in_a_frame(self):
        """The device process is killed while frames are drawn: the program ends in time, and nothing leaks."""
        with harness.Stack(harness.DEMO, '--frames', '100000', limit=120) as stack:
            self.assertTrue(stack.wait_until(lambda: 'gl_renderer' in stack.output(), 60), stack.output())
            time.sleep(1)
            self.assertIsNone(stack.process.poll(), stack.output())
            os.kill(stack.device_process(), signal.SIGKILL)
            status = stack.wait(LONGEST_HANG)
            output = stack.output()
            self.assertIsNotNone(status, f'still running {LONGEST_HANG} s later: {output}')
            self.assertNotIn(status, (0, harness.BROKEN_RULE, harness.TIME_UP), output)
            self.assertEqual(stack.broken_rules(), [], output)


if __name__ == '__main__':
    unittest.main()
