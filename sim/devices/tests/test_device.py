#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the Mvisor device model does: its command line, its life, PCI and registers.

test_device.py MVISOR-DEVICE
"""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import client
from client import COMMON, CONFIG, EVENT_IDX, INDIRECT, ISR, NOTIFY, VERSION_1

client.PROGRAM = PROGRAM = sys.argv.pop(1)
NOP = client.of_resource(0x202, 999)  # attaching what does not exist: the host does not care
GIB = 1 << 30


class CommandLine(unittest.TestCase):
    def run_it(self, *arguments):
        result = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=client.SECONDS, check=False)
        return result.returncode, result.stdout

    def test_help(self):
        status, text = self.run_it('--help')
        self.assertEqual(status, 0)
        for option in ('--ram=', '--socket=', '--memory=', '--staging=', '--blob=', '--node='):
            self.assertIn(option, text)

    def test_wrong_values(self):
        for argument in ('--memory=1', '--memory=G', '--memory=-1G', '--memory=0G', '--memory=1GB', '--staging=yes',
                         '--blob=1', '--bolb=on', 'file'):
            status, text = self.run_it(argument)
            self.assertEqual(status, 2, text)
            self.assertIn(argument, text)

    def test_missing_options(self):
        self.assertEqual(self.run_it('--ram=x'), (2, 'mvisor-device: --socket= is missing; try --help\n'))
        self.assertEqual(self.run_it('--socket=x'), (2, 'mvisor-device: --ram= is missing; try --help\n'))

    def test_files_that_are_not_there(self):
        status, text = self.run_it('--ram=/nonexistent', '--socket=x')
        self.assertEqual((status, text), (1, 'mvisor-device: /nonexistent: No such file or directory\n'))
        with tempfile.NamedTemporaryFile() as ram:
            ram.truncate(4096)
            status, text = self.run_it(f'--ram={ram.name}', '--socket=/nonexistent/x')
        self.assertEqual(status, 1)
        self.assertIn('/nonexistent/x: ', text)


class Life(client.Case):
    def test_a_look_does_not_end_it(self):
        device = client.Device(PROGRAM)
        self.addCleanup(device.close)
        self.device = device
        self.assertTrue(device.command('inl 0xcfc').startswith('OK 0x'))
        device.socket.close()
        device.connect()
        device.start()
        self.end()

    def test_one_client_at_a_time(self):
        self.start()
        with socket.socket(socket.AF_UNIX) as second:
            second.connect(f'{self.device.folder}/bus')
            second.sendall(b'inl 0xcfc\n')
            second.settimeout(0.05)
            self.assertRaises(TimeoutError, second.recv, 64)
        self.end()

    def test_unknown_commands_are_refused(self):
        self.start()
        for line in ('clock_step', 'readx 0', 'readl', 'readl zero', 'writel 0', 'inq 0xcfc', 'x' * 200):
            self.assertTrue(self.device.command(line).startswith('FAIL '), line)
        self.assertEqual(self.device.command('irq_intercept_in ioapic'), 'OK')
        self.end()

    def test_ends_with_its_parent(self):
        device = client.Device(PROGRAM)  # for its memory and folder
        self.addCleanup(device.close)
        code = ('import subprocess,sys; p = subprocess.Popen(sys.argv[1:]); print(p.pid, flush=True); '
                'sys.stdin.read(1)')
        with subprocess.Popen([sys.executable, '-c', code, PROGRAM, f'--ram={device.path}',
                               f'--socket={device.folder}/other'], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
            child = int(parent.stdout.readline())
            end = time.monotonic() + client.SECONDS
            while not os.path.exists(f'{device.folder}/other') and time.monotonic() < end:
                time.sleep(0.01)
            parent.kill()
        while self.is_running(child) and time.monotonic() < end:
            time.sleep(0.01)
        self.assertFalse(self.is_running(child))

    @staticmethod
    def is_running(pid):
        try:
            with open(f'/proc/{pid}/stat', encoding='ascii') as file:
                return file.read().rpartition(')')[2].split()[0] not in 'ZX'
        except (FileNotFoundError, ProcessLookupError):
            return False


class Pci(client.Case):
    def setUp(self):
        self.start()
        self.addCleanup(self.end)

    def test_identity(self):
        read = self.device.config_read
        self.assertEqual([read(0, 4), read(0x2c, 4), read(8, 1)], [0x105b1af4, 0x11001af4, 1])
        self.assertEqual(read(0, 4, slot=3), 0xffffffff)

    def test_bars(self):
        sizes = []
        for bar in range(6):
            old = self.device.config_read(0x10 + 4 * bar, 4)
            self.device.config_write(0x10 + 4 * bar, 4, 0xffffffff)
            sizes.append(self.device.config_read(0x10 + 4 * bar, 4))
            self.device.config_write(0x10 + 4 * bar, 4, old)
        self.assertEqual(sizes, [0xffffff81, 0xfffff000, 0, 0, 0xffffc000, 0])

    def test_virtio_capabilities(self):
        found = {}
        offset = self.device.config_read(0x34, 1)
        while offset:
            if self.device.config_read(offset, 1) == 9:
                found[self.device.config_read(offset + 3, 1)] = (
                    self.device.config_read(offset + 4, 1), self.device.config_read(offset + 8, 4))
                if self.device.config_read(offset + 3, 1) == 2:
                    self.assertEqual(self.device.config_read(offset + 16, 4), 4)
            offset = self.device.config_read(offset + 1, 1)
        self.assertEqual({kind: found[kind] for kind in (1, 2, 3, 4)},
                         {1: (4, 0), 3: (4, 0x1000), 4: (4, 0x2000), 2: (4, 0x3000)})

    def test_message_masks(self):
        at = self.device.capability(0x11)
        self.assertEqual(self.device.config_read(at + 2, 2) & 0x7ff, 3)
        table = client.BARS[1]
        self.device.write(table + 12, 4, 1)
        self.device.run(NOP)
        self.assertFalse(self.device.message(0))
        self.device.write(table + 12, 4, 0)
        self.assertTrue(self.device.message(0))
        self.device.config_write(at + 2, 2, 0xc000)
        self.device.run(NOP, queue=1)
        self.assertFalse(self.device.message(1))
        self.device.config_write(at + 2, 2, 0x8000)
        self.assertTrue(self.device.message(1))


class Registers(client.Case):
    def test_features_and_queues(self):
        self.start()
        offered = 0
        for half in (0, 1):
            self.device.write(COMMON, 4, half)
            offered |= self.device.read(COMMON + 4, 4) << 32 * half
        self.assertEqual(offered, VERSION_1 | INDIRECT | EVENT_IDX)
        sizes = []
        for index in range(4):
            self.device.write(COMMON + 22, 2, index)
            sizes.append(self.device.read(COMMON + 24, 2))
            self.assertEqual(self.device.read(COMMON + 30, 2), index)
        self.assertEqual(sizes, [32768, 32768, 0, 0])
        self.end()

    def configuration(self):
        return struct.unpack('<BBIQQ', bytes(self.device.read(CONFIG + at, 1) for at in range(22)))

    def test_configuration(self):
        self.start()
        self.assertEqual(self.configuration(), (0, 2, 2, GIB, 0b1100011))
        self.end()

    def test_options_in_the_configuration(self):
        self.start('--memory=3G', '--staging=1', '--blob=on', '--node=/dev/dri/renderD128')
        self.assertEqual(self.configuration(), (1, 2, 2, 3 * GIB, 0b1101111))
        self.assertIn('--node=/dev/dri/renderD128 is not used', self.end())

    def test_reset(self):
        """Rings go, and with the next command what the renderer has; the driver's features and vectors stay."""
        self.start()
        self.device.run(client.create_context())
        self.device.run(client.create_texture(1, 16, 16))
        backing = client.attach_backing(1, self.device.allocate(bytes(1024)), 1024)
        self.device.run(backing)
        self.device.write(COMMON + 20, 1, 0)
        self.assertEqual(self.device.read(COMMON + 20, 1), 0)
        self.device.write(COMMON + 22, 2, 1)
        self.assertEqual([self.device.read(COMMON + at, 2) for at in (24, 26, 28)], [32768, 1, 0])
        self.device.write(NOTIFY, 2, 0)
        self.device.start()
        self.device.run(backing)
        log = self.end()
        self.assertIn('the doorbell of queue 0, which is not enabled', log)
        self.assertIn('backing for resource 1: it does not exist', log)

    def test_interrupt_status(self):
        self.start()
        self.assertEqual(self.device.read(ISR, 1), 0)
        self.device.run(NOP)
        self.assertEqual([self.device.read(ISR, 1), self.device.read(ISR, 1)], [1, 0])
        self.end()


if __name__ == '__main__':
    unittest.main()
