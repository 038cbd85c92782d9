#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/ioctl.md against abi/vgpu_ioctl.h: every control code is there, with the access and the method of its definition, and
its structures exist."""

import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
ACCESS = {'READ': 'read', 'RW': 'read, write'}
METHOD = {'BUFFERED': 'buffered', 'OUT_DIRECT': 'out direct', 'NEITHER': 'neither'}


def read(path):
    with open(f'{ROOT}/{path}', encoding='utf-8') as file:
        return file.read()


def defined():
    codes = re.findall(r'#define (VGPU_IOCTL_\w+) VGPU_CTL_CODE\(0x\w+u, VGPU_METHOD_(\w+), VGPU_ACCESS_(\w+)\)',
                       read('abi/vgpu_ioctl.h'))
    return {name: (ACCESS[access], METHOD[method]) for name, method, access in codes}


def documented():
    rows = re.findall(r'^\| `(VGPU_IOCTL_\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$', read('docs/ioctl.md'),
                      re.MULTILINE)
    return {name: (access, method, into, out) for name, access, method, into, out in rows}


class IoctlDocs(unittest.TestCase):
    def test_every_code_is_documented_as_defined(self):
        self.assertTrue(defined())
        self.assertEqual(defined(), {name: row[:2] for name, row in documented().items()})

    def test_the_structures_exist(self):
        structures = set(re.findall(r'^struct (vgpu_\w+) \{', read('abi/vgpu_ioctl.h'), re.MULTILINE))
        for name, row in documented().items():
            for structure in re.findall(r'`(vgpu_\w+)`', ' '.join(row[2:])):
                self.assertIn(structure, structures, name)


if __name__ == '__main__':
    unittest.main()
