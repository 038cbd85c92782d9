# SPDX-License-Identifier: MIT
"""The demo through the whole stack."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

import harness


class Demo(unittest.TestCase):
    device = 'qemu'

    def check(self, bits, modules):
        out = tempfile.mkdtemp(prefix='vgpu-e2e-demo-')
        self.addCleanup(shutil.rmtree, out, ignore_errors=True)
        result = subprocess.run([f'{harness.ROOT}/demo/run-demo.sh', '--frames', '60', '--device', self.device,
                                 '--bits', str(bits), '--out', out],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        self.assertEqual(result.returncode, 0, result.stdout)
        with open(f'{out}/report.json', encoding='utf-8') as file:
            report = json.load(file)
        self.assertEqual(report['frames_compared'], 60)
        self.assertGreaterEqual(report['psnr_readback_db'], 40)
        if bits == 64:  # Wine 8 does not show what a 32-bit program draws with GDI
            self.assertGreaterEqual(report['psnr_window_db'], 40)
        self.assertEqual(len(report['sha256']), modules)
        self.assertTrue(os.path.getsize(f'{out}/demo.png') > 0)

    def test_pixels_and_report(self):
        """Every frame as the native renderer draws it, the window as read back, the built binaries in use."""
        self.check(64, 3)

    def test_32_bits(self):
        """The frames read back, by a 32-bit program with the 32-bit DLLs."""
        self.check(32, 2)


class DemoOnMvisor(Demo):
    device = 'mvisor'


class Arguments(unittest.TestCase):
    def test_bad_arguments(self):
        """The program says what is wrong, and ends with status 2."""
        status, output, _ = harness.run(harness.DEMO, '--frames', 'many', device='none', limit=60)
        self.assertEqual(status, 2, output)
        self.assertIn("bad or missing value 'many' for --frames", output)


if __name__ == '__main__':
    unittest.main()
