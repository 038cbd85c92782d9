# SPDX-License-Identifier: MIT
"""QEMU's program and what it was built with."""
import re

from .system import CommandFailed, find_program, output

PROGRAMS = ('qemu-system-x86_64', '/usr/libexec/qemu-kvm', 'kvm', 'qemu-kvm')
GL_DEVICE = 'virtio-gpu-gl-pci'
FIRST_WITH_GL = (6, 1)
HOST_MEMORY = ('blob', 'hostmem')  # the device's options for memory that is mapped into the guest


def first_line(text):
    return next((line.strip() for line in text.splitlines() if line.strip()), 'no output')


def _version(program):
    """'7.2.22' of a QEMU that runs."""
    status, text, errors = output([program, '--version'])
    found = re.search(r'version (\d+(?:\.\d+)+)', text)
    if status or not found:
        raise CommandFailed(first_line(errors or text))
    return found[1]


def _devices(program):
    """(the virtio-gpu devices with 3D, what it complained of)"""
    _, text, errors = output([program, '-machine', 'none', '-device', 'help'])
    names = re.findall(r'^name "(virtio-(?:gpu|vga)-(?:gl|rutabaga)[\w-]*)"', text, re.MULTILINE)
    return names, errors


def _properties(program):
    _, text, _ = output([program, '-machine', 'none', '-device', f'{GL_DEVICE},help'])
    return re.findall(r'^\s+([\w-]+)=<', text, re.MULTILINE)


def _displays(program):
    _, text, _ = output([program, '-machine', 'none', '-display', 'help'])
    return [line.strip() for line in text.splitlines()[1:] if re.fullmatch(r'[\w-]+', line.strip())]


def look(remarks, wanted=None):
    """What is known of QEMU as a dictionary, or None where there is none that runs."""
    names = (wanted,) if wanted else PROGRAMS
    program = find_program(names)
    if not program:
        remarks.add('qemu-missing', looked=', '.join(names))
        return None
    try:
        version = _version(program)
        devices, errors = _devices(program)
        displays = _displays(program)
        properties = _properties(program) if GL_DEVICE in devices else []
    except CommandFailed as reason:
        remarks.add('qemu-broken', program=program, why=reason)
        return None
    remarks.add('qemu-ok', version=version, program=program)
    if GL_DEVICE in devices:
        remarks.add('gl-device-ok', devices=', '.join(devices))
        if not set(HOST_MEMORY) <= set(properties):
            remarks.add('hostmem-missing')
    elif 'same build' in errors:
        remarks.add('qemu-modules-mixed', program=program, why=first_line(errors))
    elif tuple(map(int, version.split('.')[:2])) < FIRST_WITH_GL:
        remarks.add('qemu-old', version=version)
    else:
        remarks.add('gl-device-missing')
    if 'egl-headless' not in displays:
        remarks.add('egl-headless-missing')
    return {'program': program, 'version': version, 'devices': devices, 'properties': properties, 'displays': displays}
