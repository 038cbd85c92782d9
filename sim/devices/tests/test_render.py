#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""virgl through the Mvisor device model: pixels and bytes, with contiguous streams and backing.

test_render.py MVISOR-DEVICE
"""
import struct
import sys
import unittest

import client
from client import CONTEXT, header

client.PROGRAM = sys.argv.pop(1)
SIZE = 64
BYTES = 4 * SIZE * SIZE
GUARD = b'\xee' * 64
TEXTURE, BLOB = 7, 8
TO_HOST, FROM_HOST = 0x205, 0x206
WHOLE = (0, 0, 0, SIZE, SIZE, 1)
BLOB_BASE = 256 << 30
PERSISTENT, COHERENT = 2, 4  # virgl's resource flags


class Render(client.Case):
    def start(self, *options):
        super().start(*options)
        self.device.run(client.create_context())

    def make_texture(self):
        """A texture with backing between guards; the backing's address."""
        at = self.device.allocate(GUARD + bytes(BYTES) + GUARD) + len(GUARD)
        self.device.run(client.create_texture(TEXTURE, SIZE, SIZE))
        self.device.run(client.attach_backing(TEXTURE, at, BYTES))
        return at

    def pixels(self, at):
        self.assertEqual(bytes(self.device.ram[at - len(GUARD):at]), GUARD)
        self.assertEqual(bytes(self.device.ram[at + BYTES:at + BYTES + len(GUARD)]), GUARD)
        return bytes(self.device.ram[at:at + BYTES])

    def submit(self, stream, fence=None):
        queue = self.device.queues[0]
        before = len(queue.done())
        number = queue.add([(self.device.allocate(client.submit(len(stream), fence=fence)), 32),
                            (self.device.allocate(stream), len(stream))])
        queue.ring()
        self.assertEqual(queue.wait(before + 1)[before], (number, 0))

    def expect_colour(self, pixels, colour):
        for at in range(0, BYTES, 4):
            for got, wanted in zip(pixels[at:at + 4], colour):
                self.assertLessEqual(abs(got - wanted), 1, f'pixel {at // 4}: {pixels[at:at + 4].hex()}')

    def test_clear(self):
        self.start()
        at = self.make_texture()
        self.submit(client.clear_stream(1, TEXTURE, (0.25, 0.5, 0.75, 1.0)), fence=1)
        self.device.run(client.transfer(FROM_HOST, TEXTURE, WHOLE, 0, 4 * SIZE, fence=2))
        self.expect_colour(self.pixels(at), (191, 128, 64, 255))  # blue, green, red, alpha
        self.end()

    def test_transfer_of_a_part(self):
        self.start()
        at = self.make_texture()
        self.submit(client.clear_stream(1, TEXTURE, (0.0, 0.0, 0.0, 0.0)))
        self.device.ram[at:at + BYTES] = b'\x11\x22\x33\x44' * (SIZE * SIZE)
        self.device.run(client.transfer(TO_HOST, TEXTURE, (16, 8, 0, 24, 12, 1), 4 * (8 * SIZE + 16), 4 * SIZE))
        self.device.ram[at:at + BYTES] = b'\xff' * BYTES
        self.device.run(client.transfer(FROM_HOST, TEXTURE, WHOLE, 0, 4 * SIZE, fence=1))
        pixels = self.pixels(at)
        for y in range(SIZE):
            for x in range(SIZE):
                inside = 16 <= x < 40 and 8 <= y < 20
                self.assertEqual(pixels[4 * (y * SIZE + x):][:4], b'\x11\x22\x33\x44' if inside else bytes(4))
        self.end()

    def test_detached_backing_is_left_alone(self):
        self.start()
        at = self.make_texture()
        self.submit(client.clear_stream(1, TEXTURE, (1.0, 1.0, 1.0, 1.0)))
        self.device.run(client.of_resource(0x107, TEXTURE))
        self.device.run(client.transfer(FROM_HOST, TEXTURE, WHOLE, 0, 4 * SIZE))
        self.assertEqual(self.pixels(at), bytes(BYTES))
        other = self.device.allocate(GUARD + bytes(BYTES) + GUARD) + len(GUARD)
        self.device.run(client.attach_backing(TEXTURE, other, BYTES))
        self.device.run(client.transfer(FROM_HOST, TEXTURE, WHOLE, 0, 4 * SIZE, fence=1))
        self.assertEqual(self.pixels(other), b'\xff' * BYTES)
        self.assertEqual(self.pixels(at), bytes(BYTES))
        self.assertIn('a transfer from resource 7 fails', self.end())

    def test_2d(self):
        self.start()
        at = self.device.allocate(GUARD + b'\x01\x02\x03\x04' * (SIZE * SIZE) + GUARD) + len(GUARD)
        self.device.run(header(0x101, CONTEXT) + struct.pack('<IIII', TEXTURE, 1, SIZE, SIZE))
        self.device.run(client.attach_backing(TEXTURE, at, BYTES))
        self.device.run(header(0x105, CONTEXT) + struct.pack('<IIIIQII', 0, 0, SIZE, SIZE, 0, TEXTURE, 0))
        self.device.ram[at:at + BYTES] = bytes(BYTES)
        self.device.run(client.transfer(FROM_HOST, TEXTURE, WHOLE, 0, 4 * SIZE, fence=1))
        self.assertEqual(self.pixels(at), b'\x01\x02\x03\x04' * (SIZE * SIZE))
        self.assertEqual(self.end().count('fails'), 0)

    def test_a_stream_that_is_wrong(self):
        self.start()
        self.submit(struct.pack('<I', 0xff) * 4, fence=1)
        self.assertIn('a stream of context 1 with 16 bytes fails', self.end())

    # ---- blobs ----

    def map_blob(self):
        """A mapped buffer of 64 KiB in host memory; where the guest sees it, its size."""
        self.device.run(header(0x10c, CONTEXT) + struct.pack(
            '<IIIIQQ10I', BLOB, 2, 1, 0, 55, 65536, 64, 1 << 4, 0, 65536, 1, 1, 1, 0, 0, PERSISTENT | COHERENT))
        length, answer = self.device.run(client.of_resource(0x208, BLOB), 48)
        kind, *zeroes, _, address, size, pad = struct.unpack('<IIQIIIQQI', answer)
        self.assertEqual((length, kind, zeroes, pad), (0, 0x1106, [0, 0, 0, 0], 0))
        return address, size

    def test_blob_bytes_both_ways(self):
        self.start('--blob=on')
        address, size = self.map_blob()
        self.assertEqual((address, size), (BLOB_BASE, 65536))
        self.device.write(address + 4096, 8, 0x1122334455667788)
        self.assertEqual(self.device.read(address + 4100, 4), 0x11223344)
        # The renderer sees what the guest wrote: copied into a plain buffer and fetched from there.
        at = self.device.allocate(GUARD + bytes(BYTES) + GUARD) + len(GUARD)
        self.device.run(header(0x204, CONTEXT) + struct.pack(
            '<12I', TEXTURE, 0, 64, 1 << 4, BYTES, 1, 1, 1, 0, 0, 0, 0))
        self.device.run(client.attach_backing(TEXTURE, at, BYTES))
        self.copy(TEXTURE, 0, BLOB, 4096, 4096)
        self.device.run(client.transfer(FROM_HOST, TEXTURE, (0, 0, 0, BYTES, 1, 1), 0, 0, fence=1))
        self.assertEqual(self.pixels(at)[:8], struct.pack('<Q', 0x1122334455667788))
        # And the guest what the renderer wrote.
        self.device.ram[at:at + 4] = b'abcd'
        self.device.run(client.transfer(TO_HOST, TEXTURE, (0, 0, 0, BYTES, 1, 1), 0, 0))
        self.copy(BLOB, 8192, TEXTURE, 0, 4096)
        self.device.run(client.of_resource(0x202, TEXTURE, CONTEXT, fence=2))
        self.assertEqual(struct.pack('<I', self.device.read(address + 8192, 4)), b'abcd')
        self.end()

    def copy(self, target, target_at, source, source_at, length):
        """virgl: resource copy region."""
        self.submit(struct.pack('<14I', 17 | 13 << 16, target, 0, target_at, 0, 0, source, 0, source_at, 0, 0, length, 1, 1))

    def test_blob_windows_end(self):
        """By unmapping, and with their context; addresses are not used again."""
        self.start('--blob=on')
        address, _ = self.map_blob()
        self.device.run(client.of_resource(0x209, BLOB))
        self.assertEqual(self.device.read(address, 4), 0xffffffff)
        answer = self.device.run(client.of_resource(0x208, BLOB), 48)[1]
        second = struct.unpack_from('<Q', answer, 28)[0]
        self.assertEqual(second, address + 65536)
        self.device.write(second, 4, 1)
        self.assertEqual(self.device.read(second, 4), 1)
        self.device.run(header(0x201, CONTEXT))
        self.assertEqual(self.device.read(second, 4), 0xffffffff)
        self.end()

    def test_freeing_a_mapped_blob(self):
        self.start('--blob=on')
        self.map_blob()
        self.assertRaises(client.Gone, self.device.run, client.of_resource(0x102, BLOB))
        self.assertEqual(self.device.wait(), 70)
        self.assertIn('mvisor-device: panic: memory: ', self.device.log)


if __name__ == '__main__':
    unittest.main()
