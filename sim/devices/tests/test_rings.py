#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the Mvisor device model does with rings, interrupts, fences and responses.

test_rings.py MVISOR-DEVICE
"""
import struct
import sys
import time
import unittest

import client
from client import COMMON, CONTEXT, EVENT_IDX, VERSION_1, header

client.PROGRAM = sys.argv.pop(1)
NOP = client.of_resource(0x202, 999)  # attaching what does not exist: the host does not care


class Rings(client.Case):
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


class Fences(client.Case):
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

    def test_fences_wait_for_the_tick(self):
        """One after the other, each takes a tick of its own."""
        begin = time.monotonic()
        for fence in range(1, 51):
            self.post(fence)
            self.queue.ring()
            self.queue.wait(1 + fence)
        self.assertGreater(time.monotonic() - begin, 0.048)
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


class Responses(client.Case):
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
