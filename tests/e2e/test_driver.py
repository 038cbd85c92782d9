# SPDX-License-Identifier: MIT
"""The driver's own tests that need no model of the device, on the shipped driver and QEMU's device: programs of 64 and of
32 bits."""

import unittest

import harness


class Driver(unittest.TestCase):
    def check(self, bits, name):
        status, output, broken = harness.run(f'{harness.ROOT}/build/win{bits}/tests/kernel/test_driver_{name}.exe')
        self.assertEqual(status, 0, output)
        self.assertEqual(broken, [], output)
        self.assertIn('[  PASSED  ]', output)

    def test_control_codes(self):
        self.check(64, 'ioctls')

    def test_control_codes_of_32_bits(self):
        self.check(32, 'ioctls')

    def test_handles(self):
        self.check(64, 'handles')

    def test_handles_of_32_bits(self):
        self.check(32, 'handles')


if __name__ == '__main__':
    unittest.main()
