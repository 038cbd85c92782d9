# SPDX-License-Identifier: MIT
"""The report, for people and for programs."""
import json

MARKS = {'ok': 'ok     ', 'note': 'note   ', 'limit': 'LIMIT  ', 'problem': 'PROBLEM'}
PARTS = (('QEMU', ('qemu', 'gl-device', 'egl-headless', 'hostmem')), ('virglrenderer', ('virglrenderer',)), ('GPU', ('render', 'gpu', 'egl')),
         ('KVM', ('kvm',)), ('device', ('device', 'display', 'blob', 'host-gles', 'software')), ('OpenGL', ('version',)))


def verdict(report):
    opengl = report['opengl']
    if opengl:
        return f'Guests get OpenGL {opengl["version"]}, drawn by: {opengl["renderer"]}.'
    if any(remark['id'] == 'device-skipped' for remark in report['remarks']):
        return 'What OpenGL a guest gets was not looked at.'
    return 'Guests get NO OpenGL from this host.'


def _part(name):
    """Where a remark belongs; the longest beginning that fits decides."""
    fits = [(len(beginning), part) for part, beginnings in PARTS for beginning in beginnings if name.startswith(beginning)]
    return max(fits)[1]


def text(report):
    lines = []
    for part, _ in PARTS:
        remarks = [remark for remark in report['remarks'] if _part(remark['id']) == part]
        if remarks:
            lines.append(f'{part}')
        for remark in remarks:
            lines.append(f'  {MARKS[remark["level"]]} {remark["text"]}')
            if remark['hint']:
                lines.append(f'          -> {remark["hint"]}')
    return '\n'.join([*lines, '', verdict(report)])


def as_json(report):
    return json.dumps({**report, 'verdict': verdict(report)}, indent=1, sort_keys=True)
