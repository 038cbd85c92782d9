# SPDX-License-Identifier: MIT
"""vgpu-hostcheck's word on OpenGL against what a program really gets on the same device."""

import json
import os
import subprocess
import unittest

import harness

HOSTCHECK = f'{harness.ROOT}/build/native/tools/vgpu-hostcheck'
INFO = f'{harness.ROOT}/build/win64/tools/vgpu-info.exe'
QEMU_WITHOUT_HOST_MEMORY = """#!/bin/sh
case "$*" in *virtio-gpu-gl-pci,help) exit 0 ;; esac
exec qemu-system-x86_64 "$@"
"""


class Hostcheck(unittest.TestCase):
    def test_a_program_gets_what_was_foretold(self):
        environment = dict(os.environ, LIBGL_ALWAYS_SOFTWARE='1', LP_NUM_THREADS='0')
        with harness.tempfile.TemporaryDirectory() as folder:
            qemu = f'{folder}/qemu'
            with open(qemu, 'w', encoding='ascii') as file:
                file.write(QEMU_WITHOUT_HOST_MEMORY)  # vgpu-run gives the device none
            os.chmod(qemu, 0o755)
            done = subprocess.run([HOSTCHECK, '--json', f'--qemu={qemu}', '--display=sdl,gl=on'], stdout=subprocess.PIPE, env=environment,
                                  timeout=120, check=False)
        foretold = json.loads(done.stdout)['opengl']['version']
        _, output, broken = harness.run(INFO, '--json', limit=60)
        self.assertEqual(broken, [], output)
        opengl = json.loads(output[output.index('{'):output.rindex('}') + 1])['opengl']
        self.assertEqual(opengl['core']['version'].split()[0], foretold)
