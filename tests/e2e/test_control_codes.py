# SPDX-License-Identifier: MIT
"""Every control code through the client library, by a program of 64 and one of 32 bits, on the one 64-bit driver."""

import re
import unittest

import harness


class ControlCodes(unittest.TestCase):
    device = 'qemu'

    def check(self, bits):
        status, output, broken = harness.run(f'{harness.ROOT}/build/win{bits}/tests/e2e/control_codes.exe', device=self.device,
                                             settings='MaxKernelMemoryMiB=64')
        self.assertEqual(status, 0, output)
        self.assertEqual(broken, [], output)
        self.assertIn(f'a program of {bits} bits', output)
        self.assertIn(' checks, 0 failures', output)
        return int(re.search(r"memory of the kernel's: \d+ bytes at ([0-9A-Fa-f]+)", output)[1], 16)

    def test_64_bits(self):
        self.check(64)

    def test_32_bits(self):
        """Its memory is where a 32-bit program may have some, though the kernel has mapped it."""
        self.assertLess(self.check(32), 1 << 31)


class ControlCodesOnMvisor(ControlCodes):
    """No memory of the program's is pinned there: all is the kernel's."""
    device = 'mvisor'


if __name__ == '__main__':
    unittest.main()
