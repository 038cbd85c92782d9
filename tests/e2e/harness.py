# SPDX-License-Identifier: MIT
"""Runs Windows programs through the stack for the end-to-end tests. Needs $DISPLAY and $VGPU_SCREEN as
scripts/with-display.sh gives them."""

import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path[:0] = [f'{ROOT}/demo', ROOT]
import picture  # noqa: E402
from sim.run.prefix import dos_path  # noqa: E402

DEMO = f'{ROOT}/build/win64/demo/vgpu-demo.exe'
TWO_CONTEXTS = f'{ROOT}/build/win64/tests/e2e/two_contexts.exe'
MESA_DEMOS = f'{ROOT}/build/tests/mesa-demos'
BROKEN_RULE = 97  # vgpu-run's status for a rule of the simulator that was broken
TIME_UP = 124
SHADER_CACHE = tempfile.TemporaryDirectory(prefix='vgpu-e2e-cache-')  # for all programs here, and no others
STOP_TIME = 20  # seconds that vgpu-run gets to stop what it started


class Stack:
    """One ./vgpu-run, as a context manager that ends it. Its output goes to a file. build: instead of the tree's own.
    settings: of the driver, 'Name=Number,...'. options: more of vgpu-run's. values: of the
    environment."""

    def __init__(self, program, *arguments, device='qemu', limit=120, build=None, settings='', options=(), values=None):
        self.device = device
        self.folder = tempfile.TemporaryDirectory(prefix='vgpu-e2e-')
        self.log = f'{self.folder.name}/output'
        environment = dict(os.environ, VGPU_RUN_DIR=f'{self.folder.name}/run', VGPU_SIM_PARAMETERS=settings)
        environment['VGPU_SHADER_CACHE_FOLDER'] = dos_path(SHADER_CACHE.name)
        environment.update(values or {})
        if not program.startswith(MESA_DEMOS):  # these have frames, and are looked for where they are without
            options = ['--no-window-manager', *options]
        if build:
            environment['VGPU_BUILD'] = build
        with open(self.log, 'wb') as output:
            self.process = subprocess.Popen(
                [f'{ROOT}/vgpu-run', f'--device={device}', f'--timeout={limit}', *options, program, *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=ROOT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()

    def output(self):
        with open(self.log, encoding='utf-8', errors='replace') as file:
            return file.read()

    def wait(self, limit):
        """The exit status, or None when it still runs after limit seconds."""
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            return None

    def wait_until(self, condition, limit):
        """True once condition() holds; False when the time is up, or the program ended without it."""
        end = time.monotonic() + limit
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None:
                return condition()
            time.sleep(0.1)
        return True

    def device_process(self):
        name = 'mvisor' if self.device == 'mvisor' else 'qemu'
        with open(f'{self.folder.name}/run/{name}.pid', encoding='ascii') as file:
            return int(file.read())

    def broken_rules(self):
        """What the simulator counted when the program ended: a list of lines 'RULE COUNT', or None if it did not see the end."""
        try:
            with open(f'{self.folder.name}/run/report', encoding='utf-8') as file:
                return [line.strip() for line in file if int(line.split()[1])]
        except FileNotFoundError:
            return None

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            if self.wait(STOP_TIME) is None:
                self.process.kill()
                self.process.wait()


def run(program, *arguments, device='qemu', limit=120, settings='', options=(), values=None):
    """Runs the program to its end; its exit status, its output, and the simulator's list of broken rules."""
    with Stack(program, *arguments, device=device, limit=limit, settings=settings, options=options, values=values) as stack:
        status = stack.wait(limit + STOP_TIME)
        return status, stack.output(), stack.broken_rules()


def screen():
    """What the screen shows now: (width, height, RGBA bytes)."""
    return picture.read_xwd(os.environ['VGPU_SCREEN'])


def colours(shown, x, y, width, height):
    """How often each colour (r, g, b) is in a part of a picture."""
    _, _, pixels = picture.crop(shown, width, height, x, y)
    counts = {}
    for i in range(0, len(pixels), 4):
        colour = pixels[i:i + 3]
        counts[colour] = counts.get(colour, 0) + 1
    return {tuple(colour): count for colour, count in counts.items()}
