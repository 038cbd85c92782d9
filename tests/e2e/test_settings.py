# SPDX-License-Identifier: MIT
"""The OpenGL driver's settings: where they come from, and that they are followed."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness

sys.path.insert(0, harness.ROOT)
from sim.run import prefix  # noqa: E402

SHOW = {bits: f'{harness.ROOT}/build/win{bits}/tests/e2e/show_settings.exe' for bits in (64, 32)}
INFO = f'{harness.ROOT}/build/win64/tools/vgpu-info.exe'
ALL = r'HKLM\SOFTWARE\vgpu', r'HKLM\SOFTWARE\vgpu\Programs\show_settings.exe', r'HKCU\SOFTWARE\vgpu', \
    r'HKCU\SOFTWARE\vgpu\Programs\show_settings.exe'


class Registry(unittest.TestCase):
    """In a prefix of its own, without the simulator."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='vgpu-e2e-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.wine = f'{self.folder}/prefix'
        template = f'{harness.ROOT}/build/wineprefix'
        prefix.make_template(template, print)
        prefix.make_copy(template, self.wine, 'show_settings.exe')
        self.addCleanup(prefix.stop_server, self.wine)

    def run_wine(self, *command, **values):
        environment = dict(os.environ, WINEPREFIX=self.wine, WINEDEBUG='-all', WINEDLLPATH=prefix.WINE32, **values)
        result = subprocess.run(['wine', *command], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, timeout=60, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout

    def set(self, key, name, kind, value):
        self.run_wine('reg', 'add', key, '/v', name, '/t', kind, '/d', value, '/f', '/reg:64')

    def shown(self, bits=64, **values):
        return dict(line.split(' ', 1) for line in self.run_wine(SHOW[bits], **values).splitlines())

    def test_order(self):
        """Each place comes before those before it in the list, the environment before all, for both widths."""
        self.assertNotIn('SwapInterval', self.shown())
        for number, key in enumerate(ALL):
            self.set(key, 'SwapInterval', 'REG_DWORD', str(number + 1))
            self.assertEqual(self.shown()['SwapInterval'], str(number + 1))
        self.assertEqual(self.shown(32)['SwapInterval'], '4')
        self.assertEqual(self.shown(VGPU_SWAP_INTERVAL='0')['SwapInterval'], '0')

    def test_values(self):
        self.set(ALL[2], 'SwapInterval', 'REG_DWORD', '0xffffffff')
        self.set(ALL[2], 'GLVersion', 'REG_SZ', '3.3COMPAT')
        self.set(ALL[2], 'ShaderCacheFolder', 'REG_SZ', 'D:\\ein Verzeichnis')
        self.set(ALL[2], 'ShaderCacheMiB', 'REG_SZ', '12')
        self.set(ALL[2], 'ShaderCache', 'REG_BINARY', '00000000')
        self.assertEqual(self.shown(), {
            'SwapInterval': '-1', 'PresentWaits': '0', 'ShaderCache': '1', 'ShaderCacheMiB': '12', 'GLVersion': '3.3COMPAT',
            'ShaderCacheFolder': 'D:\\ein Verzeichnis', 'DebugOutput': '0'})


class Followed(unittest.TestCase):
    def run_with(self, program, *arguments, **values):
        _, output, broken = harness.run(program, *arguments, limit=60, values=values)
        self.assertEqual(broken, [], output)
        return output

    def test_version(self):
        output = self.run_with(INFO, VGPU_GL_VERSION='3.3')
        self.assertRegex(output, r'(?m)core.*3\.3 ')
        self.assertNotRegex(output, r'\b4\.[0-9] \(')

    def test_debug_output(self):
        """The errors of OpenGL calls, on the standard error output."""
        wgl = f'{harness.ROOT}/build/win64/tests/e2e/wgl.exe'
        self.assertIn('GL_INVALID_ENUM', self.run_with(wgl, 'wrong-enum', VGPU_DEBUG_OUTPUT='1'))
        self.assertNotIn('GL_INVALID_ENUM', self.run_with(wgl, 'wrong-enum'))


if __name__ == '__main__':
    unittest.main()
