#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The catalog: the right hashes of driver and INF, found and verified by osslsigncode once it is signed; and no other file.

usage: test_catalog.py [vgpu.sys]"""

import hashlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

from asn1crypto import parser

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, f'{ROOT}/package')
import authenticode  # noqa: E402
import catalog  # noqa: E402

DRIVER = f'{ROOT}/build/win64/kernel/vgpu.sys'
INF = b'[Version]\n; any bytes\n'
WHEN = 1800000000


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)


def inside(element):
    """The contents of each element in a constructed one."""
    while element:
        yield parser.parse(element)[4]
        element = element[parser.peek(element):]


def entries(data):
    """The identifiers of the members, in their order."""
    def part(element, index):
        return list(inside(element))[index]

    signed = part(part(part(data, 0), 1), 0)
    content = part(signed, 2)
    trust_list = part(part(content, 1), 0)
    return [part(member, 0) for member in inside(part(trust_list, 4))]


class Contents(unittest.TestCase):
    def test_each_file_is_named_by_both_hashes_in_order(self):
        data = catalog.make({'vgpu.inf': INF, 'vgpu.sys': read(DRIVER)}, ['PCI\\VEN_1AF4&DEV_1050'], WHEN)
        found = entries(data)
        right = [hashlib.sha1(INF).digest(), hashlib.sha256(INF).digest(), authenticode.digest(read(DRIVER), 'sha1'),
                 authenticode.digest(read(DRIVER), 'sha256')]
        self.assertEqual(found, sorted(right))

    def test_attributes_say_name_system_and_device(self):
        data = catalog.make({'vgpu.inf': INF}, ['PCI\\VEN_1AF4&DEV_1050'], WHEN)
        for text in ('vgpu.inf', '2:10.0', '_v100_X64_RS1', 'pci\\ven_1af4&dev_1050'):
            self.assertIn((text + '\0').encode('utf-16-le'), data)

    def test_same_input_same_bytes(self):
        self.assertEqual(catalog.make({'a': INF}, [], WHEN), catalog.make({'a': INF}, [], WHEN))
        self.assertNotEqual(catalog.make({'a': INF}, [], WHEN), catalog.make({'a': INF + b' '}, [], WHEN))


class ImageHash(unittest.TestCase):
    def test_checksum_and_signature_do_not_count(self):
        data = bytearray(read(DRIVER))
        before = authenticode.digest(bytes(data), 'sha256')
        optional = struct.unpack_from('<I', data, 0x3c)[0] + 24
        data[optional + 64] ^= 1  # the checksum
        self.assertEqual(authenticode.digest(bytes(data), 'sha256'), before)
        data[optional + 16] ^= 1  # the entry point
        self.assertNotEqual(authenticode.digest(bytes(data), 'sha256'), before)

    def test_broken_images_are_refused(self):
        for data in (b'MZ', b'MZ' + bytes(200), read(DRIVER)[:200]):
            self.assertRaises(authenticode.NotAnImage, authenticode.digest, data, 'sha256')


class Signed(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='vgpu-catalog-')
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(DRIVER, f'{self.folder}/vgpu.sys')
        with open(f'{self.folder}/vgpu.inf', 'wb') as file:
            file.write(read(f'{ROOT}/package/vgpu.inf.in').replace(b'@DATE@', b'01/02/2026').replace(b'@VERSION@', b'1.0.0.0'))
        self.call(f'{ROOT}/package/catalog.py', '--inf', self.at('vgpu.inf'), '--output', self.at('vgpu.cat'), self.at('vgpu.sys'))
        self.call('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test', '-addext',
                  'extendedKeyUsage=codeSigning', '-keyout', self.at('key'), '-out', self.at('cert'))
        self.sign('vgpu.cat')

    def at(self, name):
        return f'{self.folder}/{name}'

    def call(self, *command):
        result = run(*command)
        self.assertEqual(result.returncode, 0, result.stdout)

    def sign(self, name):
        self.call('osslsigncode', 'sign', '-certs', self.at('cert'), '-key', self.at('key'), '-h', 'sha256', '-in', self.at(name),
                  '-out', self.at('signed'))
        os.replace(self.at('signed'), self.at(name))

    def verify(self):
        return run('osslsigncode', 'verify', '-catalog', self.at('vgpu.cat'), '-CAfile', self.at('cert'), '-in', self.at('vgpu.sys'))

    def test_the_driver_is_found_in_it(self):
        self.assertEqual(self.verify().returncode, 0, self.verify().stdout)

    def test_the_driver_with_a_signature_of_its_own_too(self):
        self.sign('vgpu.sys')
        self.assertEqual(self.verify().returncode, 0, self.verify().stdout)

    def test_a_changed_driver_is_not(self):
        data = bytearray(read(self.at('vgpu.sys')))
        data[0x600] ^= 1
        with open(self.at('vgpu.sys'), 'wb') as file:
            file.write(data)
        self.assertNotEqual(self.verify().returncode, 0)

    def test_the_inf_is_in_it(self):
        self.assertIn(hashlib.sha256(read(self.at('vgpu.inf'))).digest(), read(self.at('vgpu.cat')))


if __name__ == '__main__':
    if len(sys.argv) > 1:
        DRIVER = sys.argv.pop(1)
    unittest.main()
