#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tools that judge the demo's pixels: test_tools.py VGPU-COMPARE."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
DEMO = os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', '..', 'demo')
sys.path.insert(0, DEMO)
import make_report  # noqa: E402
import picture  # noqa: E402

COMPARE = None


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, data):
        path = f'{self.folder}/{name}'
        with open(path, 'wb') as file:
            file.write(data)
        return path


class Compare(Files):
    def compare(self, first, second, size='2x2'):
        return subprocess.run([COMPARE, self.file('first', first), self.file('second', second), size],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def judge(self, first, second):
        result = self.compare(first, second)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def test_identical(self):
        found = self.judge(bytes(range(32)), bytes(range(32)))
        self.assertEqual((found['frames'], found['identical'], found['psnr_min_db']), (2, 2, 99.0))

    def test_known_ratio(self):
        """One channel of four pixels off by 12: the mean square is 144/12, so 10 log10(255^2 / 12) = 37.34 dB."""
        found = self.judge(bytes(16), b'\x0c' + bytes(15))
        self.assertEqual((found['psnr_min_db'], found['identical'], found['largest_difference']), (37.34, 0, 12))

    def test_worst_frame_counts(self):
        found = self.judge(bytes(48), bytes(16) + b'\xff' * 16 + bytes(16))
        self.assertEqual((found['psnr_min_db'], found['worst_frame'], found['frames']), (0.0, 1, 3))
        self.assertEqual(found['psnr_mean_db'], 66.0)

    def test_alpha_is_left_out(self):
        self.assertEqual(self.judge(bytes(16), b'\0\0\0\xff' * 4)['psnr_min_db'], 99.0)

    def test_lengths_differ(self):
        for first, second in ((16, 32), (32, 16), (16, 15), (0, 16), (0, 0), (15, 15)):
            self.assertEqual(self.compare(bytes(first), bytes(second)).returncode, 1)

    def test_bad_size(self):
        for size in ('', '2', '0x2', '2x0', '2x2x', 'x', '16385x1'):
            self.assertEqual(self.compare(bytes(16), bytes(16), size).returncode, 2)


class Picture(Files):
    def xwd(self, pixels, order, masks, width=2, height=1, bits=32):
        words = [100, 7, 2, 24, width, height, 0, order, 32, order, 32, bits, width * 4, 4, *masks, 8, 0, 0, width, height, 0, 0, 0]
        return self.file('xwd', struct.pack('>25I', *words) + pixels)

    def test_byte_orders(self):
        masks = (0xff0000, 0xff00, 0xff)
        for order, pixels in ((0, b'\3\2\1\0\6\5\4\0'), (1, b'\0\1\2\3\0\4\5\6')):
            self.assertEqual(picture.read_xwd(self.xwd(pixels, order, masks)), (2, 1, b'\1\2\3\xff\4\5\6\xff'))

    def test_broken_files(self):
        masks = (0xff0000, 0xff00, 0xff)
        for path in (self.xwd(b'', 0, masks), self.xwd(bytes(8), 0, masks, bits=16), self.file('short', b'xx')):
            with self.assertRaises(picture.PictureError):
                picture.read_xwd(path)

    def test_crop_and_flip(self):
        rows = [bytes([n]) * 4 for n in range(4)]
        whole = (2, 2, b''.join(rows))
        self.assertEqual(picture.crop(whole, 1, 2, 1, 0), (1, 2, rows[1] + rows[3]))
        self.assertEqual(picture.flip(whole), (2, 2, rows[2] + rows[3] + rows[0] + rows[1]))
        with self.assertRaises(picture.PictureError):
            picture.crop(whole, 2, 2, 1, 0)


class Bounds(unittest.TestCase):
    GOOD = {'psnr_readback_db': 40.0, 'psnr_window_db': 99.0, 'gl_version': '4.3 (Core Profile) Mesa',
            'frames': 100, **{name: bound or 0.0 for name, bound in make_report.COUNTERS.items()}}

    def problems(self, **changes):
        problems = []
        make_report.check_bounds({**self.GOOD, **changes}, problems)
        return problems

    def test_good(self):
        self.assertEqual(self.problems(), [])
        self.assertEqual(self.problems(gl_version='10.0'), [])

    def test_each_bound(self):
        for change in ({'psnr_readback_db': 39.9}, {'psnr_window_db': 39.9}, {'gl_version': '4.2'}, {'gl_version': ''},
                       {'device_violations': 1}):
            problems = self.problems(**change)
            self.assertEqual(len(problems), 1, change)
            self.assertIn(next(iter(change)).split('_')[0], problems[0])

    def test_costs(self):
        """What happens once before and after all frames is allowed for."""
        for name, bound in make_report.COUNTERS.items():
            if bound is None:
                self.assertEqual(self.problems(**{name: 1e6}), [])
                continue
            self.assertEqual(self.problems(**{name: bound + 0.02}), [])
            self.assertEqual(self.problems(**{name: bound + 0.03}), [f'{name} is {bound + 0.03:.3f}, more than {bound}'])

    def test_missing_counter(self):
        report = dict(self.GOOD)
        del report['doorbells_per_frame']
        problems = []
        make_report.check_bounds(report, problems)
        self.assertEqual(problems, ['the driver gave no doorbells_per_frame'])


class Binaries(Files):
    def check(self, loaded):
        problems = []
        make_report.check_binaries([self.file('x.dll', b'built')], {'x.dll': loaded}, None, problems)
        return problems

    def test_the_built_file(self):
        self.assertEqual(self.check('Z:' + self.file('copy', b'built').replace('/', '\\')), [])

    def test_names_without_case(self):
        path = self.file('copy.dll', b'built').replace('copy.dll', 'COPY.dll')
        self.assertEqual(self.check('Z:' + path.replace('/', '\\')), [])

    def test_another_file(self):
        self.assertIn('not the file that was built', self.check('Z:' + self.file('other', b'other').replace('/', '\\'))[0])

    def test_not_loaded(self):
        self.assertEqual(self.check(None), ['x.dll was not loaded'])
        self.assertIn('cannot be looked at', self.check('C:\\windows\\system32\\x.dll')[0])
        self.assertIn('cannot be looked at', self.check('Z:\\nowhere\\x.dll')[0])


if __name__ == '__main__':
    COMPARE = sys.argv.pop(1)
    unittest.main()
