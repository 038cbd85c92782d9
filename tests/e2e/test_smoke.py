# SPDX-License-Identifier: MIT
"""The device as plain Win32 calls see it, and vgpu-run's own promises."""

import os
import re
import signal
import unittest

import harness

SMOKE = f'{harness.ROOT}/build/win64/sim/wine/tests/smoke.exe'
SMOKE32 = f'{harness.ROOT}/build/win32/sim/wine/tests/smoke.exe'
ENDING = f'{harness.ROOT}/build/win64/sim/wine/tests/ending.exe'


class Smoke(unittest.TestCase):
    def check(self, *arguments, device='qemu'):
        status, output, broken = harness.run(*arguments, device=device, limit=60)
        self.assertEqual(status, 0, output)
        self.assertEqual(broken, [], output)
        return output

    def test_message_interrupts(self):
        self.assertIn('0 failures', self.check(SMOKE))

    def test_line_interrupts(self):
        self.assertIn('0 failures', self.check('--interrupts=line', SMOKE))

    def test_32_bits(self):
        """The same program with 32 bits, on the same 64-bit driver."""
        output = self.check(SMOKE32)
        self.assertIn('a program of 32 bits', output)
        self.assertIn('0 failures', output)

    def test_ending(self):
        """A process ends although some of its threads were about to end by themselves."""
        for program in (ENDING, ENDING, ENDING.replace('/win64/', '/win32/')):
            self.assertIn('ending', self.check(program))

    def test_crash_at_the_end(self):
        """A driver that crashes while its device is removed: told, with the place, and no process hangs."""
        status, output, broken = harness.run(ENDING, 'crash', limit=50)
        self.assertEqual((status, broken), (97, ['violations 1']), output)
        base = re.search(r'driver 0*([0-9A-Fa-f]+), was 0x20', output)
        self.assertTrue(base, output)
        self.assertIn('simulator: exception 0xc0000005', output)
        self.assertRegex(output, rf'(?i)at the module at 0x0*{base.group(1)}\+0x[0-9a-f]+\n')
        self.assertIn('on its stack vgpusim.dll+0x', output)

    def test_no_device(self):
        self.assertIn('no device', self.check(SMOKE, 'none', device='none'))


class VgpuRun(unittest.TestCase):
    def test_exit_status(self):
        """The program's own, when nothing else went wrong."""
        status, output, _ = harness.run(SMOKE, device='none', limit=60)
        self.assertEqual(status, 1, output)

    def test_missing_program(self):
        status, output, _ = harness.run('/no/such/program.exe', limit=60)
        self.assertEqual(status, 125, output)
        self.assertIn('no such file', output)

    def test_ended_by_a_signal(self):
        """Everything that was started is stopped."""
        with harness.Stack(harness.DEMO, '--frames', '100000', limit=120) as stack:
            self.assertTrue(stack.wait_until(lambda: 'gl_renderer' in stack.output(), 60), stack.output())
            device = stack.device_process()
            os.kill(stack.process.pid, signal.SIGTERM)
            self.assertEqual(stack.wait(harness.STOP_TIME), 128 + signal.SIGTERM, stack.output())
            self.assertFalse(os.path.exists(f'/proc/{device}'))
            self.assertFalse([name for name in os.listdir('/dev/shm') if name.startswith(f'vgpu-run-{stack.process.pid}-')])


if __name__ == '__main__':
    unittest.main()
