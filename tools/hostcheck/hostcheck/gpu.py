# SPDX-License-Identifier: MIT
"""Render nodes, EGL without a screen, and KVM."""
import fcntl
import inspect
import json
import os
import sys

from . import egl
from .system import CommandFailed, as_user, output

KVM = '/dev/kvm'
KVM_GET_API_VERSION = 0xae00
KVM_API_VERSION = 12
SOFTWARE = ('llvmpipe', 'softpipe', 'swrast', 'software')
EGL_SECONDS = 20


def is_software(renderer):
    return any(word in renderer.lower() for word in SOFTWARE)


def look_nodes(remarks, system):
    """[{'node', 'driver', 'usable'}]"""
    nodes = []
    for node in system.find('/dev/dri/renderD*'):
        driver = system.link(f'/sys/class/drm/{os.path.basename(node)}/device/driver') or 'unknown driver'
        usable = system.may_use(node)
        if usable:
            remarks.add('render-node-ok', node=node, driver=driver, user=system.user)
        else:
            mode, group = system.owner(node)
            remarks.add('render-node-denied', node=node, user=system.user, mode=mode, group=group)
        if driver == 'nvidia':
            remarks.add('gpu-nvidia', node=node)
        nodes.append({'node': node, 'driver': driver, 'usable': usable})
    if not nodes:
        remarks.add('render-node-missing', folder='/dev/dri')
    return nodes


def look_egl(remarks, user=None):
    """{'renderer', 'version'} or None. Asked in a process of its own, for drivers may crash."""
    try:
        status, text, errors = output([sys.executable, '-c', inspect.getsource(egl)], EGL_SECONDS, **as_user(user))
        answer = json.loads(text) if status == 0 else {'broken': f'the driver ended with status {status}: {errors.strip()[-200:]}'}
    except CommandFailed as reason:
        answer = {'broken': str(reason)}
    if 'missing' in answer:
        remarks.add('egl-missing', why=answer['missing'])
        return None
    if 'broken' in answer:
        remarks.add('egl-broken', why=answer['broken'])
        return None
    remarks.add('egl-software' if is_software(answer['renderer']) else 'egl-ok', **answer)
    return answer


def look_kvm(remarks, system):
    """True when the user may make virtual machines."""
    if not system.exists(KVM):
        remarks.add('kvm-missing', path=KVM)
        return False
    if not system.may_use(KVM):
        mode, group = system.owner(KVM)
        remarks.add('kvm-denied', path=KVM, user=system.user, mode=mode, group=group)
        return False
    try:
        device = os.open(system.path(KVM), os.O_RDWR | os.O_CLOEXEC)
        try:
            version = fcntl.ioctl(device, KVM_GET_API_VERSION)
        finally:
            os.close(device)
    except PermissionError:
        pass  # another user's; the mode says that user may
    except OSError as reason:
        remarks.add('kvm-broken', path=KVM, why=reason.strerror)
        return False
    else:
        if version != KVM_API_VERSION:
            remarks.add('kvm-broken', path=KVM, why=f'API version {version}')
            return False
    remarks.add('kvm-ok', user=system.user)
    return True
