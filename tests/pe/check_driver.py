#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_driver.py vgpu.sys [vgpu.pdb]: whether the driver's file is as Windows 10 1607 and later with memory integrity
wants it. One line for each check; exit status 1 when one failed."""

import os
import struct
import sys

import pe_image
from pe_image import PeError, PeImage

ALLOWED_IMPORTS = os.path.join(os.path.dirname(os.path.realpath(__file__)), 'imports.txt')
PAGE = 4096
MACHINE_AMD64 = 0x8664
SUBSYSTEM_NATIVE = 1
EXECUTABLE_IMAGE, RELOCS_STRIPPED, DLL = 0x2, 0x1, 0x2000
HIGH_ENTROPY_VA, DYNAMIC_BASE, NX_COMPAT = 0x20, 0x40, 0x100
SECTION_EXECUTE, SECTION_WRITE, SECTION_DISCARDABLE = 0x20000000, 0x80000000, 0x02000000
RELOCATION_PADDING, RELOCATION_64 = 0, 10
RESOURCE_MESSAGES, RESOURCE_VERSION = 11, 16
FIXED_VERSION_SIGNATURE = 0xfeef04bd
DRIVER_FILE, SYSTEM_DRIVER = 3, 7  # VFT_DRV, VFT2_DRV_SYSTEM
DEBUG_CODEVIEW = 2


class Failure(Exception):
    pass


def require(condition, problem):
    if not condition:
        raise Failure(problem)


def check_machine(image):
    require(image.machine == MACHINE_AMD64, f'machine {image.machine:#x}, not x64')
    require(image.characteristics & EXECUTABLE_IMAGE, 'not marked executable')
    require(not image.characteristics & DLL, 'marked as a DLL')


def check_subsystem(image):
    require(image.subsystem == SUBSYSTEM_NATIVE, f'subsystem {image.subsystem}, not native')


def check_dynamic_base(image):
    require(image.dll_characteristics & DYNAMIC_BASE, 'DYNAMICBASE is not set')


def check_nx_compat(image):
    require(image.dll_characteristics & NX_COMPAT, 'NX_COMPAT is not set')


def check_high_entropy_va(image):
    require(image.dll_characteristics & HIGH_ENTROPY_VA, 'HIGH_ENTROPY_VA is not set')


def check_sections_aligned(image):
    end = image.headers_size
    require(image.section_alignment >= PAGE and image.section_alignment % PAGE == 0,
            f'section alignment {image.section_alignment}')
    for section in image.sections:
        require(section.address % PAGE == 0, f'{section.name} is at {section.address:#x}')
        require(section.address >= end, f'{section.name} overlaps what is before it')
        require(section.raw_at + section.raw_size <= len(image.data), f'{section.name} ends beyond the file')
        end = section.address + max(section.virtual_size, 1)
    require(end <= image.image_size, 'the last section ends beyond the image')


def check_write_or_execute(image):
    for section in image.sections:
        require(not (section.characteristics & SECTION_WRITE and section.characteristics & SECTION_EXECUTE),
                f'{section.name} is writable and executable')


def check_relocations(image):
    require(not image.characteristics & RELOCS_STRIPPED, 'relocations are stripped')
    count = 0
    for kind, address in image.relocations():
        require(kind in (RELOCATION_PADDING, RELOCATION_64), f'relocation of type {kind}')
        if kind == RELOCATION_PADDING:
            continue
        section = image.section_of(address)
        require(section, f'relocation of {address:#x}, outside every section')
        require(not section.characteristics & SECTION_EXECUTE, f'relocation of {address:#x}, in code')
        count += 1
    require(count, 'no relocations')


def check_checksum(image):
    require(image.checksum == image.sum(), f'checksum {image.checksum:#x}, not {image.sum():#x}')


def resource(image, kind):
    """The bytes of the first resource of a type."""
    base, _ = image.directory(pe_image.DIRECTORY_RESOURCE)
    require(base, 'no resources')
    at = base
    for level in range(3):
        named, numbered = image.unpack('<2H', image.offset(at) + 12)
        entries = [image.unpack('<2I', image.offset(at) + 16 + 8 * index) for index in range(named + numbered)]
        entries = [entry for entry in entries if level or entry[0] == kind]
        require(entries, f'no resource of type {kind}')
        require(bool(entries[0][1] >> 31) == (level < 2), 'a twisted resource directory')
        at = base + (entries[0][1] & 0x7fffffff)
    address, size = image.unpack('<2I', image.offset(at))
    start = image.offset(address)
    return image.data[start:start + size]


def check_version(image):
    data = resource(image, RESOURCE_VERSION)
    require('VS_VERSION_INFO'.encode('utf-16-le') == data[6:36] and len(data) >= 92, 'no version in the version resource')
    signature, _, high, low = struct.unpack_from('<4I', data, 40)
    kind, subkind = struct.unpack_from('<2I', data, 40 + 36)
    require(signature == FIXED_VERSION_SIGNATURE, 'no fixed version')
    require((kind, subkind) == (DRIVER_FILE, SYSTEM_DRIVER), f'file type {kind}, {subkind}: not a system driver')
    require(high or low, 'version 0.0.0.0')
    for name in ('FileDescription', 'FileVersion', 'OriginalFilename', 'ProductName'):
        require(f'{name}\0'.encode('utf-16-le') in data, f'no {name}')


def check_messages(image):
    """Each event has a text that says which device."""
    data = resource(image, RESOURCE_MESSAGES)
    count, = struct.unpack_from('<I', data)
    require(count, 'no messages')
    last = 0
    for block in range(count):
        low, high, at = struct.unpack_from('<3I', data, 4 + 12 * block)
        require(last < low <= high, f'message {low:#x} is out of order')
        last = high
        for number in range(low, high + 1):
            require(number & 0x2fff0000 == 0x20040000 and number >> 30, f'message {number:#x} is not a driver event')
            length, flags = struct.unpack_from('<2H', data, at)
            require(flags == 1 and length % 4 == 0 and at + length <= len(data), f'message {number:#x} is twisted')
            text = data[at + 4:at + length].decode('utf-16-le')
            require('%1' in text and text.rstrip('\0').endswith('\r\n'), f'message {number:#x} is not a line about a device')
            at += length


def codeview(image):
    """The id (GUID and age) and the path of the PDB."""
    for kind, length, at in image.debug_entries():
        data = image.data[at:at + length]
        if kind == DEBUG_CODEVIEW and data[:4] == b'RSDS' and len(data) > 24:
            return data[4:24], data[24:].split(b'\0')[0].decode('utf-8', 'replace')
    raise Failure('no CodeView entry')


def check_debug(image):
    identity, path = codeview(image)
    require(any(identity[:16]), 'the PDB has no identity')
    require(path == 'vgpu.pdb', f'the PDB is {path!r}; a path tells where it was built')


def allowed_imports():
    allowed, module = set(), None
    with open(ALLOWED_IMPORTS, encoding='ascii') as file:
        for line in file:
            line = line.split('#')[0].strip()
            if line.startswith('['):
                module = line.strip('[]')
            elif line:
                allowed.add((module, line))
    return allowed


def check_imports(image):
    allowed = allowed_imports()
    found = {(module.lower(), name) for module, name in image.imports()}
    require(found, 'no imports')
    require(found <= allowed, 'not in imports.txt: ' + ', '.join(f'{module}!{name}' for module, name in sorted(found - allowed)))
    for index in (pe_image.DIRECTORY_BOUND_IMPORT, pe_image.DIRECTORY_DELAY_IMPORT):
        require(image.directory(index) == (0, 0), 'bound or delayed imports')


def check_entry(image):
    section = image.section_of(image.entry) if image.entry else None
    require(section, f'entry point {image.entry:#x} is in no section')
    require(section.characteristics & SECTION_EXECUTE, f'entry point in {section.name}, which is not executable')
    require(not section.characteristics & SECTION_DISCARDABLE, f'entry point in {section.name}, which is discarded')


def check_plain(image):
    for name, index in (('exports', pe_image.DIRECTORY_EXPORT), ('thread-local storage', pe_image.DIRECTORY_TLS)):
        require(image.directory(index) == (0, 0), f'the driver has {name}')


CHECKS = {
    'machine': check_machine, 'subsystem': check_subsystem, 'dynamic-base': check_dynamic_base, 'nx-compat': check_nx_compat,
    'high-entropy-va': check_high_entropy_va, 'sections-aligned': check_sections_aligned,
    'write-or-execute': check_write_or_execute, 'relocations': check_relocations, 'checksum': check_checksum,
    'version': check_version, 'messages': check_messages, 'debug': check_debug, 'imports': check_imports, 'entry': check_entry, 'plain': check_plain,
}


def problem_of(check, data):
    """What a check finds wrong with a file's bytes; None: nothing."""
    try:
        CHECKS[check](PeImage(data))
    except (Failure, PeError) as problem:
        return str(problem)
    return None


def problem_of_pdb(data, pdb):
    """What is wrong with a PDB as that of the driver. Its streams are not read: the driver's GUID must be in it."""
    try:
        identity, _ = codeview(PeImage(data))
    except (Failure, PeError) as problem:
        return str(problem)
    if not pdb.startswith(b'Microsoft C/C++ MSF 7.00\r\n'):
        return 'not a PDB'
    return None if identity[:16] in pdb else 'of another build of the driver'


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with open(sys.argv[1], 'rb') as file:
        data = file.read()
    problems = {check: problem_of(check, data) for check in CHECKS}
    if len(sys.argv) == 3:
        with open(sys.argv[2], 'rb') as file:
            problems['pdb'] = problem_of_pdb(data, file.read())
    for check, problem in problems.items():
        print(f'{check}: {problem or "ok"}')
    return 1 if any(problems.values()) else 0


if __name__ == '__main__':
    sys.exit(main())
