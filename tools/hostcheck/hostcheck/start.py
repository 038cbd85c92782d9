# SPDX-License-Identifier: MIT
"""Starts the device the best way that this host can, and says what a guest gets of it."""
from .device import CAPSETS, Device, Nonsense
from .gpu import is_software
from .opengl import SIZE_V2_MIN, Capabilities, limits, version
from .qemu import GL_DEVICE, HOST_MEMORY
from .qtest import ANSWER_SECONDS, Refused, Session, Silent

BLOB_OPTIONS = 'blob=on,hostmem=256M'
HEADLESS, OFFSCREEN = 'egl-headless', 'sdl,gl=on'
HINTS = (
    ('render', 'Give the user of QEMU a GPU: see the render nodes above.'),
    ('ermission denied', 'See the permissions above.'),
    ('opengl is not available', 'Use a display with OpenGL: -display egl-headless, or one with gl=on.'),
    ('OpenGL', 'Use a display with OpenGL: -display egl-headless, or one with gl=on.'),
)


def _reason(text):
    """QEMU's own words without its name in front."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-1] if lines else 'it ended without a word'
    return last.split(': ', 1)[1] if last.startswith('qemu') and ': ' in last else last


def _hint(why):
    return next((hint for word, hint in HINTS if word in why), "The words are QEMU's own; --json has all of them.")


def _displays(qemu, wanted, node):
    if wanted:
        return [wanted]
    headless = f'{HEADLESS},rendernode={node}' if node else HEADLESS
    return [name for name in (headless, OFFSCREEN) if name.split(',')[0] in qemu['displays']] or [headless]


def _ask(program, options, display, user):
    with Session(program, options, display, user) as session:
        device = Device(session)
        return {'options': options, 'display': display, 'features': device.feature_names(), 'host_visible_bytes': device.host_visible,
                'capsets': device.capsets() if 'VIRGL' in device.feature_names() else {}}


def _try(remarks, qemu, display, user):
    """What the device said with this display, with host memory for the guest if QEMU can."""
    if set(HOST_MEMORY) <= set(qemu['properties']):
        try:
            return _ask(qemu['program'], f'{GL_DEVICE},{BLOB_OPTIONS}', display, user)
        except (Refused, Silent) as refusal:
            found = _ask(qemu['program'], GL_DEVICE, display, user)
            remarks.add('blob-refused', why=_reason(str(refusal)))
            return found
    return _ask(qemu['program'], GL_DEVICE, display, user)


def _started(remarks, qemu, display, node, user):
    """What the device said, or None. A display that does not work gives way to the next."""
    names = _displays(qemu, display, node)
    failure = None
    for name in names:
        try:
            found = _try(remarks, qemu, name, user)
        except Refused as refusal:
            why = _reason(str(refusal))
            failure = failure or ('device-refused', {'display': name, 'why': why, 'hint': _hint(why)})
        except Silent as silence:
            failure = failure or ('device-timeout', {'display': name, 'seconds': ANSWER_SECONDS, 'output': _reason(str(silence))})
        except Nonsense as nonsense:
            failure = failure or ('device-confused', {'why': nonsense})
        else:
            if failure:
                remarks.add('display-fallback', display=name, why=failure[1]['why'] if 'why' in failure[1] else failure[1]['output'])
            return found
    remarks.add(failure[0], **failure[1])
    return None


def judge(remarks, found):
    """Adds what a guest makes of the device's answers: {'version', 'renderer', 'limits'}, or None where there is no OpenGL."""
    if 'VIRGL' not in found['features']:
        remarks.add('device-no-virgl')
        return None
    data = found['capsets'].get(2) or found['capsets'].get(1) or b''
    if len(data) < 308:
        remarks.add('device-no-capset', capsets=', '.join(CAPSETS.get(number, str(number)) for number in found['capsets']) or 'none')
        return None
    remarks.add('device-ok', options=found['options'], display=found['display'])
    caps = Capabilities(data, 'RESOURCE_BLOB' in found['features'], found['host_visible_bytes'])
    renderer = caps.renderer() if len(data) > SIZE_V2_MIN else 'unknown'
    if caps.cap('gles'):
        remarks.add('host-gles')
    if is_software(renderer):
        remarks.add('software-renderer', renderer=renderer)
    missing = limits(caps)
    for limit in missing:
        remarks.add('version-limit', version=limit['version'], needs='lacking ' + ', '.join(limit['needs']), hint=limit['hint'])
    return {'version': version(caps), 'renderer': renderer, 'limits': missing}


def start(remarks, qemu, display=None, node=None, user=None):
    """(what the device said, what a guest gets), each None where there is nothing."""
    found = _started(remarks, qemu, display, node, user)
    return found, judge(remarks, found) if found else None
