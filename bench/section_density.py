# SPDX-License-Identifier: MIT
"""Many guests on one machine: instances of the native stack, each with a driver and a model of Mvisor's device of its own,
draw the demo scene in small windows at the same time. DENSITY_GUESTS says how many (70).

A guest's memory is its proportional set size when all have drawn their first frames and wait for the start: pages of its own,
guest RAM among them, and its share of the pages that several processes map."""
import json
import os
import shutil
import subprocess
import tempfile

from sim.run import native

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
DEMO = f'{ROOT}/build/bench/demo/vgpu-demo'
COMPARE = f'{ROOT}/build/bench/demo/vgpu-compare'
FRAMES, SIZE = 100, '160x120'
MIN_PSNR_DB = 40
MIN_SLOWEST_OVER_MEAN = 0.5
STARTING = 4  # guests that compile shaders at the same time: the host compiles them inside of a command, which has a time limit
LIMIT = 1200  # seconds
MIB = 1024  # KiB


def draw_reference(folder):
    environment = {**os.environ, 'LIBGL_ALWAYS_SOFTWARE': '1', 'GALLIUM_DRIVER': 'llvmpipe', 'LP_NUM_THREADS': '0'}
    subprocess.run([DEMO, '--frames', str(FRAMES), '--size', SIZE, '--dump', f'{folder}/reference.rgba'], env=environment,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=LIMIT, check=True)


class Guest:
    """One process of the native stack."""

    def __init__(self, folder, number):
        self.pixels, self.report = f'{folder}/{number}.rgba', f'{folder}/{number}.json'
        self.log = open(f'{folder}/{number}.log', 'wb')
        values = native.on_mvisor(native.environment(seed=number + 1))
        self.process = subprocess.Popen(
            [DEMO, '--frames', str(FRAMES), '--size', SIZE, '--gate', '--dump', self.pixels, '--report', self.report],
            env=values, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)

    def wait_ready(self):
        return any(line.strip() == b'ready' for line in self.process.stdout)

    def go(self):
        self.process.stdin.write(b'\n')
        self.process.stdin.flush()

    def wait_drawn(self):
        """Until the timed frames are drawn."""
        return any(line.startswith(b'fps: ') for line in self.process.stdout)

    def kib(self):
        with open(f'/proc/{self.process.pid}/smaps_rollup', encoding='ascii') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('Pss:'))

    def end(self):
        """Its frames per second; None when it failed."""
        self.process.stdout.read()
        if self.process.wait(LIMIT):
            return None
        with open(self.report, encoding='utf-8') as file:
            return json.load(file)['fps']

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for file in (self.process.stdin, self.process.stdout, self.log):
            file.close()


def worst_psnr(folder, guest):
    result = subprocess.run([COMPARE, f'{folder}/reference.rgba', guest.pixels, SIZE], stdout=subprocess.PIPE,
                            timeout=LIMIT, check=False)
    if result.returncode:
        return 0
    values = json.loads(result.stdout)
    return values['psnr_min_db'] if values['frames'] == FRAMES else 0


def run_guests(folder, number):
    """(frames per second, KiB, worst PSNR) of each guest; None where it failed."""
    guests = []
    try:
        ready = []
        for i in range(number):
            guests.append(Guest(folder, i))
            if i >= STARTING - 1:
                ready.append(guests[len(ready)].wait_ready())
        ready += [guest.wait_ready() for guest in guests[len(ready):]]
        memory = [guest.kib() if is_ready else None for guest, is_ready in zip(guests, ready)]
        for guest, is_ready in zip(guests, ready):
            if is_ready:
                guest.go()
        for guest in guests:
            guest.wait_drawn()
        speeds = [guest.end() for guest in guests]
        return speeds, memory, [worst_psnr(folder, guest) if speed else 0 for guest, speed in zip(guests, speeds)]
    finally:
        for guest in guests:
            guest.stop()


def summary(number, speeds, memory, psnr):
    drawn = [speed for speed in speeds if speed]
    mean = sum(drawn) / len(drawn) if drawn else 0
    result = {
        'guests': number,
        'guests_failed': number - len(drawn),
        'frames': FRAMES,
        'size': SIZE,
        'fps_mean': round(mean, 2),
        'fps_slowest': round(min(drawn), 2) if drawn else 0,
        'slowest_over_mean': round(min(drawn) / mean, 3) if len(drawn) == number and mean else 0,
        'mib_per_guest': round(sum(filter(None, memory)) / MIB / number, 1),
        'mib_largest_guest': round(max(filter(None, memory), default=0) / MIB, 1),
        'psnr_min_db': min(psnr),
        'all_pixels_right': min(psnr) >= MIN_PSNR_DB,
        'problems': [],
    }
    if result['guests_failed']:
        result['problems'].append(f'{result["guests_failed"]} guests failed')
    if result['slowest_over_mean'] < MIN_SLOWEST_OVER_MEAN:
        result['problems'].append(f'slowest_over_mean is {result["slowest_over_mean"]}, less than {MIN_SLOWEST_OVER_MEAN}')
    if not result['all_pixels_right']:
        result['problems'].append('not all pixels are right')
    return result


def measure():
    number = int(os.environ.get('DENSITY_GUESTS', '70'))
    folder = tempfile.mkdtemp(prefix='vgpu-density-')
    try:
        draw_reference(folder)
        result = summary(number, *run_guests(folder, number))
        for name, value in result.items():
            if name != 'problems':
                print(f'  {name:32} {value!s:>12}')
        if result['problems']:
            with open(f'{folder}/0.log', encoding='utf-8', errors='replace') as log:
                print(log.read()[-2000:])
        return result
    finally:
        shutil.rmtree(folder, ignore_errors=True)
