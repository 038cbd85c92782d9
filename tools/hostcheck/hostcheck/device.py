# SPDX-License-Identifier: MIT
"""The virtio-gpu device of a Session (virtio 1.2, 4.1 and 5.7): its features, capability sets and host-visible memory."""
import struct
import time

from .qtest import ANSWER_SECONDS, Silent

SLOT = 2
DEVICE_ID = 0x10501af4
CAPABILITY_VENDOR = 9
COMMON, NOTIFY, DEVICE, SHARED_MEMORY = 1, 2, 4, 8
WINDOW = 0xe0000000  # where the register BAR is put: free in QEMU's q35
DESCRIPTORS, AVAILABLE, USED, REQUEST, ANSWER = 0x100000, 0x101000, 0x102000, 0x110000, 0x120000
FEATURES = {0: 'VIRGL', 1: 'EDID', 2: 'RESOURCE_UUID', 3: 'RESOURCE_BLOB', 4: 'CONTEXT_INIT', 32: 'VERSION_1'}
GET_CAPSET_INFO, GET_CAPSET = 0x108, 0x109
OK_CAPSET_INFO, OK_CAPSET = 0x1102, 0x1103
CAPSETS = {1: 'virgl', 2: 'virgl2', 3: 'gfxstream', 4: 'venus', 5: 'cross-domain', 6: 'drm'}
HEADER = struct.Struct('<IIQII')
MAX_CAPSETS, MAX_CAPSET_BYTES = 32, 1 << 16


class Nonsense(Exception):
    """The device does not keep to the specification: in words."""


class Device:
    def __init__(self, session):
        self.session = session
        if session.config_read(SLOT, 0, 4) != DEVICE_ID:
            raise Nonsense(f'PCI device {session.config_read(SLOT, 0, 4):#x}')
        self.places, self.host_visible = {}, 0
        self._read_capabilities()
        if not {COMMON, NOTIFY, DEVICE} <= self.places.keys():
            raise Nonsense('registers are missing')
        self._place()
        self.features = self._start()
        self.queue_index = 0

    def _read_capabilities(self):
        session = self.session
        at = session.config_read(SLOT, 0x34, 1)
        for _ in range(48):
            if not at:
                break
            if session.config_read(SLOT, at, 1) == CAPABILITY_VENDOR:
                kind, bar, offset, length = (session.config_read(SLOT, at + where, width)
                                             for where, width in ((3, 1), (4, 1), (8, 4), (12, 4)))
                if kind == SHARED_MEMORY:
                    if session.config_read(SLOT, at + 5, 1) == 1:
                        self.host_visible = length | session.config_read(SLOT, at + 20, 4) << 32
                else:
                    self.places.setdefault(kind, (bar, offset, at))
            at = session.config_read(SLOT, at + 1, 1)

    def _place(self):
        bars = {self.places[kind][0] for kind in (COMMON, NOTIFY, DEVICE)}
        if len(bars) != 1:
            raise Nonsense('registers in several BARs')
        bar = 0x10 + 4 * bars.pop()
        self.session.config_write(SLOT, bar, 4, WINDOW)
        if self.session.config_read(SLOT, bar, 4) & 4:
            self.session.config_write(SLOT, bar + 4, 4, 0)
        self.session.config_write(SLOT, 4, 2, 6)
        self.common, self.notify, self.config = (WINDOW + self.places[kind][1] for kind in (COMMON, NOTIFY, DEVICE))
        self.multiplier = self.session.config_read(SLOT, self.places[NOTIFY][2] + 16, 4)

    def _start(self):
        """Negotiates everything known that is offered; the features' bits."""
        session, common = self.session, self.common
        for status in (0, 3):
            session.write(common + 20, 1, status)
        offered = 0
        for half in (0, 1):
            session.write(common, 4, half)
            offered |= session.read(common + 4, 4) << 32 * half
        wanted = offered & sum(1 << bit for bit in FEATURES)
        for half in (0, 1):
            session.write(common + 8, 4, half)
            session.write(common + 12, 4, wanted >> 32 * half & 0xffffffff)
        session.write(common + 20, 1, 11)
        if not session.read(common + 20, 1) & 8:
            raise Nonsense('it refuses its own features')
        session.write(common + 22, 2, 0)
        self.queue_size = session.read(common + 24, 2)
        session.write_memory(DESCRIPTORS, bytes(0x3000))
        for register, address in ((32, DESCRIPTORS), (40, AVAILABLE), (48, USED)):
            session.write(common + register, 4, address)
            session.write(common + register + 4, 4, 0)
        self.doorbell = self.notify + session.read(common + 30, 2) * self.multiplier
        session.write(common + 28, 2, 1)
        session.write(common + 20, 1, 15)
        return offered

    def feature_names(self):
        return [name for bit, name in FEATURES.items() if self.features >> bit & 1]

    def _ask(self, kind, body, answer_bytes, expected):
        session = self.session
        request = HEADER.pack(kind, 0, 0, 0, 0) + body
        session.write_memory(REQUEST, request)
        chain = (REQUEST, len(request), 1, 1, ANSWER, HEADER.size + answer_bytes, 2, 0)
        session.write_memory(DESCRIPTORS, struct.pack('<QIHHQIHH', *chain))
        session.write_memory(AVAILABLE + 4 + 2 * (self.queue_index % self.queue_size), struct.pack('<H', 0))
        self.queue_index += 1
        session.write_memory(AVAILABLE, struct.pack('<HH', 1, self.queue_index))
        session.write(self.doorbell, 2, 0)
        end = time.monotonic() + ANSWER_SECONDS
        while struct.unpack('<H', session.read_memory(USED + 2, 2))[0] != self.queue_index:
            if time.monotonic() > end:
                raise Silent(session.output())
            time.sleep(0.01)
        answer = session.read_memory(ANSWER, HEADER.size + answer_bytes)
        got = HEADER.unpack_from(answer)[0]
        if got != expected:
            raise Nonsense(f'command {kind:#x} was answered with {got:#x}')
        return answer[HEADER.size:]

    def capsets(self):
        """{id: its bytes}"""
        count = self.session.read(self.config + 12, 4)
        if count > MAX_CAPSETS:
            raise Nonsense(f'{count} capability sets')
        found = {}
        for index in range(count):
            info = self._ask(GET_CAPSET_INFO, struct.pack('<II', index, 0), 16, OK_CAPSET_INFO)
            number, version, size = struct.unpack_from('<III', info)
            if size > MAX_CAPSET_BYTES:
                raise Nonsense(f'a capability set of {size} bytes')
            found[number] = self._ask(GET_CAPSET, struct.pack('<II', number, version), size, OK_CAPSET) if size else b''
        return found
