#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_icd.py FOLDER64 FOLDER32: the OpenGL DLLs pass the checks of check_icd.py, and copies in which one thing is wrong
do not."""

import struct
import sys
import unittest

import check_icd
from pe_image import DIRECTORY_RELOCATION, PeImage

FOLDERS = {64: sys.argv[1], 32: sys.argv[2]}
DRIVER = {bits: check_icd.read(f'{folder}/{check_icd.DRIVERS[bits]}') for bits, folder in FOLDERS.items()}
OPENGL32 = {bits: check_icd.read(f'{folder}/opengl32.dll') for bits, folder in FOLDERS.items()}


def patched(data, layout, at, *values):
    copy = bytearray(data)
    struct.pack_into(layout, copy, at, *values)
    return copy


class IcdTest(unittest.TestCase):
    def fails(self, problem, check, *arguments):
        self.assertIn(problem, check_icd.problem_of(check, *arguments) or 'nothing')

    def test_dlls(self):
        for bits in FOLDERS:
            self.assertIsNone(check_icd.problem_of(check_icd.check_driver, DRIVER[bits], bits))
            self.assertIsNone(check_icd.problem_of(check_icd.check_opengl32, OPENGL32[bits], bits))
        self.assertIsNone(check_icd.problem_of(check_icd.check_same_names, OPENGL32[64], OPENGL32[32]))

    def test_machine(self):
        self.fails('machine 0x8664', check_icd.check_driver, DRIVER[64], 32)
        self.fails('machine 0x14c', check_icd.check_driver, DRIVER[32], 64)

    def test_header(self):
        for bits, data in DRIVER.items():
            image = PeImage(data)
            self.fails('DYNAMICBASE', check_icd.check_driver, patched(data, '<H', image.optional + 70, 0), bits)
            self.fails('not a DLL', check_icd.check_driver, patched(data, '<H', image.header + 22, 2), bits)
            self.fails('no relocations', check_icd.check_driver,
                       patched(data, '<2I', image.directory_at(DIRECTORY_RELOCATION), 0, 0), bits)
            self.fails('writable and executable', check_icd.check_driver,
                       patched(data, '<I', image.sections[0].header + 36, 0xe0000020), bits)

    def test_names(self):
        for bits in FOLDERS:
            self.fails("['DrvSetContext']", check_icd.check_driver,
                       DRIVER[bits].replace(b'\0DrvSetContext\0', b'\0DrvXetContext\0'), bits)
            self.fails("['wglGetCurrentDC']", check_icd.check_opengl32,
                       OPENGL32[bits].replace(b'\0wglGetCurrentDC\0', b'\0wglXetCurrentDC\0'), bits)
            self.fails('decorated names', check_icd.check_opengl32,
                       OPENGL32[bits].replace(b'\0glVertex4sv\0', b'\0glVerte@4sv\0'), bits)
        self.fails('only one width', check_icd.check_same_names, OPENGL32[64],
                   OPENGL32[32].replace(b'\0glVertex4sv\0', b'\0glVertex4sw\0'))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
