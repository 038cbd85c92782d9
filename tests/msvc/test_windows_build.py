#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Building on Windows, as far as it can be seen here: the project file's lists are the build's, and build.bat, run by Wine's
cmd, finds its tools, calls them as it should, and says what is missing. What MSBuild and WSL do is not seen."""

import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))
from sim.run import prefix  # noqa: E402
from test_msvc import ROOT, kernel_sources  # noqa: E402

NAMESPACE = '{http://schemas.microsoft.com/developer/msbuild/2003}'
BUILT, FAILED, NO_STUDIO, NO_WSL, NO_PYTHON, USAGE = range(6)
SECONDS = 120


def names(pattern):
    return {os.path.basename(path) for path in glob.glob(f'{ROOT}/{pattern}')}


class Project(unittest.TestCase):
    def setUp(self):
        self.project = xml.parse(f'{ROOT}/kernel/vgpu.vcxproj').getroot()

    def listed(self, kind):
        return {item.get('Include') for item in self.project.iter(NAMESPACE + kind) if item.get('Include')}

    def value(self, name):
        return self.project.find(f'.//{NAMESPACE}{name}').text

    def test_sources(self):
        self.assertEqual(self.listed('ClCompile'), {os.path.basename(source) for source in kernel_sources()})
        self.assertEqual(self.listed('ClCompile'), names('kernel/*.c'))

    def test_headers_and_resources(self):
        self.assertEqual(self.listed('ClInclude'), names('kernel/*.h') | {f'..\\abi\\{name}' for name in names('abi/*.h')})
        self.assertEqual(self.listed('ResourceCompile'), names('kernel/*.rc'))

    def test_settings(self):
        """Those of the build on Linux and of the INF."""
        with open(f'{ROOT}/package/vgpu.inf.in', encoding='utf-8') as file:
            version = re.search(r'KmdfLibraryVersion = (\d+)\.(\d+)', file.read())
        self.assertEqual((self.value('KMDF_VERSION_MAJOR'), self.value('KMDF_VERSION_MINOR')), version.groups())
        self.assertEqual(self.value('LanguageStandard_C'), 'stdc11')
        self.assertEqual(self.value('ConfigurationType'), 'Driver')
        for path in re.findall(r'\$\(ProjectDir\)([\w.\\]+)', self.value('Command')):
            self.assertTrue(os.path.exists(f'{ROOT}/kernel/{path}'), path)


class BuildBat(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='build-bat-')
        template = f'{ROOT}/build/wineprefix'
        prefix.make_template(template, lambda what: None)
        cls.prefix = f'{cls.folder.name}/prefix'
        prefix.make_copy(template, cls.prefix, 'cmd.exe')

    @classmethod
    def tearDownClass(cls):
        prefix.stop_server(cls.prefix)
        cls.folder.cleanup()

    def setUp(self):
        self.tools = tempfile.mkdtemp(dir=self.folder.name)

    def tool(self, name, status=0):
        """A program that writes down how it was called."""
        path = f'{self.tools}/{name}'
        with open(path, 'w', encoding='ascii', newline='') as file:
            file.write(f'@echo %* > "{prefix.dos_path(self.tools)}\\{name}.called"\r\n@exit /b {status}\r\n')
        return prefix.dos_path(path)

    def called(self, name):
        path = f'{self.tools}/{name}.called'
        if not os.path.exists(path):
            return None
        with open(path, encoding='ascii') as file:
            return file.read().strip()

    def run_bat(self, *arguments, expected, **variables):
        environment = dict(os.environ, WINEPREFIX=self.prefix, WINEDEBUG='-all', WINEPATH=prefix.dos_path(self.tools), **variables)
        environment.pop('DISPLAY', None)
        done = subprocess.run(['wine', 'cmd', '/c', prefix.dos_path(f'{ROOT}/build.bat'), *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, expected, done.stdout)
        return done.stdout

    def test_help(self):
        shown = self.run_bat('--help', expected=BUILT)
        for word in ('driver', 'opengl', '--debug', '--x86', 'Exit status'):
            self.assertIn(word, shown)
        self.assertIn('"nonsense"', self.run_bat('nonsense', expected=USAGE))

    def test_what_is_missing(self):
        self.assertIn('Visual Studio', self.run_bat('driver', expected=NO_STUDIO))
        self.assertIn('wsl --install', self.run_bat('opengl', expected=NO_WSL))
        self.assertIn('Python', self.run_bat('driver', expected=NO_PYTHON, MSBUILD=self.tool('msbuild.bat')))
        self.assertIsNone(self.called('msbuild.bat'))

    def test_driver(self):
        self.tool('py.bat')
        self.run_bat('driver', '--debug', expected=BUILT, MSBUILD=self.tool('msbuild.bat'))
        call = self.called('msbuild.bat')
        for words in ('kernel\\vgpu.vcxproj', '/p:Configuration=Debug', '/p:Platform=x64'):
            self.assertIn(words, call)
        self.assertIn('was not built', self.run_bat('driver', expected=FAILED, MSBUILD=self.tool('msbuild.bat', 1)))

    def test_opengl(self):
        self.tool('wsl.bat')
        self.run_bat('opengl', '--x86', expected=BUILT)
        call = self.called('wsl.bat')
        self.assertTrue(call.startswith('-d "Debian" -u root --cd '), call)
        self.assertIn('scripts/setup.sh && icd/mesa/build.sh --arch=x86', call)
        for script in re.findall(r'[\w/]+\.sh', call):
            self.assertTrue(os.access(f'{ROOT}/{script}', os.X_OK), script)
        self.tool('wsl.bat', 1)
        self.assertIn('not built', self.run_bat('opengl', expected=FAILED, WSL_DISTRIBUTION='Other'))
        self.assertTrue(self.called('wsl.bat').startswith('-d "Other"'))

    def test_all(self):
        """A driver that fails ends it."""
        self.tool('py.bat')
        self.tool('wsl.bat')
        self.run_bat(expected=FAILED, MSBUILD=self.tool('msbuild.bat', 1))
        self.assertIsNone(self.called('wsl.bat'))
        self.run_bat(expected=BUILT, MSBUILD=self.tool('msbuild.bat'))
        self.assertIsNotNone(self.called('wsl.bat'))

    def test_lines_end_as_windows_wants(self):
        with open(f'{ROOT}/build.bat', 'rb') as file:
            text = file.read()
        self.assertEqual(text.count(b'\n'), text.count(b'\r\n'))


if __name__ == '__main__':
    unittest.main()
