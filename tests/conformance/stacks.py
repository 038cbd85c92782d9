# SPDX-License-Identifier: MIT
"""The three ways to OpenGL that are compared, as environment and command prefix of a test program."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, ROOT)

from sim.run import native, processes  # noqa: E402

SOFTWARE = {'LIBGL_ALWAYS_SOFTWARE': '1', 'LP_NUM_THREADS': '0'}
VTEST = '/tmp/.virgl_test'  # where Mesa's vtest winsys looks for its server
NAMES = ('native', 'ours', 'peer')


class Stack:
    """A way to OpenGL: values, environment of a program; prefix, what comes before its command; trusted, results of tests that
    shared a process which stay."""

    trusted = ('pass', 'skip')

    def __init__(self, name, folder):
        self.name = name
        self.prefix = []
        self.server = None
        self.folder = None
        self.values = dict(os.environ)
        if name == 'ours':
            self.values = native.on_mvisor(native.environment(), ['blob=on'])
        elif name == 'native':
            self.values.update(SOFTWARE, GALLIUM_DRIVER='llvmpipe')
        else:
            self._start_vtest()
        self.values.update(PIGLIT_SOURCE_DIR=folder, PIGLIT_PLATFORM='mixed_glx_egl', MESA_SHADER_CACHE_DISABLE='true',
                           VGPU_HOST_MESA_SHADER_CACHE_DISABLE='true')

    def _start_vtest(self):
        """A server of our own, whose socket only our programs see in the place where Mesa looks."""
        self.folder = tempfile.mkdtemp(prefix='vgpu-vtest-')
        socket = f'{self.folder}/socket'
        self.server = processes.start(
            ['virgl_test_server', '--use-egl-surfaceless', f'--socket-path={socket}'],
            env={**os.environ, **SOFTWARE, 'GALLIUM_DRIVER': 'llvmpipe', 'MESA_SHADER_CACHE_DISABLE': 'true'},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while not os.path.exists(socket):
            if self.server.poll() is not None or time.monotonic() > end:
                raise processes.RunError('virgl_test_server does not start')
            time.sleep(0.05)
        if not os.path.exists(VTEST):
            with open(VTEST, 'ab'):
                pass
        self.values.update(LIBGL_ALWAYS_SOFTWARE='1', GALLIUM_DRIVER='virpipe')
        self.prefix = ['unshare', '-m', 'sh', '-c', f'mount --bind {socket} {VTEST} && exec "$@"', 'sh']

    def stop(self):
        if self.server:
            processes.stop(self.server)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
