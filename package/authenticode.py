# SPDX-License-Identifier: MIT
"""Hashes by which Windows knows files: of a PE image without its checksum, the entry of its signature and the signature;
of any other file, all its bytes. Source: Microsoft's "Windows Authenticode Portable Executable Signature Format"."""

import hashlib
import struct

PE32_PLUS = 0x20b
PE32 = 0x10b
CHECKSUM_AT = 64  # in the optional header
SECURITY_ENTRY_AT = {PE32: 128, PE32_PLUS: 144}


class NotAnImage(Exception):
    """A file that starts as a PE image and does not go on as one."""


def is_image(data):
    return data[:2] == b'MZ'


def _layout(data):
    """Offsets of the checksum and of the security entry, and where the signature starts (the end, if there is none)."""
    try:
        header = struct.unpack_from('<I', data, 0x3c)[0]
        if data[header:header + 4] != b'PE\0\0':
            raise NotAnImage('no PE header')
        optional = header + 24
        magic = struct.unpack_from('<H', data, optional)[0]
        if magic not in SECURITY_ENTRY_AT:
            raise NotAnImage(f'optional header {magic:#x}')
        entry = optional + SECURITY_ENTRY_AT[magic]
        start, size = struct.unpack_from('<II', data, entry)
    except struct.error:
        raise NotAnImage('the headers are cut off') from None
    if not start:
        return optional + CHECKSUM_AT, entry, len(data)
    if start < entry + 8 or start + size != len(data):
        raise NotAnImage('the signature is not the end of the file')
    return optional + CHECKSUM_AT, entry, start


def without_time(data):
    """An image whose header says no time, where GNU's strip writes that of its run; nor a checksum, which signing fills in."""
    checksum, _, _ = _layout(data)
    result = bytearray(data)
    struct.pack_into('<I', result, struct.unpack_from('<I', data, 0x3c)[0] + 8, 0)
    struct.pack_into('<I', result, checksum, 0)
    return bytes(result)


def digest(data, algorithm):
    """The hash of a file as catalogs and signatures hold it."""
    result = hashlib.new(algorithm)
    if not is_image(data):
        result.update(data)
        return result.digest()
    checksum, entry, end = _layout(data)
    result.update(data[:checksum])
    result.update(data[checksum + 4:entry])
    result.update(data[entry + 8:end])
    if end == len(data):  # a signature would start at a multiple of 8, after zeros
        result.update(bytes(-len(data) % 8))
    return result.digest()
