#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the Mvisor device model does: its command line, PCI, registers, rings, interrupts, fences and responses.

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
from client import COMMON, CONFIG, CONTEXT, EVENT_IDX, INDIRECT, ISR, NOTIFY, VERSION_1, header

PROGRAM = sys.argv.pop(1)
NOP = client.of_resource(0x202, 999)  # attaching what does not exist: the host does not care
GIB = 1 << 30


class Case(unittest.TestCase):
    def start(self, *options, features=VERSION_1 | INDIRECT):
        self.device = client.Device(PROGRAM, *options)
        self.addCleanup(self.device.close)
        return self.device.start(features)

    def end(self):
        """The client goes away; what the device has printed."""
        self.device.socket.close()
        self.assertEqual(self.device.wait(), 0)
        self.assertNotIn('runtime error', self.device.log)
        return self.device.log


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


class Life(Case):
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


class Pci(Case):
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


class Registers(Case):
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
        self.device.run(client.create_context())
        self.device.write(COMMON + 20, 1, 0)
        self.assertEqual(self.device.read(COMMON + 20, 1), 0)
        self.device.write(COMMON + 22, 2, 1)
        self.assertEqual([self.device.read(COMMON + at, 2) for at in (24, 26, 28)], [32768, 1, 0])
        self.device.write(NOTIFY, 2, 0)
        self.device.start()
        self.device.run(client.create_texture(1, 16, 16))
        self.device.run(client.transfer(0x206, 1, (0, 0, 0, 16, 16, 1), 0, 64))
        log = self.end()
        self.assertIn('the doorbell of queue 0, which is not enabled', log)
        self.assertIn('a transfer from resource 1 fails', log)

    def test_interrupt_status(self):
        self.start()
        self.assertEqual(self.device.read(ISR, 1), 0)
        self.device.run(NOP)
        self.assertEqual([self.device.read(ISR, 1), self.device.read(ISR, 1)], [1, 0])
        self.end()


class Rings(Case):
    def batch(self, count, queue=0, **options):
        for _ in range(count):
            self.device.post(NOP, queue=queue, **options)
        self.device.queues[queue].ring()

    def test_every_queue_takes_every_command(self):
        self.start()
        for queue in (0, 1):
            self.assertEqual(self.device.run(header(0x108) + bytes(8), 40, queue)[0], 40)
            self.assertTrue(self.device.message(queue))
        self.end()

    def test_event_index_signals_one_step_only(self):
        self.start(features=VERSION_1 | EVENT_IDX)
        queue = self.device.queues[0]

        def set_used_event(value):
            struct.pack_into('<H', self.device.ram, queue.available + 4 + 2 * queue.size, value)
        set_used_event(0)
        self.batch(1)
        self.assertTrue(self.device.message(0))
        set_used_event(1)
        self.batch(2)
        self.assertEqual(len(queue.done()), 3)
        self.assertFalse(self.device.message(0))  # the specification wants one; this host loses it
        set_used_event(3)
        self.batch(1)
        self.assertTrue(self.device.message(0))
        self.assertEqual(struct.unpack_from('<H', self.device.ram, queue.used + 4 + 8 * queue.size)[0], 4)
        self.end()

    def test_flag_suppresses_messages(self):
        self.start()
        queue = self.device.queues[0]
        self.batch(2)
        self.assertTrue(self.device.message(0))
        struct.pack_into('<H', self.device.ram, queue.available, 1)
        self.batch(2)
        self.assertFalse(self.device.message(0))
        self.assertEqual(len(queue.done()), 4)
        self.end()

    def test_no_vector(self):
        self.start()
        self.device.write(COMMON + 22, 2, 0)
        self.device.write(COMMON + 26, 2, 0xffff)
        self.batch(1)
        self.assertFalse(self.device.message(0))
        self.assertIn('no vector', self.end())

    def test_lists_of_descriptors(self):
        self.start()
        body = header(0x108) + struct.pack('<II', 1, 0)
        command, answer = self.device.allocate(body), self.device.allocate(b'', 40)
        table = self.device.allocate(struct.pack('<QIHHQIHH', command, 32, 1, 1, answer, 40, 2, 0))
        queue = self.device.queues[0]
        queue.describe(5, table, 32, 4)
        queue.offer(5)
        queue.ring()
        self.assertEqual(queue.done(), [(5, 40)])
        self.assertEqual(struct.unpack_from('<I', self.device.ram, answer + 24)[0], 2)
        self.end()


class Fences(Case):
    def setUp(self):
        self.start()
        self.device.run(client.create_context())
        self.queue = self.device.queues[0]

    def post(self, fence):
        return self.device.post(client.of_resource(0x202, 999, CONTEXT, fence))[0]

    def test_unfenced_buffers_overtake(self):
        first, second = self.post(1), self.post(None)
        self.queue.ring()
        done = [number for number, _ in self.queue.wait(3)]
        self.assertEqual(done[1:], [second, first])
        self.end()

    def test_a_message_when_a_fence_retires(self):
        self.device.message(0)
        self.post(1)
        self.queue.ring()
        self.queue.wait(2)
        self.device.settle()
        self.assertTrue(self.device.message(0))
        self.end()

    def test_fence_0_is_none(self):
        self.post(0)
        self.queue.ring()
        self.assertEqual(len(self.queue.done()), 2)
        self.end()

    def test_numbers_above_32_bits_never_retire(self):
        lost = self.post((1 << 32) + 5)
        last = self.post((1 << 32) - 1)
        self.queue.ring()
        self.assertEqual([number for number, _ in self.queue.wait(2)][1:], [last])
        self.assertRaises(TimeoutError, self.queue.wait, 3, 0.1)
        self.assertNotIn(lost, dict(self.queue.done()))
        self.end()

    def test_many(self):
        numbers = [self.post(fence) for fence in range(1, 301)]
        self.queue.ring()
        self.assertEqual([number for number, _ in self.queue.wait(301)][1:], numbers)
        self.end()


class Responses(Case):
    def setUp(self):
        self.start()

    def test_capsets(self):
        for index, (capset, size) in enumerate(((1, 308), (2, None))):
            length, answer = self.device.run(header(0x108) + struct.pack('<II', index, 0), 40)
            kind, *rest = struct.unpack('<IIQIIIIII', answer)
            self.assertEqual((length, kind, rest[:4], rest[4]), (40, 0x1102, [0, 0, 0, 0], capset))
            room = rest[6]
            self.assertIn(size, (None, room))
            length, answer = self.device.run(header(0x109, fence=None) + struct.pack('<II', capset, rest[5]), 24 + room)
            self.assertEqual((length, answer[:24]), (24 + room, struct.pack('<IIQII', 0x1103, 0, 0, 0, 0)))
            self.assertTrue(any(answer[24:]))
        self.end()

    def test_a_capset_that_does_not_exist(self):
        length, answer = self.device.run(header(0x109) + struct.pack('<II', 9, 0), 24)
        self.assertEqual((length, answer[:4]), (0, struct.pack('<I', 0x1205)))
        self.end()

    def test_nothing_else_responds(self):
        """In success and in failure: the length is 0 and the memory stays as it was."""
        backing = self.device.allocate(b'', 65536)
        commands = [client.create_context(), client.create_context(0), client.create_context(2, 0),
                    client.create_texture(1, 64, 64), client.create_texture(1, 64, 64),
                    client.attach_backing(1, backing, 16384), client.attach_backing(1, backing, 16384),
                    client.attach_backing(9, backing, 16384), client.of_resource(0x202, 9),
                    client.transfer(0x205, 1, (0, 0, 0, 64, 64, 1), 0, 256),
                    client.transfer(0x205, 9, (0, 0, 0, 64, 64, 1), 0, 256),
                    client.of_resource(0x107, 1), client.of_resource(0x107, 1), client.of_resource(0x208, 1),
                    client.of_resource(0x209, 1), client.of_resource(0x102, 1), client.of_resource(0x102, 1),
                    header(0x201, CONTEXT), header(0x201, CONTEXT)]
        for body in commands:
            response = self.device.allocate(b'\xa5' * 64)
            before = len(self.device.queues[0].done())
            number = self.device.queues[0].add([(self.device.allocate(body), len(body)), (response, 64)])
            self.device.queues[0].ring()
            self.assertEqual(self.device.queues[0].done()[before:], [(number, 0)])
            self.assertEqual(bytes(self.device.ram[response:response + 64]), b'\xa5' * 64)
        log = self.end()
        for line in ('context 0 with', 'context 2 with context_init 0', 'it has one', 'resource 9: it does not exist',
                     'to resource 9 fails', 'resource 1 has no backing to detach', 'blob 1 is not mapped'):
            self.assertIn(line, log)


if __name__ == '__main__':
    unittest.main()
