# SPDX-License-Identifier: MIT
"""What Mvisor does when a virtual machine moves: the streams of a program, carried out again in a fresh renderer on what
the guest's memory holds, give the picture that the program showed last."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import harness

REPLAY = f'{harness.ROOT}/build/native/sim/devices/mvisor-replay'
TEXTURES = f'{harness.ROOT}/build/win64/icd/client/icd_textures.exe'
FRAMES = '8'
HOLD = '60'  # seconds that the last frame stays; the program is ended when the recording is there
LIMIT = 120


class Migration(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='vgpu-e2e-migration-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.recording = f'{self.folder}/recording'

    def output(self):
        with open(f'{self.folder}/output', encoding='utf-8', errors='replace') as file:
            return file.read()

    def wait_until(self, condition, seconds):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, self.output())
            time.sleep(0.1)

    def record(self, *command, staging=0):
        """Runs the program until it says that it is done, and has the device write what a migration would take along."""
        options = [f'--device-option=record={self.recording}', f'--device-option=staging={staging}']
        with open(f'{self.folder}/output', 'wb') as output:
            runner = subprocess.Popen(
                [f'{harness.ROOT}/vgpu-run', '--device=mvisor', *options, f'--timeout={LIMIT}', *command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, 'VGPU_RUN_DIR': f'{self.folder}/run'})
        try:
            self.wait_until(lambda: re.search(r'^done', self.output(), re.M) or runner.poll() is not None, LIMIT)
            self.assertIsNone(runner.poll(), self.output())
            with open(f'{self.folder}/run/mvisor.pid', encoding='ascii') as file:
                os.kill(int(file.read()), signal.SIGUSR1)
            self.wait_until(lambda: os.path.exists(self.recording), LIMIT)
        finally:
            if runner.poll() is None:
                runner.terminate()
                runner.wait()

    def replay(self, status=0):
        result = subprocess.run([REPLAY, self.recording], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                timeout=LIMIT, check=False)
        self.assertEqual(result.returncode, status, result.stdout)
        return result.stdout

    def check_same(self, *command, pixels):
        self.record(*command)
        output = self.replay()
        last = re.search(r'words (\d+) different (\d+) last', output)
        self.assertEqual(int(last[1]), pixels)
        self.assertEqual(int(last[2]), 0, output)
        self.assertNotIn('copy-transfers', output)

    def test_demo(self):
        self.check_same(harness.DEMO, '--frames', FRAMES, '--size', '320x240', '--hold', HOLD, pixels=320 * 240)

    def test_textures(self):
        """Pictures made from other pictures, some of which are gone."""
        self.check_same(TEXTURES, FRAMES, HOLD, pixels=256 * 256)

    def test_staging(self):
        """Where the device says that it is safe, textures go through staging, and it is seen that they do."""
        self.record(harness.DEMO, '--frames', FRAMES, '--size', '320x240', '--hold', HOLD, staging=1)
        self.assertRegex(self.replay(status=1), r'copy-transfers [1-9]')


if __name__ == '__main__':
    unittest.main()
