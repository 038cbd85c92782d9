# SPDX-License-Identifier: MIT
"""What WGL promises: contexts, windows, pixel formats and pixel buffers, by pixels that are read back."""

import unittest

import harness

PROGRAM = f'{harness.ROOT}/build/win64/tests/e2e/wgl.exe'
# Wine 8 shows nothing of what a 32-bit program draws with GDI, so that there is nothing to read from the window.
NEEDS_GDI = ('gdi-over',)


class Wgl(unittest.TestCase):
    device, program = 'qemu', PROGRAM

    def test_cases(self):
        status, output, broken = harness.run(self.program, device=self.device, limit=240)
        said = output.splitlines()
        failed = [line for line in said if line.startswith('FAILED')]
        if '/win32/' in self.program:
            failed = [line for line in failed if not line.split()[1].startswith(NEEDS_GDI)]
        self.assertEqual(failed, [], output)
        self.assertGreaterEqual(sum(line.startswith('ok ') for line in said), 25, output)
        self.assertTrue(said[-1].endswith(' cases failed'), output)
        self.assertIn(status, (0, 1))
        self.assertEqual(broken, [], output)


class WglOnMvisor(Wgl):
    device = 'mvisor'


class Wgl32(Wgl):
    program = PROGRAM.replace('/win64/', '/win32/')


if __name__ == '__main__':
    unittest.main()
