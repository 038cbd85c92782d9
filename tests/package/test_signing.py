#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Signatures: who may sign is checked before anything is signed; a signature is right, and any change is noticed, by
osslsigncode and by Wine's wintrust.

usage: test_signing.py vgpu.sys wintrust.exe"""

import datetime
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.environ.get('VGPU_BUILD', f'{ROOT}/build')
sys.dont_write_bytecode = True
sys.path[:0] = [f'{ROOT}/package', ROOT]
import catalog  # noqa: E402
import signing  # noqa: E402
from sim.run import prefix  # noqa: E402
from signing import Signer, SigningError  # noqa: E402

DRIVER, WINTRUST = sys.argv[1:3] if len(sys.argv) > 2 else (f'{BUILD}/win64/kernel/vgpu.sys', f'{BUILD}/win64/tests/package/wintrust.exe')
TOKEN_LIBRARY = '/usr/lib/softhsm/libsofthsm2.so'
WHEN = 1790000000
LIMIT = 120
GOOD, BAD_DIGEST, NO_SIGNATURE = '00000000', '80096010', '800b0100'
INF = b'[Version]\r\n; any bytes\r\n'


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def call(*command, **options):
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LIMIT, check=True, **options)


def wintrust(*files):
    """What WinVerifyTrust says of each file, in a Wine prefix of its own. Wine's looks at an image's hash and can read a catalog;
    it does not compare a catalog's hash, nor ask who issued the certificate."""
    prefix.make_template(f'{BUILD}/wineprefix', print)
    with tempfile.TemporaryDirectory(prefix='vgpu-wintrust-', dir=BUILD) as folder:
        environment = dict(os.environ, WINEPREFIX=f'{folder}/prefix', WINEDEBUG='-all', WINEDLLOVERRIDES='mscoree,mshtml=')
        environment.pop('DISPLAY', None)
        # Files are links to the template's: Wine replaces its registry's files and never writes into them.
        call('cp', '-al', f'{BUILD}/wineprefix', f'{folder}/prefix')
        try:
            result = subprocess.run(['wine', WINTRUST, *files], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, timeout=LIMIT, check=True, text=True)
        finally:
            call('wineserver', '-k', env=environment)
            call('wineserver', '-w', env=environment)
    return [line.split()[0] for line in result.stdout.splitlines()]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='vgpu-signing-')
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.signer = signing.test_signer(cls.at('own'))
        cls.other = signing.test_signer(cls.at('other'))

    @classmethod
    def at(cls, name):
        return f'{cls.folder}/{name}'

    def signed(self, name, data, signer=None):
        write(self.at(name), data)
        signing.sign(signer or self.signer, self.at(name), WHEN, 'test')
        return self.at(name)

    def problem(self, path, signer=None, cat=None):
        return signing.verify(path, signing.trusted_file(signer or self.signer, self.folder), cat)

    def make(self, name, *options, days='10'):
        """A self-signed certificate, with its key."""
        call('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', days, '-subj', f'/CN={name}', '-keyout',
             self.at(f'{name}.key'), '-out', self.at(f'{name}.pem'), *options)
        return Signer(self.at(f'{name}.pem'), self.at(f'{name}.key'), None, None, None, None, False)


class WhoMaySign(Case):
    def refused(self, words, signer, now=None):
        with self.assertRaisesRegex(SigningError, words):
            signing.check_signer(signer, now)

    def test_ours_may(self):
        signing.check_signer(self.signer)

    def test_files(self):
        write(self.at('not'), b'\x30\x82 something')
        write(self.at('broken'), b'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
        self.refused('none: No such file', self.signer._replace(certificate=self.at('none')))
        self.refused('no PEM file; make one', self.signer._replace(certificate=self.at('not')))
        self.refused('SIGN_CERT', self.signer._replace(certificate=self.at('broken')))
        self.refused('there is no certificate in it', self.signer._replace(certificate=self.signer.key))
        self.refused('none: No such file', self.signer._replace(key=self.at('none')))
        self.refused('cannot read it', self.signer._replace(key=self.at('not')))
        self.refused('SIGN_CHAIN', self.signer._replace(chain=self.at('none')))
        self.refused('none: no such file', self.signer._replace(password_file=self.at('none')))

    def test_time(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        self.refused('has expired on 20', self.signer, now + datetime.timedelta(days=3700))
        self.refused('is valid from 20', self.signer, now - datetime.timedelta(days=2))

    def test_purpose(self):
        self.refused('not for signing code', self.make('plain'))
        self.refused('not for signing code', self.make('web', '-addext', 'extendedKeyUsage=serverAuth'))
        self.refused('1024 bits', self.make('weak', '-addext', 'extendedKeyUsage=codeSigning', '-newkey', 'rsa:1024'))

    def test_key(self):
        self.refused('is not the key of', self.signer._replace(key=self.other.key))
        call('openssl', 'pkey', '-in', self.signer.key, '-aes256', '-passout', 'pass:secret', '-out', self.at('locked'))
        locked = self.signer._replace(key=self.at('locked'))
        self.refused('SIGN_PASSWORD_FILE', locked)
        write(self.at('password'), b'secret\n')
        signing.check_signer(locked._replace(password_file=self.at('password')))
        write(self.at('wrong'), b'wrong\n')
        self.refused('cannot read it', locked._replace(password_file=self.at('wrong')))

    def test_token(self):
        self.refused('SIGN_PKCS11_MODULE', self.signer._replace(key='pkcs11:object=x'))
        self.refused('has to be a PEM file', self.signer._replace(key='pkcs11:object=x', certificate='pkcs11:object=x', module=DRIVER))

    def test_variables(self):
        self.assertIsNone(signing.from_environment({}))
        for name in ('SIGN_CERT', 'SIGN_KEY'):
            self.assertRaisesRegex(SigningError, 'belong together', signing.from_environment, {name: 'x', 'SIGN_OTHER': 'y'})
        full = {'SIGN_CERT': 'a', 'SIGN_KEY': 'b', 'SIGN_CHAIN': 'c', 'SIGN_PKCS11_MODULE': 'd', 'SIGN_PASSWORD_FILE': 'e', 'SIGN_TIMESTAMP_URL': 'f'}
        self.assertEqual(signing.from_environment(full), Signer('a', 'b', 'c', 'd', 'e', 'f', False))

    def test_the_certificate_for_tests_is_kept(self):
        before = read(self.signer.certificate)
        signing.test_signer(self.at('own'))
        self.assertEqual(read(self.signer.certificate), before)
        self.assertEqual(os.stat(self.signer.key).st_mode & 0o077, 0)
        self.assertEqual(os.stat(self.at('own')).st_mode & 0o077, 0)


class Signatures(Case):
    def setUp(self):
        self.driver = self.signed('vgpu.sys', read(DRIVER))

    def changed(self, at, by=1):
        data = bytearray(read(self.driver))
        data[at] ^= by
        write(self.at('changed.sys'), data)
        return self.at('changed.sys')

    def test_right_and_the_same_twice(self):
        self.assertIsNone(self.problem(self.driver))
        self.assertEqual(read(self.driver), read(self.signed('again.sys', read(DRIVER))))

    def test_changes_are_noticed(self):
        whole = read(self.driver)
        code, inside_signature = 0x600, len(read(DRIVER)) + 1000
        cases = {'code': self.changed(code), 'header': self.changed(0x80 + 0x10), 'signature': self.changed(inside_signature)}
        for name, data in (('appended', whole + bytes(8)), ('cut', whole[:-8]), ('unsigned', read(DRIVER)),
                           ('moved', read(DRIVER)[:0x700] + b'x' + whole[0x701:])):
            write(self.at(f'{name}.sys'), data)
            cases[name] = self.at(f'{name}.sys')
        cases['signed by another'] = self.signed('another.sys', read(DRIVER), self.other)
        for name, path in cases.items():
            with self.subTest(name):
                self.assertIsNotNone(self.problem(path))

    def test_an_issued_certificate_needs_its_chain(self):
        root = self.make('root', '-addext', 'keyUsage=keyCertSign')
        call('openssl', 'req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=issued', '-keyout', self.at('issued.key'), '-out', self.at('issued.csr'))
        write(self.at('issued.cnf'), b'extendedKeyUsage = codeSigning\n')
        call('openssl', 'x509', '-req', '-in', self.at('issued.csr'), '-CA', root.certificate, '-CAkey', root.key, '-CAcreateserial',
             '-days', '5', '-extfile', self.at('issued.cnf'), '-out', self.at('issued.pem'))
        issued = Signer(self.at('issued.pem'), self.at('issued.key'), root.certificate, None, None, None, False)
        signing.check_signer(issued)
        path = self.signed('issued.sys', read(DRIVER), issued)
        self.assertIsNone(self.problem(path, issued))
        self.assertIsNotNone(self.problem(path, issued._replace(chain=None)))

    def test_windows_own_check(self):
        cat = self.signed_catalog()
        write(self.at('unsigned.sys'), read(DRIVER))
        found = wintrust(self.driver, cat, self.changed(0x600), self.at('unsigned.sys'))
        self.assertEqual(found, [GOOD, GOOD, BAD_DIGEST, NO_SIGNATURE])

    def signed_catalog(self):
        data = catalog.make({'vgpu.inf': INF, 'vgpu.sys': read(self.driver)}, ['PCI\\VEN_1AF4&DEV_1050'], WHEN)
        return self.signed('vgpu.cat', data)

    def test_catalog(self):
        cat = self.signed_catalog()
        self.assertIsNone(self.problem(cat))
        self.assertIsNone(self.problem(self.driver, cat=cat))
        self.assertIsNotNone(self.problem(self.changed(0x600), cat=cat))
        for where in (read(cat).index('vgpu.sys'.encode('utf-16-le')), len(read(cat)) - 20):
            data = bytearray(read(cat))
            data[where] ^= 1
            write(self.at('changed.cat'), data)
            self.assertIsNotNone(self.problem(self.at('changed.cat')))
            self.assertIsNotNone(self.problem(self.driver, cat=self.at('changed.cat')))
        self.assertIsNotNone(self.problem(self.signed('another.cat', read(cat), self.other)))


@unittest.skipUnless(os.path.exists(TOKEN_LIBRARY), 'softhsm2 is not installed')
class Token(Case):
    """A key in a token: SoftHSM's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.makedirs(cls.at('tokens'))
        write(cls.at('softhsm2.conf'), f'directories.tokendir = {cls.at("tokens")}\nlog.level = ERROR\n'.encode())
        os.environ['SOFTHSM2_CONF'] = cls.at('softhsm2.conf')
        cls.addClassCleanup(os.environ.pop, 'SOFTHSM2_CONF')
        call('softhsm2-util', '--init-token', '--free', '--label', 'vgpu', '--so-pin', '1234', '--pin', '5678')
        call('openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', cls.signer.key, '-out', cls.at('p8'))
        call('softhsm2-util', '--import', cls.at('p8'), '--token', 'vgpu', '--label', 'sign', '--id', '01', '--pin', '5678')
        write(cls.at('pin'), b'5678')
        cls.token = cls.signer._replace(key='pkcs11:token=vgpu;object=sign', module=TOKEN_LIBRARY, password_file=cls.at('pin'), is_test=False)

    def test_signs_as_a_file_does(self):
        signing.check_signer(self.token)
        path = self.signed('token.sys', read(DRIVER), self.token)
        self.assertIsNone(self.problem(path))
        self.assertEqual(read(path), read(self.signed('file.sys', read(DRIVER))))

    def test_refusals(self):
        write(self.at('wrong'), b'0000')
        for change in ({'password_file': self.at('wrong')}, {'key': 'pkcs11:token=other;object=sign'}, {'key': 'pkcs11:token=vgpu;object=none'}):
            with self.subTest(change):
                self.assertRaisesRegex(SigningError, 'could not be signed.*\n?', self.signed, 'refused.sys', read(DRIVER), self.token._replace(**change))
                self.assertEqual(read(self.at('refused.sys')), read(DRIVER))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
