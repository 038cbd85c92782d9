# SPDX-License-Identifier: MIT
"""What EGL gives without a screen (EGL_MESA_platform_surfaceless): run as a process of its own, prints one JSON object."""
import ctypes
import json

PLATFORM_SURFACELESS = 0x31dd
OPENGL_API = 0x30a2
NONE = 0x3038
RENDERABLE_TYPE, OPENGL_BIT = 0x3040, 8
SURFACE_TYPE = 0x3033
GL_RENDERER, GL_VERSION = 0x1f01, 0x1f02


class NoContext(Exception):
    pass


def _function(egl, name, result, *arguments):
    function = getattr(egl, name)
    function.restype, function.argtypes = result, arguments
    return function


def _context(egl):
    pointer = ctypes.c_void_p
    numbers = ctypes.POINTER(ctypes.c_int32)
    display = _function(egl, 'eglGetPlatformDisplay', pointer, ctypes.c_uint32, pointer, pointer)(PLATFORM_SURFACELESS, None, None)
    if not display:
        raise NoContext('no display without a screen (EGL_MESA_platform_surfaceless)')
    if not _function(egl, 'eglInitialize', ctypes.c_uint32, pointer, numbers, numbers)(display, None, None):
        raise NoContext('the display cannot be initialised')
    if not _function(egl, 'eglBindAPI', ctypes.c_uint32, ctypes.c_uint32)(OPENGL_API):
        raise NoContext('there is no desktop OpenGL')
    wanted = (ctypes.c_int32 * 5)(RENDERABLE_TYPE, OPENGL_BIT, SURFACE_TYPE, 0, NONE)
    config, count = pointer(), ctypes.c_int32()
    choose = _function(egl, 'eglChooseConfig', ctypes.c_uint32, pointer, numbers, ctypes.POINTER(pointer), ctypes.c_int32, numbers)
    if not choose(display, wanted, ctypes.byref(config), 1, ctypes.byref(count)) or not count.value:
        raise NoContext('there is no configuration for OpenGL')
    create = _function(egl, 'eglCreateContext', pointer, pointer, pointer, pointer, numbers)
    context = create(display, config, None, (ctypes.c_int32 * 1)(NONE))
    current = _function(egl, 'eglMakeCurrent', ctypes.c_uint32, pointer, pointer, pointer, pointer)
    if not context or not current(display, None, None, context):
        raise NoContext('no context can be made')


def probe():
    try:
        egl = ctypes.CDLL('libEGL.so.1')
    except OSError as reason:
        return {'missing': str(reason)}
    try:
        _context(egl)
        address = _function(egl, 'eglGetProcAddress', ctypes.c_void_p, ctypes.c_char_p)(b'glGetString')
    except (NoContext, AttributeError) as reason:
        return {'broken': str(reason)}
    get_string = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_uint32)(address)
    renderer, version = (get_string(name) or b'unknown' for name in (GL_RENDERER, GL_VERSION))
    return {'renderer': renderer.decode(errors='replace'), 'version': version.decode(errors='replace').split(' ')[0]}


if __name__ == '__main__':
    print(json.dumps(probe()))
