# SPDX-License-Identifier: MIT
"""Processes that draw the same scenes, each on another OpenGL driver, and take turns: while one draws, the others wait."""
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from sim.run import native, processes

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
LINUX = f'{ROOT}/build/bench/demo/bench-scenes'
WINDOWS = {64: f'{ROOT}/build/win64/demo/bench-scenes.exe', 32: f'{ROOT}/build/win32/demo/bench-scenes.exe'}
MARK = 'VGPU_BENCH_PEER'  # in the environment of each process that works for a peer
START_LIMIT, SCENE_LIMIT, STOP_LIMIT = 180, 180, 90  # seconds
TICK = os.sysconf('SC_CLK_TCK')
# The same renderer with the same number of threads everywhere, and nobody finds what another one compiled.
COMMON = {'LIBGL_ALWAYS_SOFTWARE': '1', 'LP_NUM_THREADS': '0', 'MESA_SHADER_CACHE_DISABLE': 'true',
          'VGPU_HOST_MESA_SHADER_CACHE_DISABLE': 'true', 'vblank_mode': '0'}


class PeerError(Exception):
    pass


class NotHere(PeerError):
    """The driver lacks what the scene needs."""


def _process_ids():
    return [int(name) for name in os.listdir('/proc') if name.isdigit()]


def _read(path):
    try:
        with open(path, 'rb') as file:
            return file.read()
    except OSError:
        return b''


def _cpu(pid):
    """(name, seconds of CPU so far), or None when it is gone."""
    text = _read(f'/proc/{pid}/stat').decode(errors='replace')
    if ')' not in text:
        return None
    fields = text[text.rindex(')') + 2:].split()
    return text[text.index('(') + 1:text.rindex(')')], (int(fields[11]) + int(fields[12])) / TICK


class Peer:
    """command: the program that draws. It is started by start() and ends with stop()."""

    def __init__(self, name, command, environment=None):
        self.name, self.command = name, command
        self.environment = {**os.environ, **COMMON, **(environment or {}), MARK: f'{name}-{os.getpid()}'}
        self.folder = tempfile.mkdtemp(prefix=f'vgpu-bench-{os.getpid()}-')
        self.process = self.helper = None
        self.buffer, self.renderer, self.start_up = b'', '', 0.0

    def start_helper(self):
        """What has to be there before the program."""

    def start(self):
        self.start_helper()
        self.buffer = b''
        with open(f'{self.folder}/log', 'wb') as log:
            self.process = processes.start(self.command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           stderr=log, cwd=ROOT)
        while True:
            line = self.line(START_LIMIT)
            if line.startswith('renderer: '):
                self.renderer = line.split(': ', 1)[1]
            if line.startswith('ready: '):
                self.start_up = float(line.split(': ')[1])
                return

    def line(self, limit):
        end = time.monotonic() + limit
        while b'\n' not in self.buffer:
            readable, _, _ = select.select([self.process.stdout], [], [], max(end - time.monotonic(), 0))
            part = os.read(self.process.stdout.fileno(), 65536) if readable else b''
            if not part:
                log = _read(f'{self.folder}/log').decode(errors='replace')[-2000:]
                raise PeerError(f'{self.name}: {"it ended" if readable else f"no answer for {limit} s"}\n{log}')
            self.buffer += part
        line, self.buffer = self.buffer.split(b'\n', 1)
        return line.decode(errors='replace').strip()

    def ask(self, text):
        self.process.stdin.write(text.encode() + b'\n')
        self.process.stdin.flush()
        answer = self.line(SCENE_LIMIT)
        if answer.startswith('not here: '):
            raise NotHere(answer.split(': ', 1)[1])
        if answer != 'done':
            raise PeerError(f'{self.name}: {text.split()[1:2]}: {answer}')

    def cpu(self):
        """Seconds of CPU so far of each process that works for this peer, and of the display."""
        mark = f'{MARK}={self.name}-{os.getpid()}'.encode()
        display = os.path.dirname(os.environ.get('VGPU_SCREEN', '')).encode() or None
        used = {}
        for pid in _process_ids():
            is_ours = mark in _read(f'/proc/{pid}/environ').split(b'\0')
            if is_ours or display and display in _read(f'/proc/{pid}/cmdline').split(b'\0'):
                name, seconds = _cpu(pid) or ('', 0)
                used[name] = used.get(name, 0) + seconds
        return used

    def run(self, scene, seconds, picture=None):
        """What the program measured, and 'cpu': seconds of CPU of each process, the scene's making and picture included."""
        report = f'{self.folder}/report.json'
        before = self.cpu()
        self.ask(f'run {scene} {seconds} {report} {picture or ""}')
        after = self.cpu()
        with open(report, encoding='utf-8') as file:
            result = json.load(file)
        result['cpu'] = {name: round(value - before.get(name, 0), 2) for name, value in after.items() if value > before.get(name, 0)}
        return result

    def stop(self):
        """True when the program ended as it should."""
        if self.process:
            self.process.stdin.close()
            try:
                self.process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                pass
            status = self.process.poll()
            processes.stop(self.process)
            self.process.stdout.close()
            self.process = None
        else:
            status = 0
        if self.helper:
            processes.stop(self.helper)
            self.helper = None
        return status == 0

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _our_mesa(driver):
    """Another driver of the Mesa that ours is part of, so that the version is the same; Debian 12's also knows only one socket."""
    values = {**native.environment(), 'GALLIUM_DRIVER': driver}
    return {key: value for key, value in values.items() if os.environ.get(key) != value}


class VirglServer(Peer):
    """Mesa's Linux driver for virgl, whose host is a process behind a socket."""

    def __init__(self, name):
        super().__init__(name, [LINUX], _our_mesa('virpipe'))
        self.socket = f'{self.folder}/socket'
        self.environment['VTEST_SOCKET_NAME'] = self.socket

    def start_helper(self):
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        with open(f'{self.folder}/server', 'wb') as log:
            self.helper = processes.start(
                ['virgl_test_server', '--no-fork', '--use-egl-surfaceless', f'--socket-path={self.socket}'],
                env={**os.environ, **COMMON, MARK: self.environment[MARK], 'GALLIUM_DRIVER': 'llvmpipe'}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + START_LIMIT
        while not os.path.exists(self.socket):
            if self.helper.poll() is not None or time.monotonic() > end:
                raise PeerError(f'{self.name}: virgl_test_server does not start: {_read(f"{self.folder}/server")[-500:]!r}')
            time.sleep(0.05)


def _stack(name, device, bits):
    return Peer(name, [f'{ROOT}/vgpu-run', f'--device={device}', WINDOWS[bits]])


def _native_stack(name):
    peer = Peer(name, [LINUX])
    peer.environment.update({key: value for key, value in native.on_mvisor(native.environment(), ['blob=on']).items()
                             if os.environ.get(key) != value})
    return peer


MAKERS = {
    'native': lambda name: Peer(name, [LINUX], {'GALLIUM_DRIVER': 'llvmpipe'}),
    'linux_virgl': VirglServer,
    'software': lambda name: Peer(name, [LINUX], _our_mesa('softpipe')),
    'qemu': lambda name: _stack(name, 'qemu', 64),
    'qemu_32': lambda name: _stack(name, 'qemu', 32),
    'mvisor': lambda name: _stack(name, 'mvisor', 64),
    'native_stack': _native_stack,
}


def make(name):
    return MAKERS[name](name)
