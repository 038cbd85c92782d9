# SPDX-License-Identifier: MIT
"""What the header of a Windows program says."""
import struct

from . import processes

MACHINES = {0x8664: 64, 0x014c: 32}


def bits(path):
    """64 or 32."""
    with open(path, 'rb') as file:
        header = file.read(64)
        if len(header) == 64 and header[:2] == b'MZ':
            file.seek(struct.unpack_from('<I', header, 60)[0])
            header = file.read(6)
            if header[:4] == b'PE\0\0' and len(header) == 6:
                machine = struct.unpack_from('<H', header, 4)[0]
                if machine in MACHINES:
                    return MACHINES[machine]
    raise processes.RunError(f'{path}: not a program of Windows for x86')
