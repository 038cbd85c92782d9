# SPDX-License-Identifier: MIT
"""The native stack: what a Linux OpenGL program needs in its environment to run on this project's driver, in its own
process (icd/native). No Wine, no installation."""
import os
import subprocess

from . import processes

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.environ.get('VGPU_BUILD', f'{ROOT}/build')
# What the program might have set for its own GL would go to ours; the host's side has VGPU_HOST_*.
SOFTWARE = {'VGPU_HOST_LIBGL_ALWAYS_SOFTWARE': '1', 'VGPU_HOST_LP_NUM_THREADS': '0'}


def _existing(path):
    if not os.path.exists(path):
        raise processes.RunError(f'{os.path.relpath(path)} is missing: run `make build`')
    return path


def _joined(first, variable, separator=':'):
    return separator.join(filter(None, [*first, os.environ.get(variable)]))


def _sanitizer():
    path = subprocess.run(['gcc', '-print-file-name=libasan.so'], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    if not os.path.isabs(path):
        raise processes.RunError('gcc has no libasan')
    return os.path.realpath(path)


def environment(sanitize=False, gpu=False, seed=1):
    """For every device. sanitize: the winsys and all below it are checked by AddressSanitizer. gpu: the host's side
    renders with whatever its EGL finds, not in software."""
    mesa = _existing(f'{BUILD}/mesa-native/' + ('out-asan' if sanitize else 'out'))
    build = f'{BUILD}/' + ('native' if sanitize else 'bench')
    library = _existing(f'{build}/icd/native/libvgpu-native.so')
    values = dict(os.environ)
    values.update(
        LD_LIBRARY_PATH=_joined([mesa, os.path.dirname(library)], 'LD_LIBRARY_PATH'),
        __GLX_VENDOR_LIBRARY_NAME='vgpu', __EGL_VENDOR_LIBRARY_FILENAMES=f'{mesa}/vgpu.json',
        LIBGL_ALWAYS_SOFTWARE='1',  # Mesa's name for: pictures go to the window through memory
        VGPU_SIM_SEED=str(seed))
    for name in ('VGPU_SIM_BUS', 'VGPU_SIM_RAM', 'VGPU_SIM_MVISOR', 'GALLIUM_DRIVER'):
        values.pop(name, None)
    if not gpu:
        values.update(SOFTWARE)
    if sanitize:
        values['LD_PRELOAD'] = _joined([_sanitizer()], 'LD_PRELOAD')
        # What the program and its libraries leak is not ours to judge.
        values['ASAN_OPTIONS'] = _joined(['detect_leaks=0', 'abort_on_error=0', 'exitcode=99'], 'ASAN_OPTIONS')
        values['UBSAN_OPTIONS'] = _joined(['halt_on_error=1', 'print_stacktrace=1', 'exitcode=99'], 'UBSAN_OPTIONS')
    return values


def on_mvisor(values, options=()):
    """The model of Mvisor's device, in the program's process, with options like 'staging=1'."""
    sanitize = '/out-asan' in values['__EGL_VENDOR_LIBRARY_FILENAMES']
    module = _existing(f'{BUILD}/' + ('native' if sanitize else 'bench') + '/sim/devices/vgpu-mvisor.so')
    values.update(VGPU_SIM_MVISOR=','.join(options), VGPU_SIM_MODULE=module)
    return values


def on_qemu(values, ram, bus):
    """QEMU's device: device.start_qemu."""
    values.update(VGPU_SIM_BUS=bus, VGPU_SIM_RAM=ram)
    return values
