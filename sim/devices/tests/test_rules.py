#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Breaks every rule that ends a virtual machine under Mvisor: the model must end with status 70 and name the rule.

test_rules.py MVISOR-DEVICE
"""
import struct
import sys
import unittest

import client
from client import COMMON, CONFIG, CONTEXT, NOTIFY, header

client.PROGRAM = sys.argv.pop(1)
PANIC = 70
OUTSIDE = client.RAM_BYTES
NOP = client.of_resource(0x202, 999)  # attaching what does not exist: the host does not care


class Rules(client.Case):
    def ends_by(self, rule, action):
        """action must end the device by the rule, and nothing before it did."""
        self.device.settle()
        with self.assertRaises(client.Gone):
            action()
            self.device.settle()
        self.assertEqual(self.device.wait(), PANIC)
        self.assertIn(f'mvisor-device: panic: {rule}: ', self.device.log)
        self.assertNotIn('runtime error', self.device.log)

    def offer(self, *pieces):
        """A buffer whose descriptors hold bytes, or so many empty ones; and the doorbell."""
        self.device.queues[0].add([
            (self.device.allocate(piece), len(piece)) if isinstance(piece, bytes) else
            (self.device.allocate(b'', piece), piece) for piece in pieces])
        self.device.queues[0].ring()

    def ends_by_buffer(self, rule, *pieces):
        self.start()
        self.ends_by(rule, lambda: self.offer(*pieces))

    def each(self, rule, values, action):
        for value in values:
            with self.subTest(value=value):
                self.start()
                self.ends_by(rule, lambda value=value: action(value))
                self.device.close()

    # ---- registers ----

    def test_registers_that_can_be_read(self):
        self.start()
        for offset, width in ((4, 4), (16, 2), (18, 2), (20, 1), (21, 1), (24, 2), (26, 2), (28, 2), (30, 2)):
            self.device.read(COMMON + offset, width)
        self.assertEqual(self.device.read(COMMON + 20, 1), 15)

    def test_reading_selectors_features_and_addresses(self):
        self.each('common-read', (0, 8, 12, 22, 32, 36, 40, 48), lambda at: self.device.read(COMMON + at, 2))

    def test_reading_in_the_middle_of_a_register(self):
        self.each('common-read', (19, 56), lambda at: self.device.read(COMMON + at, 1))

    def test_writing_behind_the_registers(self):
        self.start()
        self.ends_by('common-write', lambda: self.device.write(COMMON + 56, 2, 0))

    def test_disabling_a_queue(self):
        self.start()
        self.ends_by('queue-disable', lambda: self.device.write(COMMON + 28, 2, 0))

    def test_enabling_a_queue_twice(self):
        self.start()
        self.ends_by('queue-enabled-twice', lambda: self.device.write(COMMON + 28, 2, 1))

    def test_enabling_a_queue_outside_of_memory(self):
        def enable(register):
            self.device.write(COMMON + 20, 1, 0)
            self.device.write(COMMON + register, 4, OUTSIDE)
            self.device.write(COMMON + 28, 2, 1)
        self.each('queue-memory', (32, 40, 48), enable)

    def test_enabling_a_queue_without_entries(self):
        def enable(_):
            self.device.write(COMMON + 22, 2, 2)
            self.device.write(COMMON + 28, 2, 1)
        self.each('queue-memory', (2,), enable)

    def test_selecting_no_queue(self):
        self.start()
        self.device.write(COMMON + 22, 2, 64)
        self.ends_by('queue-select', lambda: self.device.read(COMMON + 24, 2))

    def test_reading_behind_the_configuration(self):
        self.start()
        self.assertEqual(self.device.read(CONFIG + 20, 2), 0)
        self.ends_by('config-read', lambda: self.device.read(CONFIG + 20, 4))

    def test_writing_the_configuration(self):
        self.start()
        self.ends_by('config-write', lambda: self.device.write(CONFIG, 1, 1))

    def test_ringing_no_doorbell(self):
        self.start()
        self.ends_by('notify', lambda: self.device.write(NOTIFY + 4 * 64, 2, 64))

    # ---- buffers ----

    def test_split_header(self):
        self.ends_by_buffer('command-split', NOP[:16], NOP[16:])

    def test_split_command(self):
        self.ends_by_buffer('command-split', NOP[:24], NOP[24:])

    def test_short_command(self):
        self.ends_by_buffer('command-split', client.create_context()[:-1])

    def test_split_response(self):
        self.ends_by_buffer('response-split', header(0x108) + bytes(8), 24, 16)

    def test_split_capset(self):
        self.ends_by_buffer('response-split', header(0x109) + struct.pack('<II', 1, 1), 24, 308)

    def test_no_response(self):
        self.each('response-split', (header(0x108) + bytes(8), header(0x109) + struct.pack('<II', 1, 1)), self.offer)

    def test_no_response_to_a_mapping(self):
        self.ends_by_buffer('response-split', client.of_resource(0x208, 1))

    def test_stream_in_the_header_s_descriptor(self):
        self.ends_by_buffer('submit-stream', client.submit(8) + bytes(8))

    def test_stream_that_begins_in_the_header_s_descriptor(self):
        self.ends_by_buffer('submit-stream', client.submit(4) + bytes(4), bytes(4))

    def test_stream_in_two_descriptors(self):
        self.ends_by_buffer('submit-stream', client.submit(8), bytes(4), bytes(4))

    def test_stream_and_a_response(self):
        self.ends_by_buffer('submit-stream', client.submit(8), bytes(8), 24)

    def test_no_stream(self):
        self.ends_by_buffer('submit-stream', client.submit(8))

    def test_stream_longer_than_its_descriptor(self):
        self.ends_by_buffer('submit-stream', client.submit(12), bytes(8))

    def test_commands_of_other_devices(self):
        """Display info, scanout, flush, EDID, UUID, scanout of a blob, cursor; and none at all."""
        self.each('unknown-command', (0x100, 0x103, 0x104, 0x10a, 0x10b, 0x10d, 0x20a, 0x300, 0x301, 0, 0xffffffff),
                  lambda kind: self.offer(header(kind) + bytes(64), 24))

    def test_capset_index(self):
        self.ends_by_buffer('capset-index', header(0x108) + struct.pack('<II', 2, 0), 40)

    def test_fence_of_no_context(self):
        self.ends_by_buffer('fence', client.of_resource(0x202, 1, CONTEXT, fence=1))

    def test_fence_behind_the_end_of_its_context(self):
        self.start()
        self.device.run(client.create_context())
        self.ends_by('fence', lambda: self.offer(header(0x201, CONTEXT, 1)))

    # ---- what the host does not survive ----

    def test_descriptors_that_do_not_exist(self):
        self.start()
        queue = self.device.queues[0]
        self.ends_by('descriptor', lambda: (queue.offer(client.QUEUE_SIZE), queue.ring()))

    def test_descriptors_in_a_circle(self):
        self.start()
        queue = self.device.queues[0]
        queue.describe(0, client.HEAP, 32, 1, 1)
        queue.describe(1, client.HEAP, 32, 1, 0)
        self.ends_by('descriptor', lambda: (queue.offer(0), queue.ring()))

    def test_list_outside_of_memory(self):
        self.start()
        queue = self.device.queues[0]
        queue.describe(0, OUTSIDE - 8, 16, 4)
        self.ends_by('descriptor', lambda: (queue.offer(0), queue.ring()))

    def test_buffer_outside_of_memory(self):
        self.start()
        queue = self.device.queues[0]
        self.ends_by('memory', lambda: (queue.add([(OUTSIDE - 16, 32)]), queue.ring()))

    def test_backing_outside_of_memory(self):
        self.start()
        self.device.run(client.create_context())
        self.device.run(client.create_texture(1, 16, 16))
        self.ends_by('memory', lambda: self.device.run(client.attach_backing(1, OUTSIDE - 4, 1024)))

    def test_reset_with_a_fence_in_flight(self):
        """A later fence retires it; the ring that it belongs to is gone by then."""
        self.start()
        self.device.run(client.create_context())
        self.device.post(client.of_resource(0x202, 1, fence=1 << 20))

        def reset_and_go_on():
            # One message, so that no tick comes in between: the doorbell, the reset, and then time.
            self.device.socket.sendall(f'writew {NOTIFY:#x} 0\nwriteb {COMMON + 20:#x} 0\n'.encode())
            for _ in range(100000):
                self.device.command(f'readb {COMMON + 20:#x}')
        self.ends_by('reset-in-flight', reset_and_go_on)


if __name__ == '__main__':
    unittest.main()
