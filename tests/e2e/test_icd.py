# SPDX-License-Identifier: MIT
"""The OpenGL driver's own programs: every kind of pixel format, the end of memory, no device."""

import unittest

import harness

FOLDER = f'{harness.ROOT}/build/win64/icd/client'


class Icd(unittest.TestCase):
    device = 'qemu'

    def check(self, program):
        status, output, broken = harness.run(f'{FOLDER}/{program}.exe', device=self.device, limit=180)
        self.assertEqual(status, 0, output)
        self.assertEqual(broken, [], output)

    def test_pixel_formats(self):
        """Formats of every kind draw, resize and show the right pixels."""
        self.check('icd_pixel_formats')

    def test_out_of_memory(self):
        """GL_OUT_OF_MEMORY is reported, and the program draws on."""
        self.check('icd_out_of_memory')


class IcdOnMvisor(Icd):
    device = 'mvisor'


class NoDevice(unittest.TestCase):
    def test_no_device(self):
        """No format, no context, no crash."""
        status, output, broken = harness.run(f'{FOLDER}/icd_no_device.exe', device='none', limit=180)
        self.assertEqual(status, 0, output)
        self.assertEqual(broken, [], output)


if __name__ == '__main__':
    unittest.main()
