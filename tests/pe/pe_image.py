# SPDX-License-Identifier: MIT
"""Reads the headers of a PE file. What does not fit into the file raises PeError."""

import struct

DIRECTORY_EXPORT, DIRECTORY_IMPORT, DIRECTORY_RESOURCE, DIRECTORY_RELOCATION, DIRECTORY_DEBUG = 0, 1, 2, 5, 6
DIRECTORY_TLS, DIRECTORY_BOUND_IMPORT, DIRECTORY_DELAY_IMPORT = 9, 11, 13
DIRECTORIES = 16
IMPORT_DESCRIPTOR_BYTES, DEBUG_ENTRY_BYTES = 20, 28
BY_ORDINAL = 1 << 63


class PeError(Exception):
    pass


class Section:
    AT_CHARACTERISTICS = 36  # bytes into the section's header

    def __init__(self, image, header):
        self.header = header
        self.name = image.data[header:header + 8].rstrip(b'\0').decode('ascii', 'replace')
        self.virtual_size, self.address, self.raw_size, self.raw_at = image.unpack('<4I', header + 8)
        self.characteristics, = image.unpack('<I', header + self.AT_CHARACTERISTICS)


class PeImage:
    def __init__(self, data):
        self.data = bytes(data)
        if self.data[:2] != b'MZ':
            raise PeError('no MZ header')
        self.header, = self.unpack('<I', 0x3c)
        if self.data[self.header:self.header + 4] != b'PE\0\0':
            raise PeError('no PE signature')
        self.machine, section_count = self.unpack('<2H', self.header + 4)
        optional_size, self.characteristics = self.unpack('<2H', self.header + 20)
        self.optional = self.header + 24
        magic, = self.unpack('<H', self.optional)
        self.bits = {0x20b: 64, 0x10b: 32}.get(magic)
        self.directories = self.optional + (112 if self.bits == 64 else 96)
        if not self.bits or self.optional + optional_size < self.directories + 8 * DIRECTORIES:
            raise PeError('not an image with all directories')
        self.entry, = self.unpack('<I', self.optional + 16)
        self.section_alignment, = self.unpack('<I', self.optional + 32)
        self.image_size, self.headers_size, self.checksum = self.unpack('<3I', self.optional + 56)
        self.subsystem, self.dll_characteristics = self.unpack('<2H', self.optional + 68)
        first = self.optional + optional_size
        self.sections = [Section(self, first + 40 * index) for index in range(section_count)]

    def unpack(self, layout, at):
        try:
            return struct.unpack_from(layout, self.data, at)
        except struct.error as error:
            raise PeError(f'the file ends before offset {at:#x}: {error}') from None

    def directory_at(self, index):
        """Where the file says where a directory is."""
        return self.directories + 8 * index

    def directory(self, index):
        """A directory's address and size."""
        return self.unpack('<2I', self.directory_at(index))

    def section_of(self, address):
        for section in self.sections:
            if section.address <= address < section.address + max(section.virtual_size, section.raw_size):
                return section
        return None

    def offset(self, address):
        """The place in the file of an address that the file holds."""
        section = self.section_of(address)
        if not section or address - section.address >= section.raw_size:
            raise PeError(f'address {address:#x} is not in the file')
        return section.raw_at + address - section.address

    def text(self, address):
        start = self.offset(address)
        end = self.data.find(b'\0', start)
        if end < 0:
            raise PeError(f'the text at {address:#x} has no end')
        return self.data[start:end].decode('ascii', 'replace')

    def import_descriptors(self):
        """Offsets in the file of the import descriptors."""
        address, size = self.directory(DIRECTORY_IMPORT)
        if not address:
            return
        for index in range(size // IMPORT_DESCRIPTOR_BYTES):
            at = self.offset(address + IMPORT_DESCRIPTOR_BYTES * index)
            if not any(self.unpack('<5I', at)):
                return
            yield at

    def imports(self):
        """(module, name) of each import of a 64-bit image; a name is '#N' for an ordinal."""
        for at in self.import_descriptors():
            lookup, _, _, module_name, first_thunk = self.unpack('<5I', at)
            module, thunk = self.text(module_name), lookup or first_thunk
            while True:
                value, = self.unpack('<Q', self.offset(thunk))
                if not value:
                    break
                yield module, f'#{value & 0xffff}' if value & BY_ORDINAL else self.text((value & 0x7fffffff) + 2)
                thunk += 8

    def exports(self):
        """The names."""
        address, _ = self.directory(DIRECTORY_EXPORT)
        if address:
            count, _, names = self.unpack('<3I', self.offset(address) + 24)
            for index in range(count):
                yield self.text(*self.unpack('<I', self.offset(names + 4 * index)))

    def relocations(self):
        """(type, address) of each base relocation, padding included."""
        address, size = self.directory(DIRECTORY_RELOCATION)
        end = address + size
        while address and address < end:
            page, length = self.unpack('<2I', self.offset(address))
            if length < 8 or length % 4 or address + length > end:
                raise PeError(f'a block of relocations of {length} bytes')
            for index in range((length - 8) // 2):
                value, = self.unpack('<H', self.offset(address + 8 + 2 * index))
                yield value >> 12, page + (value & 0xfff)
            address += length

    def debug_entries(self):
        """(type, size, offset in the file) of each entry of the debug directory."""
        address, size = self.directory(DIRECTORY_DEBUG)
        for index in range(size // DEBUG_ENTRY_BYTES if address else 0):
            kind, length, _, at = self.unpack('<4I', self.offset(address + DEBUG_ENTRY_BYTES * index) + 12)
            yield kind, length, at

    def sum(self):
        """The checksum that the file should have: its 16-bit words with end-around carry, without the field, plus its length."""
        data = bytearray(self.data)
        struct.pack_into('<I', data, self.optional + 64, 0)
        data += b'\0' * (len(data) % 2)
        total = sum(struct.unpack(f'<{len(data) // 2}H', data))
        while total >> 16:
            total = (total & 0xffff) + (total >> 16)
        return total + len(self.data)
