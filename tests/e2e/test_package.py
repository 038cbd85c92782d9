# SPDX-License-Identifier: MIT
"""The story of a user: the installer, silent; a program finds our driver by the registry and draws; vgpu-info says so; an
upgrade; uninstalling, after which nothing is left. Under Wine, with a stand-in for pnputil; the simulator has the driver."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import unittest

import harness

sys.path.insert(0, f'{harness.ROOT}/tests/package')
import machine  # noqa: E402

BUILD = f'{harness.ROOT}/build'
BUILT = {
    'vgpu.sys': 'win64/kernel/vgpu.sys',
    'MvisorVGPUx64.dll': 'mesa/out/MvisorVGPUx64.dll',
    'MvisorVGPUx86.dll': 'mesa/out32/MvisorVGPUx86.dll',
    'x64/opengl32.dll': 'mesa/out/opengl32.dll',
    'x86/opengl32.dll': 'mesa/out32/opengl32.dll',
    'vgpu-info.exe': 'win64/tools/vgpu-info.exe',
}
NOT_CHOSEN = 1  # vgpu-info: some applications get another OpenGL
NOT_INSTALLED = 18
NOT_REGISTERED = 2  # registered.exe


class Story(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = machine.Machine()
        cls.addClassCleanup(cls.machine.close)
        cls.installers = [cls.make_installer(version) for version in ('1.0.0', '1.1.0')]

    @classmethod
    def make_installer(cls, version):
        """With what was built; a stand-in does not look at its catalog. The release's compression takes a minute more."""
        folder = cls.machine.package(f'{version}.0').folder
        for name, built in BUILT.items():
            shutil.copy(f'{BUILD}/{built}', f'{folder}/{name}')
        path = f'{cls.machine.folder}/vgpu-{version}.exe'
        subprocess.run(['makensis', '-V1', '-WX', '-DCOMPRESSOR=zlib', f'-DSTAGE={folder}', f'-DOUT={path}', f'-DVERSION={version}',
                        f'{harness.ROOT}/package/installer.nsi'], check=True)
        return path

    def install(self, installer, *arguments, expected=0):
        status, output = self.machine.run(installer, '/S', *arguments)
        self.assertEqual(status, expected, output + self.machine.log())

    def run_program(self, program, *arguments):
        """In the simulator, with what is installed."""
        self.machine.stop()
        try:
            return harness.run(program, *arguments, options=[f'--prefix={self.machine.wine}'])
        finally:
            self.machine.start()

    def check_drawn(self, bits):
        program = f'{BUILD}/win{bits}/tests/e2e/registered.exe'
        status, output, broken = self.run_program(program)
        self.assertEqual((status, broken), (0, []), output)
        # A 32-bit program has SysWOW64 for its System32.
        name = 'MvisorVGPUx64.dll' if bits == 64 else 'MvisorVGPUx86.dll'
        self.assertIn(f'C:\\windows\\system32\\{name}'.lower(), output.lower())
        self.assertIn('vgpu (', output)
        self.assertIn('0 wrong pixels', output)

    def check_info(self):
        """All is well: the status says so."""
        status, output, broken = self.run_program(f'{self.machine.drive}/{machine.TARGET}/vgpu-info.exe', '--json')
        self.assertEqual((status, broken), (0, []), output)
        info = json.loads(output[output.index('{'):output.rindex('}') + 1])
        self.assertTrue(info['opengl']['ours'])
        for bits in ('64', '32'):
            self.assertEqual(info['applications'][bits]['reason'], 'ours', info['applications'])

    def test_story(self):
        before = self.machine.picture(whole=True)
        with self.subTest('before'):
            status, output, _ = self.run_program(f'{BUILD}/win64/tests/e2e/registered.exe')
            self.assertEqual(status, NOT_REGISTERED, output)
        with self.subTest('install'):
            self.install(self.installers[0])
            self.check_drawn(64)
            self.check_drawn(32)
            self.check_info()
        with self.subTest('upgrade'):
            self.install(self.installers[1])
            self.assertIn('1.1.0.0', self.machine.values(machine.ENTRY)['DisplayVersion'])
            self.install(self.installers[0], expected=17)
            self.check_drawn(64)
        with self.subTest('uninstall'):
            command = self.machine.values(machine.ENTRY)['QuietUninstallString']
            status, output = self.machine.run(*shlex.split(command.replace('\\', '\\\\')))
            self.assertEqual(status, 0, output)
            self.machine.must('cmd', '/c', 'ping', '-n', '3', '127.0.0.1')  # vgpu-setup.exe deletes itself
            self.assertEqual(machine.difference(before, self.machine.picture(whole=True)), '')
            self.install(self.installers[0], 'status', expected=NOT_INSTALLED)


if __name__ == '__main__':
    unittest.main()
