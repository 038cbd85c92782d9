# SPDX-License-Identifier: MIT
"""QEMU with a halted guest and the device, driven over the qtest protocol: bounded in time, and ended with the session."""
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from .system import as_user

PR_SET_PDEATHSIG = 1
START_SECONDS = 30
ANSWER_SECONDS = 20
STOP_SECONDS = 5
FIRMWARE_BYTES = 64 << 10
RESET_VECTOR = 0xfff0
HALT = bytes.fromhex('fa f4 eb fd')  # cli; hlt; jmp to the hlt
WIDTHS = {1: 'b', 2: 'w', 4: 'l', 8: 'q'}


class Refused(Exception):
    """QEMU ended by itself: what it printed."""


class Silent(Exception):
    """QEMU did not answer in time: what it printed."""


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Session:
    """A running QEMU. Use it in a `with`; its process and its folder are gone afterwards."""

    def __init__(self, program, device, display, user=None):
        self.folder = tempfile.mkdtemp(prefix='vgpu-hostcheck-')
        self.socket, self.process, self.buffer = None, None, b''
        try:
            options = as_user(user)
            if options:
                os.chown(self.folder, options['user'], options['group'])
            self._start(program, device, display, options)
            self._connect()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self, program, device, display, options):
        image = bytearray(b'\xf4' * FIRMWARE_BYTES)
        image[RESET_VECTOR:RESET_VECTOR + len(HALT)] = HALT
        with open(f'{self.folder}/firmware.bin', 'wb') as file:
            file.write(image)
        command = [program, '-machine', 'q35', '-accel', 'tcg', '-accel', 'kvm', '-m', '64M', '-bios', f'{self.folder}/firmware.bin',
                   '-nodefaults', '-vga', 'none', '-net', 'none', '-device', f'{device},addr=02.0', '-display', display, '-monitor', 'none',
                   '-serial', 'none', '-qtest', f'unix:{self.folder}/qtest,server=on,wait=off', '-qtest-log', 'none']
        environment = dict(os.environ, SDL_VIDEODRIVER='offscreen')
        with open(f'{self.folder}/output', 'wb') as output:
            try:
                self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
                                                start_new_session=True, preexec_fn=_die_with_parent, **options)
            except OSError as reason:
                raise Refused(reason.strerror or str(reason)) from None

    def output(self):
        with open(f'{self.folder}/output', encoding='utf-8', errors='replace') as file:
            return file.read().strip()[-1000:]

    def _connect(self):
        end = time.monotonic() + START_SECONDS
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(ANSWER_SECONDS)
            try:
                return self.socket.connect(f'{self.folder}/qtest')
            except (FileNotFoundError, ConnectionRefusedError):
                self.socket.close()
                if self.process.poll() is not None:
                    raise Refused(self.output()) from None
                if time.monotonic() > end:
                    raise Silent(self.output()) from None
                time.sleep(0.02)

    def _let_end(self):
        """It closed its socket: what it has to say comes before its end."""
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass

    def close(self):
        if self.socket:
            self.socket.close()
        for sign in (signal.SIGTERM, signal.SIGKILL) if self.process else ():
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(STOP_SECONDS)
            except ProcessLookupError:
                self.process.wait()
            except subprocess.TimeoutExpired:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, line):
        try:
            self.socket.sendall(line.encode() + b'\n')
            while b'\n' not in self.buffer:
                got = self.socket.recv(1 << 16)
                if not got:
                    raise ConnectionResetError
                self.buffer += got
        except socket.timeout:
            raise Silent(self.output()) from None
        except (BrokenPipeError, ConnectionResetError):
            self._let_end()
            raise Refused(self.output()) from None
        answer, self.buffer = self.buffer.split(b'\n', 1)
        if answer.startswith(b'IRQ'):
            return self.command(line)
        return answer.decode().split()

    def read(self, address, width):
        return int(self.command(f'read{WIDTHS[width]} {address:#x}')[1], 16)

    def write(self, address, width, value):
        self.command(f'write{WIDTHS[width]} {address:#x} {value:#x}')

    def read_memory(self, address, size):
        return bytes.fromhex(self.command(f'read {address:#x} {size:#x}')[1][2:])

    def write_memory(self, address, data):
        self.command(f'write {address:#x} {len(data):#x} 0x{data.hex()}')

    def config_read(self, slot, offset, width):
        self.command(f'outl 0xcf8 {0x80000000 | slot << 11 | offset & 0xfc:#x}')
        return int(self.command(f'in{WIDTHS[width]} {0xcfc + offset % 4:#x}')[1], 16)

    def config_write(self, slot, offset, width, value):
        self.command(f'outl 0xcf8 {0x80000000 | slot << 11 | offset & 0xfc:#x}')
        self.command(f'out{WIDTHS[width]} {0xcfc + offset % 4:#x} {value:#x}')
