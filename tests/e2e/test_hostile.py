# SPDX-License-Identifier: MIT
"""A Windows program that asks for what no host can do."""

import unittest

import harness


class Hostile(unittest.TestCase):
    device, program = 'qemu', f'{harness.ROOT}/build/win64/tests/e2e/hostile.exe'

    def test_hostile(self):
        """It ends well, every new context works, and the simulator finds no rule broken."""
        status, output, broken = harness.run(self.program, device=self.device, limit=300)
        self.assertEqual(status, 0, output)
        self.assertIn('all is right', output)
        self.assertEqual(broken, [], output)


class HostileOnMvisor(Hostile):
    device = 'mvisor'


if __name__ == '__main__':
    unittest.main()
