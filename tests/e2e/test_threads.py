# SPDX-License-Identifier: MIT
"""Several contexts in one program."""

import unittest

import harness


class Threads(unittest.TestCase):
    device, program = 'qemu', harness.TWO_CONTEXTS

    def test_two_contexts(self):
        """Two threads, each with a window and a context: every pixel of 200 rounds each is right."""
        status, output, broken = harness.run(self.program, device=self.device, limit=180)
        self.assertEqual(status, 0, output)
        self.assertEqual(output.count('200 of 200 rounds right\n'), 2, output)
        self.assertEqual(output.count(', vgpu ('), 2, output)
        self.assertEqual(broken, [], output)


class ThreadsOnMvisor(Threads):
    device = 'mvisor'


class Threads32(Threads):
    program = harness.TWO_CONTEXTS.replace('/win64/', '/win32/')


if __name__ == '__main__':
    unittest.main()
