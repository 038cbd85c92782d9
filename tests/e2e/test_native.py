# SPDX-License-Identifier: MIT
"""Linux programs on the native stack: our OpenGL library, client library, driver and the simulator in one process."""

import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import harness
import picture

LAUNCHER = f'{harness.ROOT}/vgpu-native'
DEMO = f'{harness.ROOT}/build/native/demo/vgpu-demo'
PLAIN_DEMO = f'{harness.ROOT}/build/bench/demo/vgpu-demo'  # not sanitized itself, as a program from elsewhere is not
PERSISTENT = f'{harness.ROOT}/build/native/tests/e2e/persistent'
HOSTILE = f'{harness.ROOT}/build/native/tests/e2e/hostile'
COMPARE = f'{harness.ROOT}/build/native/demo/vgpu-compare'
SOFTWARE = {'LIBGL_ALWAYS_SOFTWARE': '1', 'GALLIUM_DRIVER': 'llvmpipe', 'LP_NUM_THREADS': '0'}
LIMIT = 120  # seconds for a program


def launch(*arguments, limit=LIMIT, **options):
    """./vgpu-native with these arguments; its exit status and output."""
    options.setdefault('env', dict(os.environ, VGPU_SHADER_CACHE_FOLDER=f'{harness.SHADER_CACHE.name}/native'))
    result = subprocess.run([LAUNCHER, f'--timeout={limit}', *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors='replace', timeout=limit + 30, check=False, **options)
    return result.returncode, result.stdout


class Native(unittest.TestCase):
    def setUp(self):
        self.out = tempfile.mkdtemp(prefix='vgpu-e2e-native-')
        self.addCleanup(shutil.rmtree, self.out, ignore_errors=True)

    def draw(self, name, frames, size, *arguments, environment=None):
        """Runs the demo, here or through the launcher; its report."""
        demo = ['--frames', str(frames), '--size', size, '--dump', f'{self.out}/{name}.rgba', '--report', f'{self.out}/{name}.json']
        if environment is None:
            status, output = launch(*arguments, PLAIN_DEMO, *demo)
            self.assertEqual(status, 0, output)
        else:
            subprocess.run([DEMO, *demo], env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, timeout=LIMIT, check=True)
            output = ''
        with open(f'{self.out}/{name}.json', encoding='utf-8') as file:
            return json.load(file), output

    def psnr(self, first, second, size):
        result = subprocess.run([COMPARE, f'{self.out}/{first}.rgba', f'{self.out}/{second}.rgba', size],
                                stdout=subprocess.PIPE, text=True, timeout=LIMIT, check=True)
        return json.loads(result.stdout)

    def check_demo(self, frames, size, *arguments, gl=(4, 3)):
        report, output = self.draw('run', frames, size, *arguments)
        self.draw('reference', frames, size, environment=SOFTWARE)
        frames_alike = self.psnr('reference', 'run', size)
        self.assertEqual(frames_alike['frames'], frames)
        self.assertGreaterEqual(frames_alike['psnr_min_db'], 40)
        self.assertIn('vgpu (', report['gl_renderer'])
        version = re.match(r'(\d+)\.(\d+)', report['gl_version'])
        self.assertEqual((int(version[1]), int(version[2])), gl)
        return output


class Programs:
    """What is run on each device."""
    device = None

    def test_demo(self):
        """Every frame as the native renderer draws it."""
        self.check_demo(30, '640x480', self.device)

    def test_demo_sanitized(self):
        """The same with AddressSanitizer on the winsys and everything below it."""
        self.assertIn('libasan', launch(self.device, '--sanitize', 'cat', '/proc/self/maps')[1])
        for name in ('mesa-native/out-asan/libgallium-25.0.7.so', 'native/icd/native/libvgpu-native.so'):
            with open(f'{harness.ROOT}/build/{name}', 'rb') as file:
                self.assertIn(b'__asan_report_load8', file.read())
        output = self.check_demo(10, '320x240', self.device, '--sanitize')
        self.assertNotIn('Sanitizer', output)

    def test_window(self):
        """What is in the window is what was drawn."""
        width, height = 320, 240
        command = [LAUNCHER, self.device, f'--timeout={LIMIT}', PLAIN_DEMO, '--frames', '3', '--size', f'{width}x{height}',
                   '--dump', f'{self.out}/run.rgba', '--hold', '3']
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as program:
            self.assertTrue(any(line.startswith('done') for line in program.stdout))
            time.sleep(0.5)  # the X server may not have drawn it yet
            shown = picture.crop(harness.screen(), width, height)
            program.stdout.read()
        self.assertEqual(program.returncode, 0)
        with open(f'{self.out}/run.rgba', 'rb') as file:
            file.seek(-4 * width * height, os.SEEK_END)
            last = file.read()
        for name, pixels in (('shown', picture.flip(shown)[2]), ('last', last)):
            with open(f'{self.out}/{name}.rgba', 'wb') as file:
                file.write(pixels)
        self.assertGreaterEqual(self.psnr('last', 'shown', f'{width}x{height}')['psnr_min_db'], 40)

    def test_glxgears(self):
        """A public GLX program: its three colours are in the window."""
        with subprocess.Popen([LAUNCHER, self.device, f'--timeout={LIMIT}', 'glxgears', '-geometry', '300x300'],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as program:
            self.addCleanup(program.kill)
            end = time.monotonic() + LIMIT / 2
            while not self.gears_are_shown() and time.monotonic() < end:
                time.sleep(0.2)
            self.assertTrue(self.gears_are_shown())
            program.terminate()
            program.wait(30)

    @staticmethod
    def gears_are_shown():
        seen = [0, 0, 0]
        for colour, number in harness.colours(harness.screen(), 0, 0, 300, 300).items():
            for channel in range(3):
                others = [colour[other] for other in range(3) if other != channel]
                if colour[channel] > 80 and colour[channel] > 2 * max(others):
                    seen[channel] += number
        return min(seen) > 2000

    def test_hostile(self):
        """What no host can do costs OpenGL errors or a context, never the program, nor the next context."""
        for more in ([], ['--sanitize']):
            status, output = launch(self.device, *more, HOSTILE, limit=300)
            self.assertEqual(status, 0, output)
            self.assertIn('all is right', output)
            self.assertNotIn('Sanitizer', output)

    def test_egl(self):
        """EGL without a window, OpenGL ES."""
        status, output = launch(self.device, 'es2_info')
        self.assertEqual(status, 0, output)
        self.assertIn('EGL_VENDOR: Mesa Project', output)
        self.assertIn('GL_RENDERER: vgpu (', output)


class OnQemu(Programs, Native):
    device = '--device=qemu'


class OnMvisor(Programs, Native):
    """The model of the device is in the program's process."""
    device = '--device=mvisor'

    def test_staging(self):
        self.check_demo(5, '320x240', self.device, '--device-option=staging=1')

    def test_blob(self):
        """With blob resources there is OpenGL 4.5, and the pictures are the same."""
        self.check_demo(5, '320x240', self.device, '--device-option=blob=on', gl=(4, 5))

    def test_persistent(self):
        """Mapped buffers, byte by byte, in both directions."""
        for more in ([], ['--sanitize']):
            status, output = launch(self.device, '--device-option=blob=on', *more, PERSISTENT)
            self.assertEqual(status, 0, output)
            self.assertIn('gl_version: 4.5', output)
            self.assertIn('all is right', output)

    def test_no_persistent_buffers_without_blob(self):
        status, output = launch(self.device, PERSISTENT)
        self.assertEqual(status, 1, output)
        self.assertIn('gl_version: 4.3', output)
        self.assertIn('a persistent buffer is not mapped', output)


class Density(Native):
    def test_guests(self):
        """`make bench`'s section, with few guests. How even their speed is depends on what else this machine does."""
        report = f'{self.out}/report.json'
        with open(report, 'w', encoding='ascii') as file:
            file.write('{"kernel": 1}')
        result = subprocess.run([f'{harness.ROOT}/bench/run.py', '--report', report, 'density'], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False,
                                env={**os.environ, 'DENSITY_GUESTS': '3'})
        with open(report, encoding='utf-8') as file:
            report = json.load(file)
        self.assertEqual(report['kernel'], 1)
        density = report['density']
        self.assertEqual(density['guests'], 3, result.stdout)
        self.assertTrue(density['all_pixels_right'], result.stdout)
        self.assertGreater(density['slowest_over_mean'], 0)
        self.assertTrue(10 < density['mib_per_guest'] < 500, result.stdout)
        self.assertEqual(result.returncode, 1 if density['problems'] else 0)


class Shaders(unittest.TestCase):
    """By piglit's programs, what its tests say too little of."""

    def piglit(self, program, *arguments):
        found = glob.glob(f'/usr/lib/*/piglit/bin/{program}')
        self.assertEqual(len(found), 1, 'piglit is missing: run scripts/setup.sh')
        return launch('--device-option=blob=on', *found, *arguments, '-auto', '-fbo')

    def test_read_position(self):
        status, output = self.piglit('shader_runner', f'{harness.ROOT}/tests/conformance/read_position.shader_test')
        self.assertEqual(status, 0, output)
        self.assertIn('PIGLIT: {"result": "pass" }', output)

    def test_raster_position(self):
        """Vertex shaders that look into textures, images and buffers, for glRasterPos: not right, but the program goes on."""
        status, output = self.piglit('rasterpos')
        self.assertIn(status, (0, 1), output)
        self.assertIn('PIGLIT: {"result":', output)


class Launcher(unittest.TestCase):
    def test_help(self):
        status, output = launch('--help')
        self.assertEqual(status, 0)
        for option in ('--device', '--device-option', '--sanitize', '--gpu', '--timeout', '--seed'):
            self.assertIn(option, output)

    def test_wrong_command_lines(self):
        self.assertEqual(launch('--device=vmware', 'true')[0], 2)
        self.assertEqual(launch('--device=qemu', '/nonexistent'), (125, 'vgpu-native: /nonexistent: no such program\n'))
        status, output = launch('--device=qemu', '--device-option=staging=1', 'true')
        self.assertEqual(status, 125)
        self.assertIn('--device=mvisor', output)

    def test_status_is_the_program_s(self):
        self.assertEqual(launch('--device=mvisor', 'sh', '-c', 'exit 7')[0], 7)
        self.assertEqual(launch('--device=mvisor', 'sh', '-c', 'kill -9 $$')[0], 137)
        self.assertEqual(launch('--device=mvisor', 'sleep', '30', limit=1)[0], 124)

    def test_wrong_device_option(self):
        """The program finds no OpenGL, and the reason is said."""
        status, output = launch('--device=mvisor', '--device-option=blob=perhaps', 'glxinfo', '-B')
        self.assertNotEqual(status, 0)
        self.assertIn('on or off is wanted', output)
        self.assertNotIn('OpenGL renderer', output)


if __name__ == '__main__':
    unittest.main()
