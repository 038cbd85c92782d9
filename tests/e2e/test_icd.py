# SPDX-License-Identifier: MIT
"""The OpenGL driver's own programs: every kind of pixel format, the end of memory, no device."""

import subprocess
import unittest

import harness


class Icd(unittest.TestCase):
    device = 'qemu'

    def check(self, program):
        path = f'{harness.ROOT}/build/win64/icd/client/{program}.exe'
        status, output, broken = harness.run(path, device=self.device, limit=180)
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
        for bits in (64, 32):
            with self.subTest(bits=bits):
                path = f'{harness.ROOT}/build/win{bits}/icd/client/icd_no_device.exe'
                status, output, broken = harness.run(path, device='none', limit=180)
                self.assertEqual(status, 0, output)
                self.assertEqual(broken, [], output)


class Refusal(unittest.TestCase):
    def test_refused_stream(self):
        """A host that refuses a stream goes on answering fences: the program is told by the next SwapBuffers all the same."""
        result = subprocess.run(
            [f'{harness.ROOT}/vgpu-run', '--device=mvisor', '--device-option=refuse=12', '--timeout=120',
             f'{harness.ROOT}/build/win64/icd/client/icd_textures.exe', '100'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', timeout=180,
            check=False)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn('the host refused a command', result.stdout)
        self.assertRegex(result.stdout, r'textures: frame \d is not drawn')


if __name__ == '__main__':
    unittest.main()
