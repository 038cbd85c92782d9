# SPDX-License-Identifier: MIT
"""QEMU's virtio-gpu device with a halted CPU: memory and PCI are driven from outside, over the qtest protocol."""
import os
import secrets
import socket
import subprocess
import time

from . import processes

RAM_FOLDER = '/dev/shm'
PREFIX = 'vgpu-run-'
RAM_BYTES = 512 << 20
FIRMWARE_BYTES = 64 << 10
RESET_VECTOR = 0xfff0
HALT = bytes.fromhex('fa f4 eb fd')  # cli; hlt; jmp to the hlt
START_SECONDS = 30


def make_ram():
    """A file of zeroes for guest RAM; its path. The name tells whose it is."""
    processes.remove_leftovers(RAM_FOLDER, PREFIX)
    path = f'{RAM_FOLDER}/{PREFIX}{os.getpid()}-{secrets.token_hex(4)}'
    file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    os.ftruncate(file, RAM_BYTES)
    os.close(file)
    return path


def _write_firmware(path):
    image = bytearray(b'\xf4' * FIRMWARE_BYTES)
    image[RESET_VECTOR:RESET_VECTOR + len(HALT)] = HALT
    with open(path, 'wb') as file:
        file.write(image)


def _command(run_dir, ram, bus, trace):
    return [
        'qemu-system-x86_64', '-machine', 'q35,memory-backend=ram', '-accel', 'tcg', '-m', f'{RAM_BYTES >> 20}M',
        '-bios', f'{run_dir}/firmware.bin', '-nodefaults', '-vga', 'none', '-net', 'none',
        '-object', f'memory-backend-file,id=ram,size={RAM_BYTES >> 20}M,mem-path={ram},share=on',
        '-device', 'virtio-gpu-gl-pci', '-display', 'sdl,gl=on', '-monitor', 'none', '-serial', 'none',
        '-qtest', f'unix:{bus},server=on,wait=off',
        '-qtest-log', f'{run_dir}/qtest.log' if trace else '/dev/null',
    ]


def _answers(bus):
    """True when the device process answers a qtest command."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(START_SECONDS)
        try:
            client.connect(bus)
            client.sendall(b'inl 0xcfc\n')
            return client.recv(64).startswith(b'OK')
        except (FileNotFoundError, ConnectionRefusedError):
            return False


def start(run_dir, ram, trace):
    """Starts QEMU; (process, path of its qtest socket) once it answers."""
    bus = f'{run_dir}/qtest.sock'
    _write_firmware(f'{run_dir}/firmware.bin')
    environment = dict(os.environ, SDL_VIDEODRIVER='offscreen', LIBGL_ALWAYS_SOFTWARE='1', LP_NUM_THREADS='0')
    with open(f'{run_dir}/qemu.log', 'wb') as log:
        qemu = processes.start(_command(run_dir, ram, bus, trace), env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        with open(f'{run_dir}/qemu.pid', 'w') as file:
            file.write(f'{qemu.pid}\n')
        end = time.monotonic() + START_SECONDS
        while not _answers(bus):
            if qemu.poll() is not None or time.monotonic() > end:
                with open(f'{run_dir}/qemu.log', errors='replace') as log:
                    raise processes.RunError('QEMU does not start:\n' + log.read()[-2000:])
            time.sleep(0.02)
    except BaseException:
        processes.stop(qemu)
        raise
    return qemu, bus
