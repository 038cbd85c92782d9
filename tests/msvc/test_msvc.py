#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The driver, the interface's headers, the client library and the programs compile as MSVC's C11 would have them: clang in
MSVC's mode, its ABI and predefined macros, no extensions of GCC's. Kernel headers are the simulator's, user-mode ones
mingw-w64's; `make wdk-check` takes Microsoft's where they can be had."""

import glob
import os
import re
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
HERE = os.path.dirname(os.path.realpath(__file__))
SECONDS = 120
PROGRAMS = ('tools/vgpu-info', 'package/setup')
USER_FOLDERS = ('icd/client', 'abi', *PROGRAMS)  # where they find their headers
STATUS = re.compile(r'#define\s+(STATUS_\w+)\s+(?:SIM_STATUS\(|\(\(NTSTATUS\)\s*\(?)\s*0x([0-9A-Fa-f]{8})[uUlL]*\)')
# Extensions of GNU C are warnings then, and so errors. Zero-size arrays and anonymous structures MSVC has itself.
STRICT = ['-Wgnu', '-Wpedantic', '-Werror=vla', '-Wno-gnu-flexible-array-initializer', '-Wno-gnu-anonymous-struct', '-Wno-language-extension-token',
          '-Wno-gnu-zero-variadic-macro-arguments', '-Wno-unused-parameter', '-Wno-unknown-pragmas', '-Wno-pragma-pack']


def resources():
    return subprocess.run(['clang', '-print-resource-dir'], stdout=subprocess.PIPE, text=True, check=True).stdout.strip() + '/include'


def mingw_headers(triple='x86_64-w64-mingw32'):
    return next(folder for folder in ('/usr/share/mingw-w64/include', f'/usr/{triple}/include') if os.path.exists(f'{folder}/windows.h'))


def command(source, target, includes, systems, forced, more=()):
    """clang as cl.exe. Its system headers expect GCC or MSVC: mingw-w64's are told that it is the first, our sources see _MSC_VER."""
    return ['clang', '--driver-mode=cl', f'--target={target}', '/nologo', '/std:c11', '/W4', '/WX', '/c', '/Fonul', '/X',
            '/clang:-fgnuc-version=4.2.1', *STRICT, *more, *(f'-I{ROOT}/{folder}' for folder in includes),
            *(item for folder in (resources(), *systems) for item in ('-imsvc', folder)), *(['/FI', f'{HERE}/{forced}'] if forced else []), source]


def compile_with(words):
    """The compiler's complaints, '' when there are none."""
    with tempfile.TemporaryDirectory() as folder:
        words = [f'/Fo{folder}/object' if word == '/Fonul' else word for word in words]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False)
    return done.stdout if done.returncode else ''


def kernel(source):
    return command(source, 'x86_64-pc-windows-msvc', ('sim/include', 'kernel/wdf', 'abi', 'kernel', 'tests/msvc'), (mingw_headers(),), 'kernel.h')


def defines(source):
    """As the build has them."""
    return ['-D_WIN32_WINNT=0x0A00', *(['-DUNICODE', '-D_UNICODE'] if '/package/setup/' in source else [])]


def user(source, target='x86_64-pc-windows-msvc'):
    more = [*defines(source), *(['-D_X86_', '-D__i386__'] if target.startswith('i686') else [])]
    return command(source, target, (*USER_FOLDERS, 'tests/msvc'), (mingw_headers(),), 'user.h', more)


def sources_in(meson_file, *names):
    """The .c files of the named variables of a meson.build, and of calls of executable()."""
    with open(f'{ROOT}/{meson_file}', encoding='utf-8') as file:
        text = file.read()
    found = []
    for name in names:
        listed = re.search(rf'\b{name} (?:=|\+=) files\((.*?)\)', text, re.DOTALL)
        found += re.findall(r"'([\w./-]+\.c)'", listed[1])
    folder = os.path.dirname(meson_file)
    return [f'{folder}/{name}' for name in found]


def status_values(path):
    """{name: value} of the STATUS_ values that a header writes down."""
    with open(path, encoding='utf-8', errors='replace') as file:
        return {name: int(value, 16) for name, value in STATUS.findall(file.read())}


def compare_status_values(header):
    """(what the driver's and the simulator's headers say otherwise, how many values the given ntstatus.h knows of theirs)"""
    real, wrong, count = status_values(header), [], 0
    for path in ('kernel/nt.h', 'sim/include/ntstatus.h'):
        for name, value in status_values(f'{ROOT}/{path}').items():
            if name in real:
                count += 1
                if value != real[name]:
                    wrong.append(f'{path}: {name} is {value:08X}, and should be {real[name]:08X}')
    return wrong, count


def kernel_sources():
    return sources_in('kernel/meson.build', 'kernel_sources')


def user_sources():
    client = sources_in('icd/client/meson.build', 'vgpu_client_sources') + ['icd/client/vgpu_os_windows.c', 'icd/client/vgpu_os_windows_pin.c']
    return client + sorted(os.path.relpath(name, ROOT) for folder in PROGRAMS for name in glob.glob(f'{ROOT}/{folder}/*.c'))


class Msvc(unittest.TestCase):
    def assert_compiles(self, make, sources):
        self.assertGreater(len(sources), 5)
        for source in sources:
            with self.subTest(source):
                complaints = compile_with(make(f'{ROOT}/{source}'))
                self.assertEqual(complaints, '', complaints)

    def test_the_driver(self):
        self.assert_compiles(kernel, kernel_sources())

    def test_the_client_library_and_programs(self):
        self.assert_compiles(user, user_sources())
        self.assert_compiles(lambda source: user(source, 'i686-pc-windows-msvc'), user_sources())

    def test_the_headers_of_the_interface(self):
        with tempfile.TemporaryDirectory() as folder:
            for header in sorted(os.listdir(f'{ROOT}/abi')):
                if not header.endswith('.h'):
                    continue
                for ending, mode in (('c', '/TC'), ('cpp', '/TP')):
                    source = f'{folder}/header.{ending}'
                    with open(source, 'w', encoding='ascii') as file:
                        file.write('#include "vgpu_ioctl.h"\n' if 'layout' in header else f'#include "{header}"\n')
                    for target in ('x86_64-pc-windows-msvc', 'i686-pc-windows-msvc'):
                        words = [word for word in command(source, target, ('abi',), (mingw_headers(),), None, [mode]) if word != '/std:c11']
                        self.assertEqual(compile_with(words), '', header)


    def test_status_values(self):
        """What the driver returns is what programs compare with."""
        wrong, count = compare_status_values(f'{mingw_headers()}/ntstatus.h')
        self.assertEqual(wrong, [])
        self.assertGreater(count, 40)


class Finds(unittest.TestCase):
    """What MSVC would refuse is refused."""

    def refuses(self, text, words):
        with tempfile.TemporaryDirectory() as folder:
            source = f'{folder}/wrong.c'
            with open(source, 'w', encoding='ascii') as file:
                file.write(f'{text}\n')
            for make in (kernel, user):
                self.assertIn(words, compile_with(make(source)), text)

    def test_gcc_isms(self):
        for text, words in (('int f(void) __attribute__((noinline));', 'poisoned'), ('int f(int a) { return __builtin_popcount(a); }', 'poisoned'),
                            ('int f(int a) { return ({ a; }); }', 'statement expression'), ('int f(int a) { return a ?: 1; }', 'conditional'),
                            ('int f(int a) { switch (a) { case 1 ... 2: return 1; } return 0; }', 'range'),
                            ('void f(int n) { int a[n]; a[0] = 0; }', 'variable'), ('long f(long *a) { return __atomic_load_n(a, 0); }', 'poisoned'),
                            ('void *f(void *a) { return a + 1; }', 'void'), ('int f(void) { return g(); }', 'implicit')):
            with self.subTest(text):
                self.refuses(text, words)

    def test_sizes_are_those_of_msvc(self):
        """long has 32 bits, wchar_t has 16."""
        with tempfile.TemporaryDirectory() as folder:
            source = f'{folder}/right.c'
            with open(source, 'w', encoding='ascii') as file:
                file.write('_Static_assert(sizeof(long) == 4 && sizeof(L\'a\') == 2 && _MSC_VER >= 1900, "");\n')
            self.assertEqual(compile_with(kernel(source)), '')


if __name__ == '__main__':
    unittest.main()
