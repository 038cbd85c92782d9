#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints the version, x.y.z, which stands in kernel/version.h and nowhere else."""

import os
import re
import sys

HEADER = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), 'kernel/version.h')


def version(header=HEADER):
    with open(header, encoding='ascii') as file:
        numbers = dict(re.findall(r'^#define VGPU_VERSION_(MAJOR|MINOR|BUILD) (\d+)$', file.read(), re.MULTILINE))
    return '.'.join(numbers[name] for name in ('MAJOR', 'MINOR', 'BUILD'))


if __name__ == '__main__':
    try:
        print(version())
    except KeyError as missing:
        sys.exit(f'{HEADER}: VGPU_VERSION_{missing.args[0]} is not a number there')
