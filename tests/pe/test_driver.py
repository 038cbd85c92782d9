#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_driver.py vgpu.sys vgpu.pdb: the driver passes each check of check_driver.py, and a copy in which one thing is
wrong fails the check for that thing."""

import struct
import sys
import unittest

import check_driver
import pe_image
from pe_image import PeImage, Section

with open(sys.argv[1], 'rb') as driver:
    DRIVER = driver.read()
with open(sys.argv[2], 'rb') as symbols:
    PDB = symbols.read()


class Patched:
    """A copy of the driver in which fields are changed."""

    def __init__(self):
        self.image = PeImage(DRIVER)
        self.data = bytearray(DRIVER)

    def put(self, layout, at, *values):
        struct.pack_into(layout, self.data, at, *values)
        return self

    def clear_bits(self, layout, at, bits):
        value, = struct.unpack_from(layout, self.data, at)
        return self.put(layout, at, value & ~bits)

    def set_bits(self, layout, at, bits):
        value, = struct.unpack_from(layout, self.data, at)
        return self.put(layout, at, value | bits)

    def no_directory(self, index):
        return self.put('<2I', self.image.directory_at(index), 0, 0)

    def replace(self, old, new):
        assert old in self.data and len(old) == len(new)
        self.data = self.data.replace(old, new)
        return self

    def section(self, name):
        return next(section for section in self.image.sections if section.name == name)


class DriverTest(unittest.TestCase):
    def fails(self, check, patched, problem):
        self.assertIn(problem, check_driver.problem_of(check, patched.data) or 'nothing')

    def test_driver(self):
        for check in check_driver.CHECKS:
            with self.subTest(check):
                self.assertIsNone(check_driver.problem_of(check, DRIVER))

    def test_messages(self):
        self.fails('messages', Patched().replace('virtual GPU %1 works'.encode('utf-16-le'),
                                                 'virtual GPU %9 works'.encode('utf-16-le')), 'not a line')
        self.fails('messages', Patched().replace(struct.pack('<2I', 0x60040003, 0x60040003),
                                                 struct.pack('<2I', 0x00040003, 0x00040003)), 'not a driver event')

    def test_pdb(self):
        self.assertIsNone(check_driver.problem_of_pdb(DRIVER, PDB))
        identity, _ = check_driver.codeview(PeImage(DRIVER))
        other = PDB.replace(identity[:16], bytes(16))
        self.assertEqual(check_driver.problem_of_pdb(DRIVER, other), 'of another build of the driver')
        self.assertEqual(check_driver.problem_of_pdb(DRIVER, DRIVER), 'not a PDB')

    def test_not_an_image(self):
        for data in (b'', b'MZ', b'\x7fELF' + DRIVER[4:], DRIVER[:0x50], DRIVER[:300]):
            for check in check_driver.CHECKS:
                with self.subTest(check, length=len(data)):
                    self.assertIsNotNone(check_driver.problem_of(check, data))

    def test_machine(self):
        patched = Patched()
        self.fails('machine', patched.put('<H', patched.image.header + 4, 0x14c), 'machine 0x14c')
        patched = Patched()
        self.fails('machine', patched.set_bits('<H', patched.image.header + 22, 0x2000), 'DLL')
        patched = Patched()
        self.fails('machine', patched.clear_bits('<H', patched.image.header + 22, 0x2), 'executable')

    def test_subsystem(self):
        patched = Patched()
        self.fails('subsystem', patched.put('<H', patched.image.optional + 68, 3), 'subsystem 3')

    def test_dll_characteristics(self):
        for check, bit in (('dynamic-base', 0x40), ('nx-compat', 0x100), ('high-entropy-va', 0x20)):
            patched = Patched()
            self.fails(check, patched.clear_bits('<H', patched.image.optional + 70, bit), 'not set')

    def test_sections(self):
        patched = Patched()
        self.fails('sections-aligned', patched.put('<I', patched.image.optional + 32, 512), 'alignment 512')
        patched = Patched()
        data = patched.section('.data')
        self.fails('sections-aligned', patched.put('<I', data.header + 12, data.address + 512), '.data is at')
        patched = Patched()
        self.fails('sections-aligned', patched.put('<I', patched.section('.data').header + 12, 0x1000), 'overlaps')
        patched = Patched()
        self.fails('sections-aligned', patched.put('<I', patched.section('.data').header + 16, 1 << 20), 'beyond the file')
        patched = Patched()
        self.fails('sections-aligned', patched.put('<I', patched.image.optional + 56, 0x2000), 'beyond the image')

    def test_writable_code(self):
        for name, bit in (('.text', 0x80000000), ('.data', 0x20000000)):
            patched = Patched()
            at = patched.section(name).header + Section.AT_CHARACTERISTICS
            self.fails('write-or-execute', patched.set_bits('<I', at, bit), f'{name} is writable and executable')

    def test_relocations(self):
        self.fails('relocations', Patched().no_directory(pe_image.DIRECTORY_RELOCATION), 'no relocations')
        patched = Patched()
        self.fails('relocations', patched.set_bits('<H', patched.image.header + 22, 1), 'stripped')
        patched = Patched()
        at = patched.section('.reloc').raw_at
        self.fails('relocations', patched.put('<H', at + 8, 3 << 12), 'type 3')
        patched = Patched()
        self.fails('relocations', patched.put('<I', at, patched.section('.text').address), 'in code')
        self.fails('relocations', Patched().put('<I', at, 0x10000000), 'outside every section')
        self.fails('relocations', Patched().put('<I', at + 4, 4), 'block of relocations')

    def test_checksum(self):
        patched = Patched()
        self.fails('checksum', patched.put('<I', patched.image.optional + 64, 0), 'checksum 0x0')
        patched = Patched()
        at = patched.section('.text').raw_at + 8
        self.fails('checksum', patched.put('<B', at, patched.data[at] ^ 0xff), 'checksum')
        patched = Patched()
        patched.data += b'\1'
        self.fails('checksum', patched, 'checksum')

    def test_version(self):
        self.fails('version', Patched().no_directory(pe_image.DIRECTORY_RESOURCE), 'no resources')
        patched = Patched()
        start = patched.section('.rsrc').raw_at
        self.fails('version', patched.put('<I', start + 24, 3), 'no resource of type 16')
        fixed = DRIVER.index(struct.pack('<I', 0xfeef04bd))
        self.fails('version', Patched().put('<I', fixed, 0), 'no fixed version')
        self.fails('version', Patched().put('<2I', fixed + 8, 0, 0), 'version 0.0.0.0')
        self.fails('version', Patched().put('<I', fixed + 36, 1), 'not a system driver')
        for name in ('FileDescription', 'OriginalFilename'):
            old = name.encode('utf-16-le')
            self.fails('version', Patched().replace(old, b'x\0' + old[2:]), f'no {name}')

    def test_debug(self):
        self.fails('debug', Patched().no_directory(pe_image.DIRECTORY_DEBUG), 'no CodeView entry')
        self.fails('debug', Patched().replace(b'RSDS', b'NB10'), 'no CodeView entry')
        self.fails('debug', Patched().replace(b'vgpu.pdb\0', b'/tmp/pdb\0'), 'where it was built')
        at = DRIVER.index(b'RSDS') + 4
        self.fails('debug', Patched().put('<2Q', at, 0, 0), 'no identity')

    def test_imports(self):
        self.fails('imports', Patched().no_directory(pe_image.DIRECTORY_IMPORT), 'no imports')
        self.fails('imports', Patched().replace(b'KeSetEvent\0', b'KeXetEvent\0'), 'ntoskrnl.exe!KeXetEvent')
        self.fails('imports', Patched().replace(b'HAL.dll\0', b'HAX.dll\0'), 'hax.dll!KeQueryPerformanceCounter')
        patched = Patched()
        lookup, = patched.image.unpack('<I', next(patched.image.import_descriptors()))
        self.fails('imports', patched.put('<Q', patched.image.offset(lookup), pe_image.BY_ORDINAL | 7), '!#7')
        for index in (pe_image.DIRECTORY_BOUND_IMPORT, pe_image.DIRECTORY_DELAY_IMPORT):
            patched = Patched()
            self.fails('imports', patched.put('<2I', patched.image.directory_at(index), 0x1000, 32), 'bound or delayed')

    def test_entry(self):
        patched = Patched()
        self.fails('entry', patched.put('<I', patched.image.optional + 16, 0), 'in no section')
        patched = Patched()
        address = patched.section('.data').address
        self.fails('entry', patched.put('<I', patched.image.optional + 16, address), 'not executable')
        patched = Patched()
        at = patched.section('.text').header + Section.AT_CHARACTERISTICS
        self.fails('entry', patched.set_bits('<I', at, 0x02000000), 'discarded')

    def test_plain(self):
        for index, problem in ((pe_image.DIRECTORY_EXPORT, 'exports'), (pe_image.DIRECTORY_TLS, 'thread-local')):
            patched = Patched()
            self.fails('plain', patched.put('<2I', patched.image.directory_at(index), 0x1000, 40), problem)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
