# SPDX-License-Identifier: MIT
"""Starts mvisor-device and drives it: bus accesses, PCI, rings and commands, with nothing of the driver's."""
import mmap
import os
import secrets
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import unittest

RAM_BYTES = 64 << 20
SLOT = 2
BARS = {1: 0xc0000000, 4: 0xc0004000}
COMMON, ISR, CONFIG, NOTIFY = (BARS[4] + offset for offset in (0, 0x1000, 0x2000, 0x3000))
WIDTHS = {1: 'b', 2: 'w', 4: 'l', 8: 'q'}
SECONDS = 20
QUEUE_SIZE = 32768
INDIRECT, EVENT_IDX, VERSION_1 = 1 << 28, 1 << 29, 1 << 32
MESSAGES = 0x1000  # address of the vectors' words
RINGS = 0x100000
HEAP = 0x1000000
CONTEXT = 1
FENCE = 1


class Gone(Exception):
    """The device process closed the socket."""


class Queue:
    """A ring in guest RAM. Descriptors are never reused: no test needs so many."""

    def __init__(self, device, index, size=QUEUE_SIZE):
        self.device, self.index, self.size = device, index, size
        self.descriptors = RINGS + index * 0x100000
        self.available = self.descriptors + 16 * size
        self.used = (self.available + 6 + 2 * size + 3) & ~3
        device.ram[self.descriptors:self.used + 6 + 8 * size] = bytes(self.used + 6 + 8 * size - self.descriptors)
        self.next = 0

    def describe(self, slot, address, length, flags=0, following=0):
        struct.pack_into('<QIHH', self.device.ram, self.descriptors + 16 * slot, address, length, flags, following)

    def add(self, pieces):
        """Puts a chain of (address, length) into the ring; the buffer's id."""
        first = self.next
        self.next += len(pieces)
        for slot, (address, length) in enumerate(pieces, first):
            more = slot + 1 < self.next
            self.describe(slot, address, length, int(more), slot + 1 if more else 0)
        return self.offer(first)

    def offer(self, first):
        at = struct.unpack_from('<H', self.device.ram, self.available + 2)[0]
        struct.pack_into('<H', self.device.ram, self.available + 4 + 2 * (at % self.size), first)
        struct.pack_into('<H', self.device.ram, self.available + 2, (at + 1) & 0xffff)
        return first

    def ring(self):
        self.device.write(NOTIFY + 4 * self.index, 2, self.index)
        self.device.settle()

    def done(self):
        """[(id, length)] in the order of completion."""
        count = struct.unpack_from('<H', self.device.ram, self.used + 2)[0]
        return [struct.unpack_from('<II', self.device.ram, self.used + 4 + 8 * (i % self.size)) for i in range(count)]

    def wait(self, count, seconds=SECONDS):
        end = time.monotonic() + seconds
        while len(self.done()) < count:
            if time.monotonic() > end:
                raise TimeoutError(f'{len(self.done())} of {count} buffers are done')
            self.device.settle()
            time.sleep(0.0005)
        return self.done()


class Device:
    """A running device. `log` is what it printed, once it has ended."""

    def __init__(self, program, *options):
        self.folder = tempfile.mkdtemp(prefix='mvisor-test-')
        self.path = f'/dev/shm/mvisor-test-{os.getpid()}-{secrets.token_hex(4)}'
        with open(self.path, 'wb') as file:
            file.truncate(RAM_BYTES)
        with open(self.path, 'r+b') as file:
            self.ram = mmap.mmap(file.fileno(), RAM_BYTES)
        self.log = None
        self.heap = HEAP
        self.buffer = b''
        self.socket = None
        self.output = open(f'{self.folder}/log', 'wb')
        self.process = subprocess.Popen(
            [program, f'--ram={self.path}', f'--socket={self.folder}/bus', *options], stdin=subprocess.DEVNULL,
            stdout=self.output, stderr=self.output, env=dict(os.environ, LIBGL_ALWAYS_SOFTWARE='1', LP_NUM_THREADS='0'))
        try:
            self.connect()
        except BaseException:
            self.close()
            raise

    def connect(self):
        end = time.monotonic() + SECONDS
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(SECONDS)
            try:
                return self.socket.connect(f'{self.folder}/bus')
            except (FileNotFoundError, ConnectionRefusedError):
                self.socket.close()
                if self.process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def wait(self):
        """Its exit status, when it ends by itself."""
        status = self.process.wait(SECONDS)
        with open(f'{self.folder}/log', errors='replace') as file:
            self.log = file.read()
        return status

    def close(self):
        if not os.path.exists(self.path):
            return
        if self.socket:
            self.socket.close()
        self.process.terminate()
        self.process.wait()
        self.output.close()
        self.ram.close()
        os.unlink(self.path)
        shutil.rmtree(self.folder)

    # ---- the bus ----

    def command(self, line):
        try:
            self.socket.sendall(line.encode() + b'\n')
            while b'\n' not in self.buffer:
                got = self.socket.recv(4096)
                if not got:
                    raise Gone
                self.buffer += got
        except (BrokenPipeError, ConnectionResetError):
            raise Gone from None
        answer, self.buffer = self.buffer.split(b'\n', 1)
        return answer.decode()

    def read(self, address, width):
        return int(self.command(f'read{WIDTHS[width]} {address:#x}')[3:], 16)

    def write(self, address, width, value):
        assert self.command(f'write{WIDTHS[width]} {address:#x} {value:#x}') == 'OK'

    def settle(self):
        """What was asked for before is done when this returns, but for fences."""
        self.read(0, 1)

    def config_read(self, offset, width, slot=SLOT):
        self.command(f'outl 0xcf8 {0x80000000 | slot << 11 | offset & 0xfc:#x}')
        return int(self.command(f'in{WIDTHS[width]} {0xcfc + offset % 4:#x}')[3:], 16)

    def config_write(self, offset, width, value):
        self.command(f'outl 0xcf8 {0x80000000 | SLOT << 11 | offset & 0xfc:#x}')
        assert self.command(f'out{WIDTHS[width]} {0xcfc + offset % 4:#x} {value:#x}') == 'OK'

    # ---- bringing it up ----

    def capability(self, wanted):
        offset = self.config_read(0x34, 1)
        while offset and self.config_read(offset, 1) != wanted:
            offset = self.config_read(offset + 1, 1)
        return offset

    def place(self):
        """Addresses for the BARs, messages on."""
        for bar, address in BARS.items():
            self.config_write(0x10 + 4 * bar, 4, address)
        self.config_write(4, 2, 6)
        for vector in range(4):
            for field, value in enumerate((MESSAGES + 64 * vector, 0, 0x100 + vector, 0)):
                self.write(BARS[1] + 16 * vector + 4 * field, 4, value)
        self.config_write(self.capability(0x11) + 2, 2, 0x8000)

    def negotiate(self, features):
        self.write(COMMON + 20, 1, 0)
        self.write(COMMON + 20, 1, 3)
        for half in (0, 1):
            self.write(COMMON + 8, 4, half)
            self.write(COMMON + 12, 4, features >> 32 * half & 0xffffffff)
        self.write(COMMON + 20, 1, 11)

    def add_queue(self, index):
        queue = Queue(self, index)
        self.write(COMMON + 22, 2, index)
        self.write(COMMON + 26, 2, index)
        for register, address in ((32, queue.descriptors), (40, queue.available), (48, queue.used)):
            self.write(COMMON + register, 4, address)
            self.write(COMMON + register + 4, 4, 0)
        self.write(COMMON + 28, 2, 1)
        return queue

    def start(self, features=VERSION_1 | INDIRECT):
        self.place()
        self.negotiate(features)
        self.queues = [self.add_queue(index) for index in (0, 1)]
        self.write(COMMON + 20, 1, 15)
        return self

    def message(self, vector):
        """Whether the vector's message was sent since the last look."""
        at = MESSAGES + 64 * vector
        value = struct.unpack_from('<I', self.ram, at)[0]
        struct.pack_into('<I', self.ram, at, 0)
        return value == 0x100 + vector

    # ---- commands ----

    def allocate(self, content, room=None):
        """Guest memory of its own page(s) that begins with content; its address."""
        address = self.heap
        self.heap += (max(room or 0, len(content)) + 8191) & ~4095
        self.ram[address:address + len(content)] = content
        return address

    def post(self, body, response=0, queue=0):
        """Queues a command with room for a response; (id, address of the response)."""
        pieces = [(self.allocate(body), len(body))]
        answer = self.allocate(b'', response) if response else None
        if response:
            pieces.append((answer, response))
        return self.queues[queue].add(pieces), answer

    def run(self, body, response=0, queue=0):
        """Carries one command out; (used length, bytes of the response)."""
        ring = self.queues[queue]
        before = len(ring.done())
        number, answer = self.post(body, response, queue)
        ring.ring()
        done = ring.wait(before + 1)[before]
        assert done[0] == number
        return done[1], bytes(self.ram[answer:answer + response]) if response else b''


PROGRAM = ''  # the path of mvisor-device, for Case


class Case(unittest.TestCase):
    """A test with a device that is started, and ended by its client's going away."""

    def start(self, *options, features=VERSION_1 | INDIRECT):
        self.device = Device(PROGRAM, *options)
        self.addCleanup(self.device.close)
        return self.device.start(features)

    def end(self):
        """What the device has printed."""
        self.device.socket.close()
        self.assertEqual(self.device.wait(), 0)
        self.assertNotIn('runtime error', self.device.log)
        return self.device.log


def header(kind, context=0, fence=None):
    return struct.pack('<IIQII', kind, 0 if fence is None else FENCE, fence or 0, context, 0)


def create_context(context=CONTEXT, capset=2, fence=None):
    return header(0x200, context, fence) + struct.pack('<II64s', 4, capset, b'test')


def create_texture(resource, width, height, context=CONTEXT):
    return header(0x204, context) + struct.pack('<12I', resource, 2, 1, 2 | 8, width, height, 1, 1, 0, 0, 0, 0)


def attach_backing(resource, address, size, context=CONTEXT):
    return header(0x106, context) + struct.pack('<IIQI', resource, 1, address, size)


def of_resource(kind, resource, context=CONTEXT, fence=None):
    return header(kind, context, fence) + struct.pack('<II', resource, 0)


def submit(size, context=CONTEXT, fence=None):
    return header(0x207, context, fence) + struct.pack('<II', size, 0)


def transfer(kind, resource, box, offset, stride, fence=None, context=CONTEXT):
    return header(kind, context, fence) + struct.pack('<6IQ4I', *box, offset, resource, 0, stride, stride * box[4])


def clear_stream(surface, resource, colour):
    """virgl: a surface of the texture as the framebuffer, cleared."""
    def begin(command, kind, length):
        return command | kind << 8 | length << 16
    return struct.pack('<6I4I2I4fdI', begin(1, 8, 5), surface, resource, 1, 0, 0, begin(5, 0, 3), 1, 0, surface,
                       begin(7, 0, 8), 4, *colour, 1.0, 0)
