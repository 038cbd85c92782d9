#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Recordings of the Mvisor device model, and their replay in a fresh renderer.

test_recording.py MVISOR-DEVICE MVISOR-REPLAY
"""
import os
import re
import signal
import struct
import subprocess
import sys
import time
import unittest

import client
from client import CONTEXT, header

client.PROGRAM = sys.argv.pop(1)
REPLAY = sys.argv.pop(1)
SIZE = 64
BYTES = 4 * SIZE * SIZE
TEXTURE, OTHER = 7, 8
TO_HOST, FROM_HOST = 1, 2
COLOUR = (0.25, 0.5, 0.75, 1.0)
PIXEL = (191, 128, 64, 255)  # blue, green, red, alpha


def transfer(direction, resource, size=SIZE):
    """virgl's TRANSFER3D: all of a texture, from or to its backing."""
    return struct.pack('<14I', 43 | 13 << 16, resource, 0, 0, 4 * size, 0, 0, 0, 0, size, size, 1, 0, direction)


def destroy(handle, kind=8):
    return struct.pack('<2I', 3 | kind << 8 | 1 << 16, handle)


def copy_transfer(to, staging):
    """virgl's COPY_TRANSFER3D: all of a texture from a staging buffer."""
    return struct.pack('<15I', 45 | 14 << 16, to, 0, 0, 4 * SIZE, 0, 0, 0, 0, SIZE, SIZE, 1, staging, 0, 1)


class Recording(client.Case):
    def start(self, *options):
        self.path = f'{os.environ.get("TMPDIR", "/tmp")}/mvisor-recording-{os.getpid()}'
        self.addCleanup(lambda: os.path.exists(self.path) and os.unlink(self.path))
        super().start(f'--record={self.path}', *options)
        self.device.run(client.create_context())

    def texture(self, resource, content=bytes(BYTES)):
        at = self.device.allocate(content)
        self.device.run(client.create_texture(resource, SIZE, SIZE))
        self.device.run(client.attach_backing(resource, at, BYTES))
        return at

    def submit(self, stream):
        queue = self.device.queues[0]
        before = len(queue.done())
        queue.add([(self.device.allocate(client.submit(len(stream))), 32), (self.device.allocate(stream), len(stream))])
        queue.ring()
        queue.wait(before + 1)

    def record(self):
        self.device.settle()
        os.kill(self.device.process.pid, signal.SIGUSR1)
        end = time.monotonic() + client.SECONDS
        while not os.path.exists(self.path):
            self.assertLess(time.monotonic(), end, 'no recording')
            time.sleep(0.01)

    def replay(self, status=0):
        result = subprocess.run([REPLAY, self.path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
                                check=False)
        self.assertEqual(result.returncode, status, result.stdout)
        return result.stdout

    def differences(self):
        """{texture: words that differ}"""
        found = re.findall(r'texture (\d+) width 64 height 64 words 4096 different (\d+)', self.replay())
        return {int(texture): int(different) for texture, different in found}

    def test_same_picture(self):
        """A clear that was read back: the fresh renderer reads back the same."""
        self.start()
        at = self.texture(TEXTURE)
        self.submit(client.clear_stream(1, TEXTURE, COLOUR) + transfer(FROM_HOST, TEXTURE))
        self.assertEqual(tuple(self.device.ram[at:at + 4]), PIXEL)
        self.record()
        self.assertEqual(self.differences(), {TEXTURE: 0})

    def test_the_last_one_is_named(self):
        self.start()
        self.texture(TEXTURE)
        self.texture(OTHER)
        self.submit(client.clear_stream(1, TEXTURE, COLOUR) + transfer(FROM_HOST, OTHER))
        self.submit(transfer(FROM_HOST, TEXTURE))
        self.record()
        output = self.replay()
        self.assertIn('texture 7 width 64 height 64 words 4096 different 0 last\n', output)
        self.assertIn('texture 8 width 64 height 64 words 4096 different 0\n', output)

    def test_another_picture(self):
        """The comparison can fail: the guest changes two pixels of what it was given."""
        self.start()
        at = self.texture(TEXTURE)
        self.submit(client.clear_stream(1, TEXTURE, COLOUR) + transfer(FROM_HOST, TEXTURE))
        self.device.ram[at + 40:at + 48] = b'\xff' * 8
        self.record()
        self.assertEqual(self.differences(), {TEXTURE: 2})

    def test_backing_is_taken_along(self):
        """A texture's contents come from its backing again."""
        self.start()
        content = os.urandom(BYTES)
        at = self.texture(TEXTURE, content)
        to = self.texture(OTHER)
        copy = struct.pack('<14I', 17 | 13 << 16, OTHER, 0, 0, 0, 0, TEXTURE, 0, 0, 0, 0, SIZE, SIZE, 1)
        self.submit(transfer(TO_HOST, TEXTURE) + copy + transfer(FROM_HOST, OTHER))
        self.assertEqual(bytes(self.device.ram[to:to + BYTES]), content)
        self.assertEqual(bytes(self.device.ram[at:at + BYTES]), content)
        self.record()
        self.assertEqual(self.differences(), {OTHER: 0})

    def test_what_is_gone_is_not_replayed(self):
        """Commands that name a destroyed resource or object are dropped; the rest gives the picture."""
        self.start()
        self.texture(TEXTURE)
        self.texture(OTHER)
        self.submit(client.clear_stream(1, TEXTURE, COLOUR) + transfer(FROM_HOST, TEXTURE))
        self.submit(client.clear_stream(2, OTHER, (1, 0, 0, 1)) + transfer(FROM_HOST, OTHER) + destroy(2))
        self.device.run(client.of_resource(0x102, OTHER))
        self.record()
        output = self.replay()
        self.assertEqual(self.differences(), {TEXTURE: 0})
        # of the second stream: surface, framebuffer, read-back and the destruction
        self.assertIn('streams 2 commands 9 dropped 4 transfers 2\n', output)

    def test_staging_is_seen(self):
        """Copy transfers are counted, and nothing with one is replayed."""
        self.start('--staging=1')
        content = os.urandom(BYTES)
        at = self.texture(TEXTURE)
        self.device.run(header(0x204, CONTEXT) + struct.pack('<12I', OTHER, 0, 64, 1 << 19, BYTES, 1, 1, 1, 0, 0, 0, 0))
        self.device.run(client.attach_backing(OTHER, self.device.allocate(content), BYTES))
        self.submit(copy_transfer(TEXTURE, OTHER) + transfer(FROM_HOST, TEXTURE))
        self.assertEqual(bytes(self.device.ram[at:at + BYTES]), content)
        self.record()
        self.assertIn('copy-transfers 1:', self.replay(status=1))

    def test_ended_contexts_are_forgotten(self):
        self.start()
        self.texture(TEXTURE)
        self.submit(client.clear_stream(1, TEXTURE, COLOUR))
        self.device.run(header(0x201, CONTEXT))
        self.record()
        self.assertIn('streams 0 commands 0', self.replay())

    def test_refusal(self):
        """--refuse: a stream that is not carried out, and is not replayed."""
        self.start('--refuse=2')
        at = self.texture(TEXTURE)
        self.submit(client.clear_stream(1, TEXTURE, COLOUR) + transfer(FROM_HOST, TEXTURE))
        self.submit(client.clear_stream(2, TEXTURE, (1, 1, 1, 1)) + transfer(FROM_HOST, TEXTURE))
        self.assertEqual(tuple(self.device.ram[at:at + 4]), PIXEL)
        self.record()
        self.assertIn('streams 1 ', self.replay())

    def test_no_recording(self):
        self.path = '/dev/null'
        self.assertIn('is no recording', self.replay(status=1))


if __name__ == '__main__':
    unittest.main()
