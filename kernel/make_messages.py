#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make_messages.py events.h messages.bin: the texts of the driver's events as a message table resource, which is how the
event log finds them. The format is that of MESSAGE_RESOURCE_DATA in winnt.h."""

import re
import struct
import sys

UNICODE = 1
EVENT = re.compile(r'/\* ([^*]*?) \*/\n#define EVENT_\w+ \(\(NTSTATUS\)0x([0-9A-F]{8})\)')


def texts(header):
    """Number to text, in the order of numbers."""
    found = {int(number, 16): re.sub(r'\s+', ' ', text) for text, number in EVENT.findall(header)}
    return dict(sorted(found.items()))


def entry(text):
    data = (text + '\r\n').encode('utf-16-le') + b'\0\0'
    data += b'\0' * (-len(data) % 4)
    return struct.pack('<HH', len(data) + 4, UNICODE) + data


def table(messages):
    """A block for each message."""
    blocks, entries = b'', b''
    for number, text in messages.items():
        blocks += struct.pack('<3I', number, number, 4 + 12 * len(messages) + len(entries))
        entries += entry(text)
    return struct.pack('<I', len(messages)) + blocks + entries


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        messages = texts(file.read())
    if not messages:
        sys.exit(f'{sys.argv[1]}: no events')
    with open(sys.argv[2], 'wb') as file:
        file.write(table(messages))


if __name__ == '__main__':
    main()
