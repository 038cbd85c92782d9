# SPDX-License-Identifier: MIT
"""The shader cache on disk: what a second start finds, what is broken or half written, several at once, its bound, and that
it can be turned off. The pixels are always the same."""

import glob
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import harness
from sim.run import prefix

PROGRAM = f'{harness.ROOT}/build/win64/tests/e2e/shaders.exe'
NATIVE = f'{harness.ROOT}/build/native/tests/e2e/shaders'
COUNT = 16  # programs
DAY = 24 * 3600
UNIT = 4096  # bytes of disk that a file takes at least


class Base(unittest.TestCase):
    program = PROGRAM

    def setUp(self):
        self.out = tempfile.mkdtemp(prefix='vgpu-e2e-shaders-')
        self.addCleanup(shutil.rmtree, self.out, ignore_errors=True)
        self.folder = f'{self.out}/cache'

    def start(self, count, values, *more):
        return harness.Stack(self.program, str(count), *more, limit=120, values=values)

    def values(self, **more):
        return {'VGPU_SHADER_CACHE_FOLDER': harness.dos_path(self.folder), **more}

    def finish(self, stack):
        status, output, broken = stack.wait(150), stack.output(), stack.broken_rules()
        self.assertEqual(status, 0, output)
        self.assertEqual(broken, [], output)
        return next(line.split()[1] for line in output.splitlines() if line.startswith('pixels '))

    def draw(self, count=COUNT, **more):
        """The hash of the pixels."""
        with self.start(count, self.values(**more)) as stack:
            return self.finish(stack)

    def files(self, pattern='?/*'):
        return sorted(path for path in glob.glob(f'{self.folder}/{pattern}') if os.path.isfile(path))

    def entries(self):
        return [path for path in self.files() if '.' not in os.path.basename(path)]

    def contents(self):
        return {path: open(path, 'rb').read() for path in self.entries()}

    def make_old(self):
        for path in self.files():
            os.utime(path, (time.time() - 9 * DAY,) * 2)

    def used(self):
        """The entries that were found and were good: reading one that has not been used for a day is noted in its time."""
        return [path for path in self.entries() if time.time() - os.path.getmtime(path) < DAY]


class Cache32(Base):
    program = PROGRAM.replace('/win64/', '/win32/')

    def test_second_start(self):
        """Every program is found, and nothing is written again. Broken entries are as if they were not there."""
        first = self.draw()
        before = self.contents()
        self.assertGreaterEqual(len(before), COUNT)
        self.assertGreater(len(self.files('?/*.mark')), COUNT)
        self.make_old()
        self.assertEqual(self.draw(), first)
        self.assertEqual(self.contents(), before)
        self.assertGreaterEqual(len(self.used()), COUNT)

        for i, path in enumerate(self.entries()):
            data = bytearray(before[path])
            data[len(data) * (i % 7) // 8] ^= 1
            with open(path, 'wb') as file:
                file.write(data[:len(data) // 2] if i % 5 == 4 else data)
        self.assertEqual(self.draw(), first)
        self.assertEqual(self.contents(), before)


class Cache(Cache32):
    program = PROGRAM

    def test_two_at_once(self):
        """And one that is killed in the middle."""
        reference = self.draw(VGPU_SHADER_CACHE='0')
        with self.start(COUNT, self.values()) as one, self.start(COUNT, self.values()) as other:
            self.assertEqual(self.finish(one), reference)
            self.assertEqual(self.finish(other), reference)
        self.assertEqual(self.files('?/*.tmp'), [])

        shutil.rmtree(self.folder)
        with self.start(1000, self.values(), 'link') as stack:
            self.assertTrue(stack.wait_until(lambda: len(self.entries()) > 3, 100), stack.output())
            stack.stop()
        self.assertEqual(self.draw(), reference)

    def test_bound(self):
        with self.start(200, self.values(VGPU_SHADER_CACHE_MIB='1'), 'link') as stack:
            self.finish(stack)
        size = sum((os.path.getsize(path) // UNIT + 1) * UNIT for path in self.files())
        self.assertLessEqual(size, (1 << 20) * 17 // 16)
        self.assertGreater(size, 1 << 19)

    def test_off(self):
        reference = self.draw(VGPU_SHADER_CACHE='0')
        self.assertFalse(os.path.exists(self.folder))
        self.assertEqual(self.draw(MESA_SHADER_CACHE_DISABLE='1'), reference)
        self.assertFalse(os.path.exists(self.folder))

    def test_unusable_folder(self):
        """A file is in the way."""
        with open(self.folder, 'w', encoding='ascii') as file:
            file.write('not a folder')
        self.draw()
        self.assertTrue(os.path.isfile(self.folder))


class NativeStack:
    """As harness.Stack, for the native stack."""

    def __init__(self, arguments, values):
        self.file = tempfile.TemporaryFile()
        self.process = subprocess.Popen([f'{harness.ROOT}/vgpu-native', '--timeout=120', *arguments], stdin=subprocess.DEVNULL,
                                        stdout=self.file, stderr=subprocess.STDOUT, env={**os.environ, **values})

    __enter__, wait, wait_until, stop = (lambda self: self), harness.Stack.wait, harness.Stack.wait_until, harness.Stack.stop

    def __exit__(self, *_):
        self.stop()
        self.file.close()

    def output(self):
        self.file.seek(0)
        return self.file.read().decode(errors='replace')

    def broken_rules(self):
        return []  # the exit status tells


class NativeCache(Cache):
    def start(self, count, values, *more):
        return NativeStack(['--sanitize', NATIVE, str(count), *more], values)

    def values(self, **more):
        return {'VGPU_SHADER_CACHE_FOLDER': self.folder, **more}


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='vgpu-e2e-root-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        template = f'{harness.ROOT}/build/wineprefix'
        prefix.make_template(template, print)
        prefix.make_copy(template, self.folder, 'cache_root.exe')
        self.addCleanup(prefix.stop_server, self.folder)

    def root(self, bits, *options):
        program = f'{harness.ROOT}/build/win{bits}/tests/e2e/cache_root.exe'
        environment = dict(os.environ, WINEPREFIX=self.folder, WINEDEBUG='-all', WINEDLLPATH=prefix.WINE32)
        result = subprocess.run(['wine', program, *options], env=environment, stdin=subprocess.DEVNULL, timeout=60, text=True,
                                stdout=subprocess.PIPE, check=True)
        return result.stdout.strip()

    def test_usual_folder(self):
        """The user's own, not that of the machine; programs with an administrator's rights, as Wine's are, have none: what
        they read there any program of the user could have written."""
        for bits in (64, 32):
            with self.subTest(bits=bits):
                self.assertRegex(self.root(bits, '--limited'), r'^root C:\\users\\[^\\]+\\AppData\\Local$')
                self.assertEqual(self.root(bits), 'root none')


if __name__ == '__main__':
    unittest.main()
