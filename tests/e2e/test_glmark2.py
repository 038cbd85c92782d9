# SPDX-License-Identifier: MIT
"""A public benchmark, glmark2 of Debian's sources, as a Windows program: the last frame of each scene against the same frame
of the same program on this machine's llvmpipe."""

import math
import os
import subprocess
import tempfile
import unittest

import harness

APPS = f'{harness.ROOT}/build/apps'
DATA = f'{APPS}/source/glmark2/data'
WIDTH, HEIGHT = 320, 240
FRAME = WIDTH * HEIGHT * 4
SCENES = ('build:use-vbo=false', 'build', 'texture', 'shading', 'bump', 'effect2d', 'pulsar', 'desktop', 'buffer', 'ideas', 'jellyfish',
          'terrain', 'shadow', 'refract', 'conditionals', 'function', 'loop')
ENOUGH_DB = 60  # a black frame is at 38 of the darkest scene; a bit that differs in every byte makes 48
ENOUGH_COLOURS = 40


def arguments(data):
    scenes = [argument for scene in SCENES for argument in ('-b', f'{scene}:nframes=5')]
    return ['--data-path', data, '-s', f'{WIDTH}x{HEIGHT}', *scenes]


def psnr(one, other):
    """Decibels, of all four channels; infinite when they are the same."""
    if one == other:
        return math.inf
    return 10 * math.log10(255 ** 2 * len(one) / sum((a - b) ** 2 for a, b in zip(one, other)))


def colours(frame):
    return len({frame[i:i + 3] for i in range(0, len(frame), 4)})


def read_frames(path):
    with open(path, 'rb') as file:
        data = file.read()
    return [data[i:i + FRAME] for i in range(0, len(data), FRAME)]


class Glmark2(unittest.TestCase):
    device, program = 'qemu', f'{APPS}/win64/glmark2.exe'

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='vgpu-e2e-glmark2-')
        cls.addClassCleanup(cls.folder.cleanup)
        path = f'{cls.folder.name}/reference'
        values = {'LIBGL_ALWAYS_SOFTWARE': '1', 'GALLIUM_DRIVER': 'llvmpipe', 'LP_NUM_THREADS': '0', 'APPS_FRAMES': path}
        subprocess.run([f'{APPS}/linux/glmark2', *arguments(DATA)], env={**os.environ, **values}, check=True, timeout=120,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.reference = read_frames(path)

    def test_scenes(self):
        path = f'{self.folder.name}/frames'
        status, output, broken = harness.run(self.program, *arguments(harness.dos_path(DATA)), device=self.device, limit=200,
                                             values={'APPS_FRAMES': harness.dos_path(path)})
        self.assertEqual(status, 0, output)
        self.assertEqual(broken, [], output)
        self.assertIn('GL_RENDERER:    vgpu (', output)
        frames = read_frames(path)
        self.assertEqual(len(self.reference), len(SCENES))
        self.assertEqual([len(frame) for frame in frames], [FRAME] * len(SCENES))
        for scene, frame, wanted in zip(SCENES, frames, self.reference):
            with self.subTest(scene):
                self.assertGreaterEqual(colours(wanted), ENOUGH_COLOURS)
                self.assertGreaterEqual(psnr(frame, wanted), ENOUGH_DB)


class Glmark2OnMvisor(Glmark2):
    device = 'mvisor'


class Glmark2For32Bits(Glmark2):
    program = f'{APPS}/win32/glmark2.exe'


if __name__ == '__main__':
    unittest.main()
