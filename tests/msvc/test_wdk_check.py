#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make wdk-check, where Microsoft's packages are not: it says what it skipped, and finds a wdf.h that differs."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
import kits  # noqa: E402
import kmdf  # noqa: E402

CHECK = f'{HERE}/wdk_check.py'
GOOD, WRONG, SKIPPED = 0, 1, 77
SECONDS = 300


class WdkCheck(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='wdk-check-')
        self.addCleanup(shutil.rmtree, self.folder)

    def run_check(self, *arguments, expected, **variables):
        done = subprocess.run([sys.executable, CHECK, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
                              env=dict(os.environ, NUGET_PACKAGES=self.folder, **variables), check=False)
        self.assertEqual(done.returncode, expected, done.stdout)
        return done.stdout

    def changed(self, file, old, new):
        """A copy of the project's framework headers in which something differs."""
        copy = f'{self.folder}/kmdf-{len(os.listdir(self.folder))}'
        shutil.copytree(kmdf.OURS, copy)
        with open(f'{copy}/{file}', 'r+', encoding='utf-8') as header:
            text = header.read()
            self.assertIn(old, text)
            header.seek(0)
            header.truncate()
            header.write(text.replace(old, new, 1))
        return copy

    def test_skips(self):
        said = self.run_check('--no-fetch', expected=SKIPPED)
        self.assertEqual(said.count('skipped: Microsoft.Windows.'), 5)
        without_client = self.run_check(expected=SKIPPED, PATH='/nonexistent')
        self.assertIn('there is no NuGet client', without_client)

    def test_the_same_headers_differ_in_nothing(self):
        self.assertIn('wdf.h: ok, ', self.run_check('--no-fetch', f'--kmdf={kmdf.OURS}', expected=GOOD))

    def test_differences(self):
        index = self.changed('wdffunctions.h', 'WdfDeviceCreateTableIndex = 75', 'WdfDeviceCreateTableIndex = 76')
        self.assertIn('WdfDeviceCreateTableIndex is not 75', self.run_check('--no-fetch', f'--kmdf={index}', expected=WRONG))
        size = self.changed('wdf.h', 'size_t ContextSizeOverride;', 'ULONG64 Another;\n\tsize_t ContextSizeOverride;')
        self.assertIn('struct _WDF_OBJECT_ATTRIBUTES', '\n'.join(kmdf.compare(size)[0]))
        kind = self.changed('wdf.h', 'typedef VOID EVT_WDF_DRIVER_UNLOAD(WDFDRIVER Driver);', 'typedef VOID EVT_WDF_DRIVER_UNLOAD(WDFDEVICE Driver);')
        self.assertTrue(any('UNLOAD' in difference for difference in kmdf.compare(kind)[0]))
        name = self.changed('wdffunctions.h', '\tWdfDeviceCreateTableIndex = 75,\n', '')
        self.assertTrue(any('WdfDeviceCreateTableIndex' in difference for difference in kmdf.compare(name)[0]))

    def test_case_is_ignored(self):
        os.makedirs(f'{self.folder}/real')
        with open(f'{self.folder}/real/SetupAPI.h', 'w', encoding='ascii') as file:
            file.write('#define FOUND 1\n')
        with open(f'{self.folder}/x.c', 'w', encoding='ascii') as file:
            file.write('#include <setupapi.h>\n_Static_assert(FOUND == 1, "");\n')
        overlay = kits.ignore_case([f'{self.folder}/real'], f'{self.folder}/overlay.yaml')
        subprocess.run(['clang', '-fsyntax-only', '-ivfsoverlay', overlay, f'-I{self.folder}/real', f'{self.folder}/x.c'], check=True)


if __name__ == '__main__':
    unittest.main()
