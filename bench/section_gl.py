# SPDX-License-Identifier: MIT
"""OpenGL: the scenes of bench/gl, drawn by the shipped Windows binaries and by others that need no driver of ours, which take
turns. Each picture is compared with the native one. GL_QUICK=1: one round of short draws. GL_PEERS=NAME,...: only these beside
'native'; GL_SCENES=NAME,...: only these.

A peer's time is the median of its rounds; 'ratio_X' says how many times as fast as X the stack on QEMU's device is."""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from gl import peers

ROOT = peers.ROOT
sys.path.insert(0, f'{ROOT}/demo')
import picture  # noqa: E402

COMPARE = f'{ROOT}/build/bench/demo/vgpu-compare'
OURS = 'qemu'
PEERS = ('native', 'linux_virgl', 'software', 'qemu', 'mvisor', 'native_stack')
RATIOS = {'ratio_native': 'native', 'ratio_linux_virgl': 'linux_virgl', 'ratio_software': 'software'}
SCENES = ('fill', 'draws', 'states', 'shaders', 'upload', 'upload_64mib_s', 'buffer_orphan', 'buffer_subdata',
          'buffer_persistent', 'readback', 'present', 'contexts', 'blit')
ONLY_FLOOR = 'blit'  # what a frame's copy to the window costs without OpenGL
SLOW = ('software',)  # measured once
MIN_PSNR_DB = 40
MIN_RATIO_NATIVE = {'fill': 0.9}
MIN_RATIO_LINUX_VIRGL, MIN_RATIO_LINUX_VIRGL_OF = 1.0, {'draws': 1.3, 'upload': 1.3, 'upload_64mib_s': 1.3, 'present': 1.3}
MAX_PRESENT_OVER_FLOOR = MAX_START_UP = 1.5
# The window's quarters in the scene 'present', as points of the screen.
SHOWN = {(100, 100): (51, 51, 204), (1100, 100): (204, 204, 51), (100, 900): (204, 51, 51), (1100, 900): (51, 204, 51)}
SHOW_LIMIT = 10  # seconds


def chosen(variable, everything):
    names = [name for name in os.environ.get(variable, '').split(',') if name] or everything
    unknown = [name for name in names if name not in everything]
    if unknown:
        raise SystemExit(f'{variable}: there is no {", ".join(unknown)}; there are {", ".join(everything)}')
    return names


def is_shown():
    """Whether the screen shows the picture of the scene 'present'. What was drawn last may need a moment to get there."""
    end = time.monotonic() + SHOW_LIMIT
    while True:
        width, height, pixels = picture.read_xwd(os.environ['VGPU_SCREEN'])
        if all(x < width and y < height and
               max(abs(a - b) for a, b in zip(pixels[(y * width + x) * 4:], colour)) <= 2 for (x, y), colour in SHOWN.items()):
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.1)


def psnr(first, second, result):
    command = [COMPARE, first, second, f'{result["width"]}x{result["height"]}']
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120, check=False)
    return json.loads(done.stdout)['psnr_min_db'] if done.returncode == 0 else 0


class Scenes:
    """Runs scenes on peers and keeps what came of it."""

    def __init__(self, folder, seconds):
        self.folder, self.seconds = folder, seconds
        self.results = {}  # (scene, peer): a list of what the rounds measured
        self.not_here = {}  # (scene, peer): why
        self.problems = []

    def run(self, scene, peer):
        if (scene, peer.name) in self.not_here:
            return
        path = f'{self.folder}/{scene}-{peer.name}.rgba'
        try:
            result = peer.run(scene, self.seconds, path)
        except peers.NotHere as reason:
            self.not_here[scene, peer.name] = str(reason)
            return
        if scene == 'present' and not is_shown():
            self.problems.append(f'present: {peer.name}: the screen does not show the frame')
        if scene in ('present', 'blit'):
            peer.ask('hide')
        reference = f'{self.folder}/{scene}-native.rgba'
        if os.path.exists(path) and path != reference:
            likeness = psnr(reference, path, result)
            if likeness < MIN_PSNR_DB:
                self.problems.append(f'{scene}: {peer.name}: the picture has {likeness} dB, less than {MIN_PSNR_DB}')
        self.results.setdefault((scene, peer.name), []).append(result)

    def ms(self, scene, peer):
        """Median milliseconds of one draw; None when it was not measured."""
        rounds = self.results.get((scene, peer))
        return statistics.median(1000 * one['seconds'] / one['draws'] for one in rounds) if rounds else None


def ratio(theirs, ours):
    return round(theirs / ours, 3) if theirs and ours else None


def profile(rounds):
    """Where the CPU's time went, in per cent by process, and what the driver counted for one draw, in the last round."""
    used, last = {}, rounds[-1]
    for one in rounds:
        for name, seconds in one['cpu'].items():
            used[name] = used.get(name, 0) + seconds
    whole = sum(used.values()) or 1
    result = {'cpu_percent': {name: round(100 * value / whole) for name, value in sorted(used.items(), key=lambda i: -i[1])
                              if value / whole >= 0.01}}
    counters = {name: round(value, 2) for name, value in last.items() if name.endswith('_per_frame')}
    return {**result, 'counters': counters} if counters else result


def scene_summary(scenes, scene, names):
    times = {name: scenes.ms(scene, name) for name in names}
    ours = times.get(OURS)
    result = {key: ratio(times.get(name), ours) for key, name in RATIOS.items()}
    result['ms'] = {name: round(value, 3) for name, value in times.items() if value}
    result['not_here'] = {name: why for (of, name), why in scenes.not_here.items() if of == scene}
    rounds = {name: scenes.results.get((scene, name)) for name in names}
    result['rounds_ms'] = {name: [round(1000 * one['seconds'] / one['draws'], 3) for one in some] for name, some in rounds.items()
                           if some}
    result['profile'] = {name: profile(some) for name, some in rounds.items() if some}
    return result


def bounds(summary):
    found = []
    for scene, values in summary['scenes'].items():
        least = MIN_RATIO_LINUX_VIRGL_OF.get(scene, MIN_RATIO_LINUX_VIRGL)
        for name, bound in (('ratio_native', MIN_RATIO_NATIVE.get(scene, 0)), ('ratio_linux_virgl', least)):
            if values[name] is not None and values[name] < bound:
                found.append(f'{scene}: {name} is {values[name]}, less than {bound}')
    for name, bound in (('present_1080p_over_floor', MAX_PRESENT_OVER_FLOOR), ('startup_over_linux_virgl', MAX_START_UP)):
        if summary[name] is not None and summary[name] > bound:
            found.append(f'{name} is {summary[name]}, more than {bound}')
    return found


def floor_ms(scenes):
    """The copies that a frame cannot avoid: the host's read-back, as the native renderer does it, and the window system's."""
    parts = scenes.ms('readback', 'native'), scenes.ms(ONLY_FLOOR, OURS)
    return sum(parts) if all(parts) else None


def summarize(scenes, names, start_ups, renderers):
    floor, present = floor_ms(scenes), scenes.ms('present', OURS)
    starts = {name: statistics.median(values) for name, values in start_ups.items()}
    measured = {scene for scene, _ in scenes.results}
    summary = {
        'scenes': {scene: scene_summary(scenes, scene, names) for scene in SCENES if scene in measured and scene != ONLY_FLOOR},
        'present_floor_ms': round(floor, 3) if floor else None,
        'present_1080p_over_floor': ratio(present, floor),
        'startup_ms': {name: round(1000 * value, 1) for name, value in starts.items()},
        'startup_over_linux_virgl': ratio(starts.get(OURS), starts.get('linux_virgl')),
        'blit_ms': {name: scenes.ms(ONLY_FLOOR, name) for name in names if scenes.ms(ONLY_FLOOR, name)},
        'renderers': renderers,
        'llvmpipe_threads': int(peers.COMMON['LP_NUM_THREADS']),
        'load_average': round(os.getloadavg()[0], 1),
    }
    summary['problems'] = scenes.problems + bounds(summary)
    return summary


def show(summary):
    print(f'  {"scene":18} {"ms":>9} {"native":>8} {"virgl":>8} {"software":>8}   (ratios: how many times as fast)')
    for scene, values in summary['scenes'].items():
        numbers = [values['ms'].get(OURS)] + [values[name] for name in RATIOS]
        print(f'  {scene:18} ' + ' '.join(f'{number:{width}.2f}' if number else f'{"-":>{width}}'
                                          for number, width in zip(numbers, (9, 8, 8, 8))))
    for name in ('present_1080p_over_floor', 'startup_over_linux_virgl', 'load_average'):
        print(f'  {name:28} {summary[name]}')


def start_all(everyone, times):
    """Starts each so many times, in turns, and leaves them running; {name: seconds to the first frame}."""
    found = {}
    for i in range(times):
        for peer in everyone:
            if i and peer.name not in (OURS, 'linux_virgl'):
                continue
            if peer.process:
                peer.stop()
            peer.start()
            found.setdefault(peer.name, []).append(peer.start_up)
    return found


def take_turns(scenes, everyone, names, rounds):
    """The first round goes scene by scene, so that the native picture is there before the others'."""
    for scene in names:
        for number in range(rounds):
            for peer in everyone:
                if number == 0 or peer.name not in SLOW:
                    scenes.run(scene, peer)


def measure():
    quick = os.environ.get('GL_QUICK') == '1'
    names = ['native'] + [name for name in chosen('GL_PEERS', PEERS) if name != 'native']
    folder = tempfile.mkdtemp(prefix='vgpu-bench-gl-')
    everyone = []
    try:
        everyone = [peers.make(name) for name in names]
        scenes = Scenes(folder, 0.01 if quick else 0.3)
        start_ups = start_all(everyone, 1 if quick else 3)
        take_turns(scenes, everyone, chosen('GL_SCENES', SCENES), 1 if quick else 3)
        renderers = {peer.name: peer.renderer for peer in everyone}
        scenes.problems += [f'{peer.name}: it did not end well' for peer in everyone if not peer.stop()]
        summary = summarize(scenes, names, start_ups, renderers)
        show(summary)
        return summary
    finally:
        for peer in everyone:
            peer.close()
        shutil.rmtree(folder, ignore_errors=True)
