#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The release: what is in it, that everything fits together, and that it is made the same twice. Takes what is built."""

import glob
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [f'{ROOT}/package', f'{ROOT}/scripts']
import archives  # noqa: E402
import authenticode  # noqa: E402
import dist  # noqa: E402
import machine  # noqa: E402
import release  # noqa: E402
import signing  # noqa: E402
import stage  # noqa: E402
from check import sources  # noqa: E402
from inf import Inf  # noqa: E402

SKIPPED = 77
LIMIT = 500
WHEN = 1790000000
VERSION = release.version()
NAME = f'vgpu-{VERSION}'
LICENCES = ['LICENSE-Mesa.txt', 'LICENSE-gcc-runtime.txt', 'LICENSE-installer.txt', 'LICENSE-mingw-w64.txt', 'LICENSE.txt']
CONTENTS = sorted([*LICENCES, 'MvisorVGPUx64.dll', 'MvisorVGPUx86.dll', 'README.txt', 'install.bat', 'uninstall.bat', 'vgpu-info.exe',
                   'vgpu-setup.exe', 'vgpu-test.cer', 'vgpu.cat', 'vgpu.inf', 'vgpu.sys', 'x64/opengl32.dll', 'x86/opengl32.dll'])
OUTPUT = sorted(['SHA256SUMS', *(NAME + end for end in ('-setup.exe', '-submission.cab', '-symbols.zip', '-unsigned.sha256', '.iso',
                                                        '.spdx.json', '.zip'))])


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=LIMIT,
                          text=True, **options)


def make(output, umask=0o022, **environment):
    return run(f'{ROOT}/package/dist.py', '--no-build', '--output', output, cwd='/', umask=umask,
               env={**os.environ, 'SOURCE_DATE_EPOCH': str(WHEN), **environment})


class Release(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='vgpu-dist-')
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.out = f'{cls.folder}/one'
        result = make(cls.out)
        assert result.returncode == 0, result.stdout
        with zipfile.ZipFile(f'{cls.out}/{NAME}.zip') as archive:
            archive.extractall(f'{cls.folder}/zip')
        cls.package = f'{cls.folder}/zip'

    def test_same_twice(self):
        result = make(f'{self.folder}/deeper/two', umask=0o077, TZ='Asia/Tokyo', LANG='C.UTF-8')
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertEqual(read(f'{self.folder}/deeper/two/SHA256SUMS'), read(f'{self.out}/SHA256SUMS'))

    def test_everything_is_there(self):
        self.assertEqual(sorted(os.listdir(self.out)), OUTPUT)
        self.assertEqual(archives.files_of(self.package), CONTENTS)
        result = run('sha256sum', '--check', '--strict', 'SHA256SUMS', cwd=self.out)
        self.assertEqual((result.returncode, result.stdout.count(': OK')), (0, len(OUTPUT) - 1), result.stdout)

    def test_installer(self):
        """Under Wine, as it is signed: refused without test-signing, then it puts there what the zip has, and takes it away."""
        windows = machine.Machine()
        self.addCleanup(windows.close)
        before = windows.picture()
        self.assertEqual(windows.run(f'{self.out}/{NAME}-setup.exe', '/S')[0], 14, windows.log())
        status, _ = windows.run(f'{self.out}/{NAME}-setup.exe', '/S', '/accept-test-certificate', '/ignore-boot-state')
        self.assertEqual(status, 0, windows.log())
        for name in set(CONTENTS) - {'install.bat', 'uninstall.bat'}:
            self.assertEqual(windows.read(f'{machine.TARGET}/{name}'), read(f'{self.package}/{name}'), name)
        self.assertEqual(windows.installed('status')[0], 0)
        self.assertEqual(windows.run(f'{self.out}/{NAME}-setup.exe', '/S', 'uninstall')[0], 0, windows.log())
        self.assertEqual(machine.difference(before, windows.picture()), '')

    def test_iso_is_the_zip(self):
        iso = f'{self.out}/{NAME}.iso'
        for tree in ('-joliet', '-rockridge'):
            target = f'{self.folder}/iso{tree}'
            hide = [] if tree == '-rockridge' else ['-read_fs', 'norock']
            result = run('xorriso', '-no_rc', *hide, '-osirrox', 'on', '-indev', iso, '-extract', '/', target)
            self.assertEqual(result.returncode, 0, result.stdout)
            self.assertEqual(archives.files_of(target), CONTENTS, tree)
            for name in CONTENTS:
                self.assertEqual(read(f'{target}/{name}'), read(f'{self.package}/{name}'), name)
            run('chmod', '-R', 'u+w', target)
        self.assertEqual(read(iso)[0x8028:0x8048].decode().strip(), f'VGPU_{VERSION.replace(".", "_")}')

    def test_one_version(self):
        wanted = f'{VERSION}.0'
        self.assertTrue(f',{wanted}'.encode() in read(f'{self.package}/vgpu.inf'))
        self.assertTrue(Inf(read(f'{self.package}/vgpu.inf')).value('Version', 'DriverVer').startswith(f'{release.date(WHEN):%m/%d/%Y}'))
        programs = [name for name in CONTENTS if name.endswith(('.sys', '.exe', '.dll'))]
        self.assertGreaterEqual(len(programs), 7)
        for path in (*(f'{self.package}/{name}' for name in programs), f'{self.out}/{NAME}-setup.exe'):
            data = read(path)
            found = struct.unpack_from('<2I', data, data.index(struct.pack('<I', 0xfeef04bd)) + 16)  # the product's
            self.assertEqual('.'.join(str(number >> shift & 0xffff) for number in found for shift in (16, 0)), wanted, path)
        self.assertIn(VERSION, read(f'{self.package}/README.txt').decode())

    def test_texts_are_windows(self):
        for name in CONTENTS:
            if name.endswith(('.txt', '.bat', '.inf')):
                data = read(f'{self.package}/{name}')
                self.assertEqual(data.count(b'\n'), data.count(b'\r\n'), name)
        self.assertNotIn('[signed]', read(f'{self.package}/README.txt').decode())
        self.assertIn('SIGNED FOR TESTS', read(f'{self.package}/README.txt').decode())
        self.assertNotIn('TEST', stage.readme(False).decode())

    def test_signatures(self):
        signer = signing.test_signer(f'{stage.BUILD}/test-signing')
        trusted = signing.trusted_file(signer, self.folder)
        self.assertEqual(read(f'{self.package}/vgpu-test.cer'), signing.certificate_der(signer))
        for name in CONTENTS:
            if name.endswith(('.sys', '.exe', '.dll', '.cat')):
                self.assertIsNone(signing.verify(f'{self.package}/{name}', trusted), name)
        for end in ('-setup.exe', '-submission.cab'):
            self.assertIsNone(signing.verify(f'{self.out}/{NAME}{end}', trusted), end)
        self.assertIsNone(signing.verify(f'{self.package}/vgpu.sys', trusted, f'{self.package}/vgpu.cat'))
        self.assertTrue(hashlib.sha256(read(f'{self.package}/vgpu.inf')).digest() in read(f'{self.package}/vgpu.cat'))

    def test_unsigned_hashes_are_those_of_what_was_built(self):
        lines = dict(reversed(line.split('  ')) for line in read(f'{self.out}/{NAME}-unsigned.sha256').decode().splitlines())
        self.assertEqual(sorted([*lines, 'vgpu-test.cer', 'vgpu.cat']), CONTENTS)
        for name, path in {**stage.DRIVER, **stage.DLLS}.items():
            built = read(path) if name in stage.DRIVER else authenticode.without_time(read(path))
            self.assertEqual(lines[name], authenticode.digest(built, 'sha256').hex(), name)
        for name in lines:
            self.assertEqual(lines[name], authenticode.digest(read(f'{self.package}/{name}'), 'sha256').hex(), name)

    def test_no_path_of_this_machine(self):
        with zipfile.ZipFile(f'{self.out}/{NAME}-symbols.zip') as archive:
            archive.extractall(f'{self.folder}/symbols')
            self.assertIn('vgpu.pdb', archive.namelist())
            for name in (*stage.PROGRAMS, 'x64/MvisorVGPUx64.dll', 'x86/MvisorVGPUx86.dll'):
                self.assertIn(f'{name}.debug', archive.namelist())
        for path in glob.glob(f'{self.package}/**', recursive=True) + glob.glob(f'{self.folder}/symbols/**', recursive=True):
            if os.path.isfile(path):
                data = read(path)
                for where in (ROOT, os.path.realpath(stage.BUILD), os.path.expanduser('~/.cache')):
                    self.assertFalse(where.encode() in data, path)

    def test_no_time_of_the_build(self):
        """Whenever the OpenGL DLLs were linked and stripped, they are the same."""
        for name in stage.DLLS:
            later = bytearray(read(stage.DLLS[name]))
            struct.pack_into('<I', later, struct.unpack_from('<I', later, 0x3c)[0] + 8, WHEN)
            self.assertTrue(authenticode.without_time(later) == authenticode.without_time(read(stage.DLLS[name])), name)
        for name in stage.IMAGES:
            data = read(f'{self.package}/{name}')
            time, = struct.unpack_from('<I', data, struct.unpack_from('<I', data, 0x3c)[0] + 8)
            if name not in stage.DRIVER:  # whose linker writes a hash there
                self.assertEqual(time, 0, name)

    def test_symbols_are_the_drivers(self):
        """The identity of the PDB, which debuggers compare."""
        driver = read(f'{self.package}/vgpu.sys')
        at = driver.index(b'RSDS')
        with zipfile.ZipFile(f'{self.out}/{NAME}-symbols.zip') as archive:
            self.assertTrue(driver[at + 4:at + 20] in archive.read('vgpu.pdb'))

    def test_bill_of_materials(self):
        bill = json.loads(read(f'{self.out}/{NAME}.spdx.json'))
        self.assertEqual(bill['spdxVersion'], 'SPDX-2.3')
        found = {entry['fileName'][2:]: entry for entry in bill['files']}
        self.assertEqual(sorted(found), CONTENTS)
        for name, entry in found.items():
            sums = {one['algorithm']: one['checksumValue'] for one in entry['checksums']}
            self.assertEqual(sums['SHA256'], hashlib.sha256(read(f'{self.package}/{name}')).hexdigest(), name)
        mesa = next(entry for entry in bill['packages'] if entry['name'] == 'Mesa')
        self.assertEqual((mesa['versionInfo'], mesa['checksums'][0]['checksumValue']),
                         (stage.mesa_pin()['MESA_VERSION'], stage.mesa_pin()['MESA_SHA256']))
        known = {'SPDXRef-DOCUMENT', *(entry['SPDXID'] for entry in bill['packages'] + bill['files'])}
        self.assertEqual(len(known), 1 + len(bill['packages']) + len(bill['files']))
        for entry in bill['relationships']:
            self.assertLessEqual({entry['spdxElementId'], entry['relatedSpdxElement']}, known)
        linked = {entry['spdxElementId'] for entry in bill['relationships'] if entry['relationshipType'] == 'STATIC_LINK'}
        self.assertEqual(linked, {found[name]['SPDXID'] for name in stage.IMAGES if name != 'vgpu.sys'})

    def test_submission(self):
        cabinet = f'{self.out}/{NAME}-submission.cab'
        self.assertEqual(sorted(run('gcab', '--list', cabinet).stdout.split()), ['vgpu\\vgpu.inf', 'vgpu\\vgpu.pdb', 'vgpu\\vgpu.sys'])

    def signed_by_others(self):
        """What Microsoft gives back, signed by somebody else here."""
        place = tempfile.mkdtemp(dir=self.folder)
        other = signing.test_signer(f'{self.folder}/other')
        for name in ('vgpu.sys', 'vgpu.inf'):
            shutil.copy(f'{self.package}/{name}', place)
        signing.sign(other, f'{place}/vgpu.sys', WHEN, 'other')
        dist.make_catalog(place, WHEN)
        return place

    def test_driver_signed_elsewhere(self):
        place, target = self.signed_by_others(), f'{self.folder}/target'
        shutil.copytree(self.package, target)
        dist.take_signed_driver(place, target)
        self.assertEqual(read(f'{target}/vgpu.sys'), read(f'{place}/vgpu.sys'))
        self.assertNotEqual(read(f'{target}/vgpu.sys'), read(f'{self.package}/vgpu.sys'))

    def test_another_driver_is_refused(self):
        for name, words in (('vgpu.sys', 'not the one of this build'), ('vgpu.inf', 'not the one of this build'), ('vgpu.cat', 'does not have')):
            place = self.signed_by_others()
            data = bytearray(read(f'{place}/{name}'))
            if name == 'vgpu.cat':
                data = data.replace(authenticode.digest(read(f'{place}/vgpu.sys'), 'sha256'), bytes(32))
            else:
                data[0x600] ^= 1
            stage.write(f'{place}/{name}', data)
            with self.subTest(name), self.assertRaisesRegex(release.ReleaseError, words):
                dist.take_signed_driver(place, self.package)
        os.unlink(f'{place}/vgpu.cat')
        self.assertRaisesRegex(release.ReleaseError, 'vgpu.cat is missing', dist.take_signed_driver, place, self.package)


class Refusals(unittest.TestCase):
    def test_what_is_wrong_is_said_and_nothing_is_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            stage.write(f'{folder}/out/old', b'')
            for environment, words in (({'SIGN_CERT': '/none', 'SIGN_KEY': '/none'}, 'SIGN_CERT=/none: No such file'),
                                       ({'SIGN_KEY': '/none'}, 'belong together'), ({'SOURCE_DATE_EPOCH': 'today'}, 'set SOURCE_DATE_EPOCH'),
                                       ({'VGPU_BUILD': f'{folder}/none'}, 'not built')):
                with self.subTest(environment):
                    result = make(f'{folder}/out', **environment)
                    self.assertEqual(result.returncode, 1, result.stdout)
                    self.assertIn('dist: ', result.stdout)
                    self.assertIn(words, result.stdout)
                    self.assertNotIn('Traceback', result.stdout)
                    self.assertEqual(os.listdir(f'{folder}/out'), ['old'])


class OwnParts(unittest.TestCase):
    def test_built_elsewhere_they_are_the_same(self):
        """Another folder, no compiler cache."""
        with tempfile.TemporaryDirectory(prefix='vgpu-elsewhere-') as folder:
            for name in sources():
                os.makedirs(os.path.dirname(f'{folder}/tree/{name}'), exist_ok=True)
                shutil.copy(f'{ROOT}/{name}', f'{folder}/tree/{name}')
            os.makedirs(f'{folder}/tree/build')
            os.symlink(f'{stage.BUILD}/tools', f'{folder}/tree/build/tools')
            environment = {**os.environ, 'CCACHE_DISABLE': '1'}
            parts = {**stage.DRIVER, 'vgpu.pdb': f'{stage.WIN64}/kernel/vgpu.pdb', **stage.PROGRAMS}
            targets = [os.path.relpath(path, stage.WIN64) for path in parts.values()]
            for command in (['scripts/configure.sh', 'win64'], ['ninja', '-C', 'build/win64', *targets]):
                result = run(*command, cwd=f'{folder}/tree', env=environment)
                self.assertEqual(result.returncode, 0, result.stdout[-3000:])
            for name, target in zip(parts, targets):
                self.assertEqual(hashlib.sha256(read(f'{folder}/tree/build/win64/{target}')).hexdigest(),
                                 hashlib.sha256(read(parts[name])).hexdigest(), name)


if __name__ == '__main__':
    lacking = [path for path in stage.IMAGES.values() if not os.path.exists(path)]
    if lacking:
        print(f'not built: {lacking}')
        sys.exit(SKIPPED)
    unittest.main()
