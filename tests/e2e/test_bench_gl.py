# SPDX-License-Identifier: MIT
"""The scenes of `make bench`'s section gl, two draws of each: pictures, not times."""

import os
import shutil
import sys
import tempfile
import unittest

import harness

sys.path[:0] = [f'{harness.ROOT}/bench', harness.ROOT]
import section_gl  # noqa: E402
from gl import peers  # noqa: E402

PEERS = ('native', 'linux_virgl', 'qemu', 'qemu_32', 'native_stack')
WITHOUT_WINDOW = ('qemu_32',)  # what Wine's 32-bit programs draw with GDI is not shown
WITH_BLOBS = ('native', 'native_stack')
SHORT = 0  # seconds: one draw


class Pictures(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='vgpu-e2e-bench-gl-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self, name):
        peer = peers.make(name)
        self.addCleanup(peer.close)
        peer.start()
        return peer

    def test_scenes(self):
        """Each scene on each driver, as the native renderer draws it."""
        everyone = [self.start(name) for name in PEERS]
        scenes = section_gl.Scenes(self.folder, SHORT)
        for scene in section_gl.SCENES:
            for peer in everyone:
                if scene not in ('present', 'blit') or peer.name not in WITHOUT_WINDOW:
                    scenes.run(scene, peer)
                    self.assertIn((scene, peer.name), {**scenes.results, **scenes.not_here})
        self.assertEqual(scenes.problems, [])
        lacking = {('buffer_persistent', name) for name in PEERS if name not in WITH_BLOBS}
        self.assertEqual(set(scenes.not_here), lacking, scenes.not_here)
        for peer in everyone:
            self.assertEqual('vgpu (' in peer.renderer, peer.name not in ('native', 'linux_virgl'), peer.renderer)
            self.assertGreater(peer.start_up, 0)
            self.assertTrue(peer.stop(), f'{peer.name} did not end well')

    def test_wrong_picture(self):
        """A picture that is another scene's is found, and so is a screen that shows nothing."""
        native = self.start('native')
        scenes = section_gl.Scenes(self.folder, SHORT)
        scenes.run('draws', native)
        other = f'{self.folder}/states-native.rgba'
        shutil.copy(f'{self.folder}/draws-native.rgba', other)
        native.name = 'another'
        scenes.run('states', native)
        self.assertEqual(len(scenes.problems), 1)
        self.assertRegex(scenes.problems[0], 'states: another: the picture has .* dB')
        limit, section_gl.SHOW_LIMIT = section_gl.SHOW_LIMIT, 0
        self.addCleanup(setattr, section_gl, 'SHOW_LIMIT', limit)
        self.assertFalse(section_gl.is_shown())

    def test_end_of_a_peer(self):
        """A program that ends, and a scene that is not there, are errors with a reason."""
        native = self.start('native')
        with self.assertRaisesRegex(peers.PeerError, 'no such scene'):
            native.run('nothing', SHORT)
        native.process.kill()
        with self.assertRaisesRegex(peers.PeerError, 'it ended'):
            native.line(10)
        self.assertFalse(native.stop())


class Numbers(unittest.TestCase):
    def scenes(self, **ms):
        """As after one round: {scene: {peer: milliseconds}}."""
        scenes = section_gl.Scenes(os.devnull, 0)
        for scene, times in ms.items():
            for peer, value in times.items():
                scenes.results[scene, peer] = [{'seconds': value / 1000, 'draws': 1, 'cpu': {'host': 3, 'program': 1}}]
        return scenes

    def test_ratios(self):
        scenes = self.scenes(fill={'native': 10, 'linux_virgl': 30, 'qemu': 20, 'software': 100})
        summary = section_gl.summarize(scenes, section_gl.PEERS, {'qemu': [0.3, 0.1, 0.2], 'linux_virgl': [0.1]}, {})
        fill = summary['scenes']['fill']
        self.assertEqual((fill['ratio_native'], fill['ratio_linux_virgl'], fill['ratio_software']), (0.5, 1.5, 5))
        self.assertEqual(fill['profile']['qemu']['cpu_percent'], {'host': 75, 'program': 25})
        self.assertEqual(summary['startup_over_linux_virgl'], 2)
        self.assertEqual(summary['problems'], ['fill: ratio_native is 0.5, less than 0.9',
                                               'startup_over_linux_virgl is 2.0, more than 1.5'])

    def test_floor(self):
        """A frame against the host's read-back and the copy to the window."""
        scenes = self.scenes(present={'linux_virgl': 20, 'qemu': 12}, readback={'native': 2}, blit={'qemu': 4})
        summary = section_gl.summarize(scenes, section_gl.PEERS, {}, {})
        self.assertEqual(summary['present_floor_ms'], 6)
        self.assertEqual(summary['present_1080p_over_floor'], 2)
        self.assertEqual(summary['problems'], ['present_1080p_over_floor is 2.0, more than 1.5'])


if __name__ == '__main__':
    unittest.main()
