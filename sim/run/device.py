# SPDX-License-Identifier: MIT
"""The device's process: memory and PCI are driven from outside, over the qtest protocol. QEMU's virtio-gpu with a halted
CPU, or the model of Mvisor's device."""
import os
import re
import secrets
import socket
import subprocess
import time

from . import processes

RAM_FOLDER = '/dev/shm'
PREFIX = 'vgpu-run-'
RAM_BYTES = 512 << 20
MVISOR_GRANT = 1 << 30  # bytes of RAM that Mvisor's device grants where no option says how many
FIRMWARE_BYTES = 64 << 10
RESET_VECTOR = 0xfff0
HALT = bytes.fromhex('fa f4 eb fd')  # cli; hlt; jmp to the hlt
START_SECONDS = 30
MVISOR_PANIC = 70  # the model's exit status when the driver broke a rule


def granted(options):
    """What Mvisor's device grants with these options: bytes of RAM that the machine has beside what it needs itself."""
    for option in reversed(options):
        amount = re.fullmatch(r'memory=(\d+)G', option)
        if amount:
            return int(amount[1]) << 30
    return MVISOR_GRANT


def make_ram(more=0):
    """A file of zeroes for guest RAM, with more bytes than usual; its path. The name tells whose it is."""
    processes.remove_leftovers(RAM_FOLDER, PREFIX)
    path = f'{RAM_FOLDER}/{PREFIX}{os.getpid()}-{secrets.token_hex(4)}'
    file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    os.ftruncate(file, RAM_BYTES + more)
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
        '-qtest-log', f'{run_dir}/qtest.log' if trace else 'none',
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


def _start(name, command, run_dir, bus, environment):
    """Starts a device process; it, once it answers. Its output is in NAME.log and its number in NAME.pid."""
    log_path = f'{run_dir}/{name}.log'
    environment = dict(os.environ, LIBGL_ALWAYS_SOFTWARE='1', LP_NUM_THREADS='0', **environment)
    with open(log_path, 'wb') as log:
        process = processes.start(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        with open(f'{run_dir}/{name}.pid', 'w') as file:
            file.write(f'{process.pid}\n')
        end = time.monotonic() + START_SECONDS
        while not _answers(bus):
            if process.poll() is not None or time.monotonic() > end:
                with open(log_path, errors='replace') as log:
                    raise processes.RunError('the device does not start:\n' + log.read()[-2000:])
            time.sleep(0.02)
    except BaseException:
        processes.stop(process)
        raise
    return process


def start_qemu(run_dir, ram, trace):
    """Starts QEMU; (process, path of its qtest socket) once it answers."""
    bus = f'{run_dir}/qtest.sock'
    _write_firmware(f'{run_dir}/firmware.bin')
    return _start('qemu', _command(run_dir, ram, bus, trace), run_dir, bus, {'SDL_VIDEODRIVER': 'offscreen'}), bus


def start_mvisor(program, run_dir, ram, options):
    """Starts the model of Mvisor's device, with options like 'staging=1'; (process, path of its qtest socket)."""
    bus = f'{run_dir}/qtest.sock'
    if os.path.lexists(bus):
        os.unlink(bus)  # of a run that was killed
    command = [program, f'--ram={ram}', f'--socket={bus}'] + [f'--{option}' for option in options]
    return _start('mvisor', command, run_dir, bus, {}), bus


def panic(run_dir):
    """The line with which the model of Mvisor's device ended, or None."""
    with open(f'{run_dir}/mvisor.log', errors='replace') as log:
        return next((line.strip() for line in log if ': panic: ' in line), None)
