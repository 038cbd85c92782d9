#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Copies a PE file and fills in its checksum, which the kernel's loader verifies and the linker leaves out.

The sum is that of the file's 16-bit words with end-around carry, the field itself counted as zero, plus the file's length.
"""
import struct
import sys

PE_OFFSET_AT = 0x3C
CHECKSUM_AFTER_SIGNATURE = 4 + 20 + 64  # signature, file header, then within the optional header


def checksum(image: bytes) -> int:
    padded = image + b'\0' * (len(image) % 2)
    total = sum(struct.unpack(f'<{len(padded) // 2}H', padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total + len(image)


def main() -> int:
    source, target = sys.argv[1:]
    with open(source, 'rb') as file:
        image = bytearray(file.read())
    header = struct.unpack_from('<I', image, PE_OFFSET_AT)[0]
    if image[:2] != b'MZ' or image[header:header + 4] != b'PE\0\0':
        print(f'{source}: not a PE file', file=sys.stderr)
        return 1
    field = header + CHECKSUM_AFTER_SIGNATURE
    struct.pack_into('<I', image, field, 0)
    struct.pack_into('<I', image, field, checksum(bytes(image)))
    with open(target, 'wb') as file:
        file.write(image)
    return 0


sys.exit(main())
