# SPDX-License-Identifier: MIT
"""vgpu-info: what it says of a device, of none, and of the registry."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness

sys.path.insert(0, harness.ROOT)
from sim.run import prefix  # noqa: E402

INFO = f'{harness.ROOT}/build/win64/tools/vgpu-info.exe'
KEY = r'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\OpenGLDrivers\MSOGL'
ALL_WELL, NOT_CHOSEN, NO_DEVICE, UNUSABLE, NO_OPENGL, USAGE = range(6)
GENERAL_COUNTERS = 22  # those that a handle has too


def parse(output):
    """The JSON object in an output that may have other lines around it."""
    return json.loads(output[output.index('{'):output.rindex('}') + 1])


class Info(unittest.TestCase):
    def run_info(self, *arguments, device='qemu', expected=NOT_CHOSEN):
        status, output, broken = harness.run(INFO, *arguments, device=device, limit=60)
        self.assertEqual(status, expected, output)
        self.assertEqual(broken, [], output)
        return output

    def test_device(self):
        """In the simulator nothing is registered, so applications are said to get software, and the status is 1."""
        info = parse(self.run_info('--json', '--extensions'))
        self.assertEqual(info['status'], NOT_CHOSEN)
        device = info['device']
        self.assertTrue(device['usable'])
        self.assertEqual(device['kind'], 'virtio-gpu')
        self.assertEqual(device['pci']['id'], '1af4:1050')
        self.assertTrue(device['abi_version'].startswith('1.'), device)
        self.assertLessEqual({'3D', 'PIN'}, set(device['capabilities']))
        self.assertLessEqual({'VIRGL', 'VERSION_1'}, set(device['driver_features']))
        self.assertLessEqual(set(device['driver_features']), set(device['device_features']))
        self.assertIn('virgl2', [capset['name'] for capset in device['capsets']])
        self.assertTrue(all(capset['size'] for capset in device['capsets']))

        counters = info['counters']
        self.assertEqual(len(counters['handle']), GENERAL_COUNTERS)
        self.assertGreater(counters['device']['commands'], 0)
        self.assertEqual(counters['device']['live_handles'], 1)
        self.assertEqual(counters['device']['errors'], 0)

        self.assertIsNone(info['opengl']['error'])
        self.assertTrue(info['opengl']['ours'])
        for name, extension in (('core', 'GL_ARB_robustness'), ('compatibility', 'GL_EXT_framebuffer_object')):
            profile = info['opengl'][name]
            major, minor = map(int, profile['version'].split()[0].split('.'))
            self.assertGreaterEqual((major, minor), (4, 3))
            self.assertIn('vgpu (', profile['renderer'])
            self.assertEqual(profile['extension_count'], len(set(profile['extensions'])))
            self.assertIn(extension, profile['extensions'])
        self.assertEqual(info['applications']['64']['reason'], 'not-registered')

    def test_mvisor(self):
        info = parse(self.run_info('--json', device='mvisor'))
        device = info['device']
        self.assertTrue(device['usable'])
        self.assertEqual(device['kind'], 'mvisor')
        self.assertEqual(device['pci']['id'], '1af4:105b')
        self.assertLessEqual({'3D', 'ALLOC'}, set(device['capabilities']))
        self.assertNotIn('PIN', device['capabilities'])
        self.assertTrue(info['opengl']['ours'])
        self.assertTrue(info['opengl']['core']['version'].startswith('4.3'), info['opengl']['core'])

    def test_text(self):
        output = self.run_info()
        for text in ('PCI 1af4:1050', 'virgl2', 'live_memory', 'OpenGLDrivers\\MSOGL', 'The device works, but'):
            self.assertIn(text, output)
        self.assertNotIn('GL_ARB_', output)

    def test_no_device(self):
        info = parse(self.run_info('--json', device='none', expected=NO_DEVICE))
        self.assertEqual(info['status'], NO_DEVICE)
        self.assertFalse(info['device']['usable'])
        self.assertIn('virtio-gpu-gl-pci', info['device']['what_to_do'])
        self.assertNotIn('counters', info)
        self.assertIn('no pixel format', info['opengl']['error'])
        self.assertIsNone(info['opengl']['core'])
        self.run_info('--watch', '--count=2', device='none', expected=NO_DEVICE)
        self.run_info('--device=1', expected=NO_DEVICE)

    def test_watch(self):
        """A line a sample, a second apart; asking is counted itself."""
        output = self.run_info('--watch', '--count=3', '--json', expected=ALL_WELL)
        samples = [json.loads(line) for line in output.splitlines() if line.startswith('{')]
        self.assertEqual(len(samples), 3, output)
        for before, after in zip(samples, samples[1:]):
            self.assertGreaterEqual(after['milliseconds'] - before['milliseconds'], 900)
            self.assertGreater(after['device']['ioctls'], before['device']['ioctls'])

    def test_arguments(self):
        for argument, said in (('--what', 'unknown option'), ('--watch=0', 'bad or missing value'),
                               ('--count=2', 'only together with --watch'), ('--application=Z:\\no', 'no such file')):
            self.assertIn(said, self.run_info(argument, device='none', expected=USAGE))
        self.assertIn('exit status', self.run_info('--help', device='none', expected=ALL_WELL))


class Registry(unittest.TestCase):
    """What is registered in a prefix of its own, without the simulator: no device, but the applications' drivers."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='vgpu-e2e-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.wine = f'{self.folder}/prefix'
        template = f'{harness.ROOT}/build/wineprefix'
        prefix.make_template(template, print)
        prefix.make_copy(template, self.wine, 'vgpu-info.exe')
        self.addCleanup(prefix.stop_server, self.wine)

    def run_wine(self, *command):
        environment = dict(os.environ, WINEPREFIX=self.wine, WINEDEBUG='-all')
        return subprocess.run(['wine', *command], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=60, text=True, check=False)

    def register(self, dll, bits):
        for name, kind, value in (('DLL', 'REG_SZ', dll), ('Version', 'REG_DWORD', '2'),
                                  ('DriverVersion', 'REG_DWORD', '1'), ('Flags', 'REG_DWORD', '1')):
            result = self.run_wine('reg', 'add', KEY, '/v', name, '/t', kind, '/d', value, '/f', f'/reg:{bits}')
            self.assertEqual(result.returncode, 0, result.stdout)

    def applications(self, *arguments):
        result = self.run_wine(INFO, '--json', *arguments)
        self.assertEqual(result.returncode, NO_DEVICE, result.stdout)
        return parse(result.stdout)['applications']

    def test_registered(self):
        self.register('MvisorVGPUx64.dll', 64)
        self.register('other.dll', 32)
        chosen = self.applications()
        self.assertEqual(chosen['64']['reason'], 'file-missing')
        self.assertEqual((chosen['32']['reason'], chosen['32']['driver']), ('other-registered', 'other.dll'))

        open(f'{self.wine}/drive_c/windows/system32/MvisorVGPUx64.dll', 'wb').close()
        chosen = self.applications()
        self.assertTrue(chosen['64']['ours'], chosen)
        self.assertEqual(chosen['64']['driver'], 'MvisorVGPUx64.dll')

        program = f'{self.folder}/program.exe'
        open(program, 'wb').close()
        argument = f'--application={prefix.dos_path(program)}'
        self.assertTrue(self.applications(argument)['64']['ours'])
        open(f'{self.folder}/opengl32.dll', 'wb').close()
        chosen = self.applications(argument)
        self.assertEqual(chosen['64']['reason'], 'opengl32-beside')
        self.assertTrue(chosen['64']['driver'].endswith('opengl32.dll'), chosen)


if __name__ == '__main__':
    unittest.main()
