# SPDX-License-Identifier: MIT
"""What windows show after swaps, and how fast swaps are."""

import unittest

import harness


class Present(unittest.TestCase):
    device = 'qemu'

    def check(self, *arguments, bits=64):
        path = f'{harness.ROOT}/build/win{bits}/icd/client/icd_present.exe'
        status, output, broken = harness.run(path, *arguments, device=self.device, limit=180)
        self.assertEqual(status, 0, output)
        self.assertEqual(output.splitlines()[-1], 'ok', output)
        self.assertEqual(broken, [], output)

    def test_present(self):
        """Order, the last frame, sizes, hidden and ending windows, two windows, swap intervals."""
        self.check()


class PresentOnMvisor(Present):
    device = 'mvisor'


class Present32(Present):
    def test_present(self):
        """What can be seen without GDI, which shows nothing of 32-bit programs in Wine 8: swap intervals, ending windows."""
        self.check('pixels', bits=32)


if __name__ == '__main__':
    unittest.main()
