#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""vgpu-setup under Wine: what it refuses, what it makes, and that uninstalling leaves everything as it was."""

import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, f'{HERE}/../pe']
import machine  # noqa: E402
from pe_image import PeImage  # noqa: E402
from machine import ADAPTERS, DRIVERS_32, DRIVERS_64, ENTRY, SYSTEM_32, SYSTEM_64, TARGET  # noqa: E402

DONE, FAILED, USAGE = range(3)
(OLD_WINDOWS, WRONG_MACHINE, NOT_ADMINISTRATOR, BAD_PACKAGE, TEST_SIGNING_OFF, SECURE_BOOT, NO_CONSENT, DOWNGRADE,
 NOT_INSTALLED, BUSY, DRIVER, NO_PNPUTIL, NOT_UNDONE, DAMAGED) = range(10, 24)
RESTART = 3010 & 0xff
CONTROL = r'HKLM\SYSTEM\CurrentControlSet\Control'
REGISTRATION = {'DLL': 'MvisorVGPUx64.dll', 'Version': '0x2', 'DriverVersion': '0x1', 'Flags': '0x1'}


class Case(unittest.TestCase):
    """One Windows for all tests of a class; each test leaves it as it found it."""

    @classmethod
    def setUpClass(cls):
        cls.machine = machine.Machine()
        cls.addClassCleanup(cls.machine.close)
        cls.one = cls.machine.package('1.0.0.0')
        cls.two = cls.machine.package('2.0.0.0')

    def expect(self, expected, result):
        if result[0] != expected:
            self.fail(f'exit status {result[0]}, not {expected}\n{result[1]}\n{self.machine.log()}')
        return result[1]

    def same(self, before, whole=False):
        self.assertEqual(machine.difference(before, self.machine.picture(whole)), '')


class Program(unittest.TestCase):
    def test_imports(self):
        """Nothing that lies beside it, in a folder of downloads, is loaded: Windows always has these from System32."""
        with open(machine.SETUP, 'rb') as file:
            program = PeImage(file.read())
        known = {'advapi32.dll', 'kernel32.dll', 'msvcrt.dll', 'ole32.dll', 'setupapi.dll', 'shell32.dll'}
        self.assertLessEqual({module.lower() for module, _ in program.imports()}, known)


class Refusals(Case):
    """Nothing is changed when something speaks against it."""

    def setUp(self):
        self.before = self.machine.picture()

    def tearDown(self):
        self.same(self.before)

    def refused(self, code, package, *arguments, said='', **options):
        output = self.expect(code, self.machine.setup(package, *arguments, **options))
        self.assertIn(said, output)

    def test_arguments(self):
        self.assertIn('Exit status', self.expect(DONE, self.machine.setup(self.one, '--help')))
        self.refused(USAGE, self.one, '/what', said='/what is not understood')
        self.refused(USAGE, self.one, 'install', 'uninstall', said='uninstall is not understood')
        self.refused(USAGE, self.one, '/log', said='lacks its value')

    def test_not_installed(self):
        self.refused(NOT_INSTALLED, self.one, 'status', said='not installed')
        self.refused(NOT_INSTALLED, self.one, 'repair', '/S', said='Nothing is installed')
        self.refused(DONE, self.one, 'uninstall', '/S', said='nothing to do')

    def test_old_windows(self):
        self.addCleanup(self.machine.set_windows, 'win10')
        self.machine.set_windows('win81')
        self.refused(OLD_WINDOWS, self.one, '/S', said='Windows 10 1607')

    def test_no_pnputil(self):
        self.addCleanup(self.machine.bring_pnputil)
        path = f'{self.machine.drive}/windows/system32/pnputil.exe'
        os.rename(path, f'{path}.away')
        self.refused(NO_PNPUTIL, self.one, '/S', said='pnputil.exe is missing')
        os.rename(f'{path}.away', path)

    def test_package(self):
        """Each file that is needed is missed; an INF without a version is none."""
        broken = self.machine.package('3.0.0.0')
        for name in ('vgpu.sys', 'vgpu.inf', 'vgpu.cat', 'MvisorVGPUx64.dll', 'MvisorVGPUx86.dll', 'x64/opengl32.dll',
                     'x86/opengl32.dll', 'vgpu-info.exe'):
            path = f'{broken.folder}/{name}'
            os.rename(path, f'{path}.away')
            self.refused(BAD_PACKAGE, broken, '/S', said=name.replace('/', '\\'))
            os.rename(f'{path}.away', path)
        broken.write('vgpu.inf', '[Version]\nDriverVer = 11/23/2026,1.x\n')
        self.refused(BAD_PACKAGE, broken, '/S', said='names no version')

    def test_two_at_a_time(self):
        """The second is told so. The first waits for an answer."""
        certificate = machine.make_certificate(self.machine.folder, 'busy')
        package = self.machine.package('4.0.0.0', certificate=certificate)
        first = subprocess.Popen(['wine', f'{package.folder}/vgpu-setup.exe', '/ignore-boot-state'],
                                 env=self.machine.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
        try:
            while b'[y/N]' not in first.stdout.readline():
                self.assertIsNone(first.poll())
            self.refused(BUSY, self.one, '/S', said='Another vgpu-setup')
        finally:
            first.communicate(b'n\n', machine.LIMIT)
        self.assertEqual(first.returncode, NO_CONSENT)


class TestSigned(Case):
    """A package with a certificate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificate = machine.make_certificate(cls.machine.folder, 'Setup Test')
        cls.signed = cls.machine.package('1.1.0.0', certificate=certificate)
        with open(certificate, 'rb') as file:
            cls.encoded = file.read().hex()

    def stores(self):
        """In how many of the machine's stores the certificate is."""
        output = self.machine.must(f'{machine.PROGRAMS}/registry_dump.exe',
                                   r'SOFTWARE\Microsoft\SystemCertificates\TrustedPublisher',
                                   r'SOFTWARE\Microsoft\SystemCertificates\Root')
        return output.count(self.encoded)

    def start_options(self, text):
        self.machine.add_value(CONTROL, 'SystemStartOptions', text)

    def test_boot_state(self):
        before = self.machine.picture()
        output = self.expect(TEST_SIGNING_OFF, self.machine.setup(self.signed, '/S', '/accept-test-certificate'))
        self.assertIn('bcdedit /set testsigning on', output)
        self.same(before)
        self.machine.add_value(CONTROL + r'\SecureBoot\State', 'UEFISecureBootEnabled', '1', 'REG_DWORD')
        self.start_options(' NOEXECUTE=OPTIN  TESTSIGNING')
        try:
            output = self.expect(SECURE_BOOT, self.machine.setup(self.signed, '/S', '/accept-test-certificate'))
            self.assertIn("turn Secure Boot off in the virtual machine's firmware", output)
        finally:
            self.machine.must('reg', 'delete', CONTROL + r'\SecureBoot', '/f')
            self.machine.must('reg', 'delete', CONTROL, '/v', 'SystemStartOptions', '/f')
        self.same(before)

    def test_consent(self):
        self.start_options('TESTSIGNING')
        self.addCleanup(self.machine.must, 'reg', 'delete', CONTROL, '/v', 'SystemStartOptions', '/f')
        before = self.machine.picture()
        self.assertIn('/accept-test-certificate', self.expect(NO_CONSENT, self.machine.setup(self.signed, '/S')))
        self.expect(NO_CONSENT, self.machine.setup(self.signed, text='\n'))
        self.expect(NO_CONSENT, self.machine.setup(self.signed, text=''))
        self.assertEqual(self.stores(), 0)
        self.same(before)

        self.assertIn('"Setup Test"', self.expect(DONE, self.machine.setup(self.signed, text='y\n')))
        self.assertEqual(self.stores(), 2)
        self.expect(DONE, self.machine.setup(self.signed, 'repair', '/S'))
        self.expect(DONE, self.machine.setup(self.signed, 'uninstall', '/S'))
        self.assertEqual(self.stores(), 0)
        self.same(before)

    def test_to_production(self):
        """A package with a production signature takes the test certificate away; and one that was there before stays."""
        self.expect(DONE, self.machine.setup(self.signed, '/S', '/ignore-boot-state', '/accept-test-certificate'))
        self.assertEqual(self.stores(), 2)
        self.expect(DONE, self.machine.setup(self.two, '/S'))
        self.assertEqual(self.stores(), 0)
        self.assertFalse(self.machine.exists(f'{TARGET}/vgpu-test.cer'))
        self.expect(DONE, self.machine.setup(self.two, 'uninstall', '/S'))


class Life(Case):
    """Install, look, break, repair, upgrade, downgrade, uninstall."""

    def check_installed(self, package):
        self.assertEqual(self.machine.read(SYSTEM_64).decode(), f'MvisorVGPUx64.dll of {package.version}')
        self.assertEqual(self.machine.read(SYSTEM_32).decode(), f'MvisorVGPUx86.dll of {package.version}')
        self.assertEqual(self.machine.values(DRIVERS_64), REGISTRATION)
        self.assertEqual(self.machine.values(DRIVERS_32), dict(REGISTRATION, DLL='MvisorVGPUx86.dll'))
        entry = self.machine.values(ENTRY)
        self.assertEqual(entry['DisplayVersion'], package.version)
        self.assertEqual(entry['QuietUninstallString'],
                         r'"C:\Program Files\Virtual GPU\vgpu-setup.exe" uninstall /S')
        published = [name for name in os.listdir(f'{self.machine.drive}/windows/inf') if name.startswith('oem')]
        self.assertEqual(len(published), 1, published)
        self.assertIn(package.version, self.machine.read(f'windows/inf/{published[0]}').decode())
        self.assertIn('whole', self.expect(DONE, self.machine.installed('status')))

    def test_life(self):
        before = self.machine.picture(whole=True)
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        self.check_installed(self.one)
        adapter = self.machine.values(ADAPTERS + r'\0000')
        self.assertEqual(adapter['OpenGLDriverName'], 'MvisorVGPUx64.dll')
        self.assertEqual(adapter['OpenGLDriverNameWow'], 'MvisorVGPUx86.dll')

        with self.subTest('again: nothing changes'):
            installed = self.machine.picture(whole=True)
            self.machine.log()
            self.expect(DONE, self.machine.setup(self.one, '/S'))
            self.assertNotIn(': set', self.machine.log())
            self.same(installed, whole=True)
        with self.subTest('repair, from what is installed'):
            os.unlink(f'{self.machine.drive}/{SYSTEM_64}')
            self.machine.write(SYSTEM_32, 'damaged')
            self.machine.must('reg', 'delete', DRIVERS_32, '/f')
            self.machine.add_value(DRIVERS_64, 'Version', '7', 'REG_DWORD')
            self.assertIn('MSOGL', self.expect(DAMAGED, self.machine.installed('status')))
            self.expect(DONE, self.machine.installed('repair', '/S'))
            self.check_installed(self.one)
            self.same(installed, whole=True)
        with self.subTest('upgrade'):
            self.expect(DONE, self.machine.setup(self.two, '/S'))
            self.check_installed(self.two)
            self.assertIn('Version 2.0.0.0 is installed, and this', self.expect(
                BAD_PACKAGE, self.machine.setup(self.one, 'repair', '/S')))
        with self.subTest('downgrade'):
            installed = self.machine.picture()
            self.assertIn('/force', self.expect(DOWNGRADE, self.machine.setup(self.one, '/S')))
            self.same(installed)
            self.expect(DONE, self.machine.setup(self.one, '/S', '/force'))
            self.check_installed(self.one)
        with self.subTest('uninstall, from what is installed'):
            self.expect(DONE, self.machine.installed('uninstall', '/S'))
            self.wait_for_own_file()
            self.same(before, whole=True)

    def wait_for_own_file(self):
        """vgpu-setup.exe deletes itself after its end."""
        self.machine.must('cmd', '/c', 'ping', '-n', '3', '127.0.0.1')

    def test_rebuilt(self):
        """The same version, built or signed anew, replaces the driver."""
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        with open(f'{self.one.folder}/vgpu.cat', encoding='ascii') as file:
            self.addCleanup(self.one.write, 'vgpu.cat', file.read())
        self.one.write('vgpu.cat', 'signed anew')
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        self.check_installed(self.one)
        store = f'{self.machine.drive}/windows/system32/DriverStore/FileRepository'
        catalogs = [self.machine.read(f'windows/system32/DriverStore/FileRepository/{name}/vgpu.cat')
                    for name in os.listdir(store)]
        self.assertEqual(catalogs, [b'signed anew'])
        self.expect(DONE, self.machine.setup(self.one, 'uninstall', '/S'))

    def test_restart(self):
        """Windows' wish for a restart is passed on."""
        self.expect(RESTART, self.machine.setup(self.one, '/S', PNPUTIL_RESTARTS='1'))
        self.assertIn('exit status 3010', self.machine.log())
        self.expect(RESTART, self.machine.setup(self.one, 'uninstall', '/S', PNPUTIL_RESTARTS='1'))

    def test_log(self):
        log = f'{self.machine.folder}/fleet.log'
        self.expect(DONE, self.machine.setup(self.one, '/S', '/log', machine.prefix.dos_path(log)))
        self.expect(DONE, self.machine.setup(self.one, 'uninstall', '/S', '/log', machine.prefix.dos_path(log)))
        with open(log, encoding='utf-8') as file:
            text = file.read()
        for line in ('Windows 10.0', 'Published name: oem1.inf', 'OpenGLDrivers\\MSOGL DLL: set', 'exit status 0',
                     'Deleted oem1.inf'):
            self.assertIn(line, text)

    def test_scripts(self):
        """install.bat and uninstall.bat give vgpu-setup's status and arguments on, from any folder."""
        self.assertIn('/what', self.expect(USAGE, self.run_script('install.bat', '/what')))
        self.expect(DONE, self.run_script('install.bat', '/S'))
        self.check_installed(self.two)
        self.expect(DONE, self.run_script('uninstall.bat', '/S'))
        self.assertFalse(self.machine.exists(TARGET))
        os.rename(f'{self.two.folder}/vgpu-setup.exe', f'{self.two.folder}/away')
        self.addCleanup(os.rename, f'{self.two.folder}/away', f'{self.two.folder}/vgpu-setup.exe')
        self.assertIn('Unpack the whole package', self.expect(BAD_PACKAGE, self.run_script('install.bat')))

    def run_script(self, name, *arguments):
        return self.machine.run('cmd', '/c', machine.prefix.dos_path(f'{self.two.folder}/{name}'), *arguments)


class Others(Case):
    """What others have put in the same places."""

    def test_put_back(self):
        """Another OpenGL driver's registration, and files of our names, come back."""
        self.machine.add_value(DRIVERS_64, 'DLL', 'other.dll')
        for name, value in (('Version', '2'), ('DriverVersion', '1'), ('Flags', '3')):
            self.machine.add_value(DRIVERS_64, name, value, 'REG_DWORD')
        self.machine.add_value(DRIVERS_64, 'More', 'of it')
        self.machine.write(SYSTEM_64, 'somebody else\'s')
        before = self.machine.picture(whole=True)
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        self.assertEqual(self.machine.values(DRIVERS_64), dict(REGISTRATION, More='of it'))
        self.expect(DONE, self.machine.setup(self.two, '/S'))
        self.expect(DONE, self.machine.setup(self.two, 'uninstall', '/S'))
        self.same(before, whole=True)
        self.machine.must('reg', 'delete', DRIVERS_64, '/f')
        os.unlink(f'{self.machine.drive}/{SYSTEM_64}')

    def test_adapter(self):
        """A display adapter's own OpenGL driver stays, also one that comes later."""
        self.machine.add_value(ADAPTERS + r'\0000', 'OpenGLDriverName', 'vendor.dll')
        before = self.machine.picture()
        adapter = self.machine.values(ADAPTERS + r'\0000')
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        self.assertEqual(self.machine.values(ADAPTERS + r'\0000'), adapter)
        self.expect(DONE, self.machine.setup(self.one, 'uninstall', '/S'))
        self.same(before)
        self.machine.must('reg', 'delete', ADAPTERS + r'\0000', '/v', 'OpenGLDriverName', '/f')

        self.expect(DONE, self.machine.setup(self.one, '/S'))
        self.machine.add_value(ADAPTERS + r'\0000', 'OpenGLDriverName', 'vendor.dll')
        self.expect(DONE, self.machine.setup(self.one, 'uninstall', '/S'))
        self.assertEqual(self.machine.values(ADAPTERS + r'\0000')['OpenGLDriverName'], 'vendor.dll')
        for name in ('DriverName', 'DriverNameWow', 'Version', 'Flags', 'VersionWow', 'FlagsWow'):
            self.machine.run('reg', 'delete', ADAPTERS + r'\0000', '/v', f'OpenGL{name}', '/f')

    def test_registered_later(self):
        """Who registers after us keeps it when we go; when we take it again, it comes back."""
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        self.machine.add_value(DRIVERS_32, 'DLL', 'later.dll')
        self.machine.add_value(DRIVERS_32, 'Flags', '9', 'REG_DWORD')
        later = self.machine.values(DRIVERS_32)
        self.expect(DAMAGED, self.machine.setup(self.one, 'status'))
        self.expect(DONE, self.machine.setup(self.two, '/S'))
        self.assertEqual(self.machine.values(DRIVERS_32)['DLL'], 'MvisorVGPUx86.dll')
        self.expect(DONE, self.machine.setup(self.two, 'uninstall', '/S'))
        self.assertEqual(self.machine.values(DRIVERS_32), later)

        self.machine.must('reg', 'delete', DRIVERS_32, '/f')
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        self.machine.add_value(DRIVERS_32, 'DLL', 'later.dll')
        self.expect(DONE, self.machine.setup(self.one, 'uninstall', '/S'))
        self.assertEqual(self.machine.values(DRIVERS_32)['DLL'], 'later.dll')
        self.machine.must('reg', 'delete', DRIVERS_32, '/f')

    def test_user_files(self):
        """A file that a user has put into our folder stays, and nothing else."""
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        self.machine.write(f'{TARGET}/notes.txt', 'mine')
        self.expect(DONE, self.machine.setup(self.one, 'uninstall', '/S'))
        self.assertEqual(os.listdir(f'{self.machine.drive}/{TARGET}'), ['notes.txt'])
        os.unlink(f'{self.machine.drive}/{TARGET}/notes.txt')
        os.rmdir(f'{self.machine.drive}/{TARGET}')

    def test_lost_list(self):
        """Without the list of what stood there before, uninstalling still removes everything."""
        before = self.machine.picture()
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        os.unlink(f'{self.machine.drive}/{TARGET}/saved/originals')
        self.expect(DONE, self.machine.setup(self.one, 'uninstall', '/S'))
        self.same(before)


class Caches(Case):
    """What the OpenGL driver keeps in users' profiles."""

    def cache(self, folder):
        path = f'{self.machine.drive}/{folder}'
        for name in ('a', 'f'):
            os.makedirs(f'{path}/{name}')
            with open(f'{path}/{name}/0123456789abcdef', 'w') as file:
                file.write('a shader')
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path

    def test_all_users(self):
        """All users' caches go with the package, and nothing that a link in the place of one leads to."""
        before = self.machine.picture()
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        for user in ('one', 'two'):
            self.cache(f'users/{user}/AppData/Local/vgpu/shader-cache')
            self.addCleanup(shutil.rmtree, f'{self.machine.drive}/users/{user}', ignore_errors=True)
        elsewhere = self.cache('elsewhere/shader-cache')
        local = f'{self.machine.drive}/users/two/AppData/Local'
        shutil.rmtree(f'{local}/vgpu')
        os.symlink(os.path.dirname(elsewhere), f'{local}/vgpu')
        with open(f'{self.machine.drive}/users/one/AppData/Local/kept', 'w') as file:
            file.write('not ours')
        self.expect(DONE, self.machine.installed('uninstall', '/S'))
        self.machine.must('cmd', '/c', 'ping', '-n', '3', '127.0.0.1')
        self.assertEqual(os.listdir(f'{self.machine.drive}/users/one/AppData/Local'), ['kept'])
        self.assertEqual(sorted(os.listdir(elsewhere)), ['a', 'f'])
        self.assertEqual(os.listdir(f'{elsewhere}/a'), ['0123456789abcdef'])
        shutil.rmtree(f'{self.machine.drive}/elsewhere')
        for user in ('one', 'two'):
            shutil.rmtree(f'{self.machine.drive}/users/{user}')
        self.same(before)


class InUse(Case):
    """Programs that run have our DLL loaded."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, package in (('1', cls.one), ('2', cls.two)):
            shutil.copy(f'{machine.PROGRAMS}/held{number}.dll', f'{package.folder}/MvisorVGPUx64.dll')

    def start_holder(self):
        holder = subprocess.Popen(['wine', f'{machine.PROGRAMS}/holder.exe', r'C:\windows\system32\MvisorVGPUx64.dll'],
                                  env=self.machine.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        return holder, holder.stdout.readline().decode().split()[-1]

    def test_upgrade_and_uninstall(self):
        before = self.machine.picture()
        self.expect(DONE, self.machine.setup(self.one, '/S'))
        first, version = self.start_holder()
        self.assertEqual(version, '1')
        self.expect(RESTART, self.machine.setup(self.two, '/S'))
        second, version = self.start_holder()
        self.assertEqual(version, '2')
        self.expect(RESTART, self.machine.setup(self.two, 'uninstall', '/S'))
        self.assertFalse(self.machine.exists(SYSTEM_64))
        # Both programs are none the wiser.
        self.assertEqual(first.communicate(b'', machine.LIMIT)[0].decode().strip(), '1')
        self.assertEqual(second.communicate(b'', machine.LIMIT)[0].decode().strip(), '2')
        self.machine.restart()
        self.same(before)


if __name__ == '__main__':
    unittest.main()
