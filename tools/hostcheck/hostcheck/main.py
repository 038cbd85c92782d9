# SPDX-License-Identifier: MIT
"""vgpu-hostcheck's command line."""
import argparse
import sys

from . import gpu, qemu, renderer, show, start
from .messages import Remarks
from .system import System

EXIT_GOOD, EXIT_LIMITED, EXIT_NONE, EXIT_USAGE = 0, 1, 2, 5
FORMAT = 1
EPILOGUE = '''exit status:
  0  guests get OpenGL from a GPU, and nothing is in the way
  1  guests get OpenGL, but something limits it (LIMIT)
  2  guests get no OpenGL (PROBLEM)
  5  bad arguments
With --no-start, 0 and 1 say that nothing forbids OpenGL.

Run it as the user who runs QEMU, or as root with --user=NAME; for libvirt on Debian that is libvirt-qemu.
docs/host.md says how the device is given to a guest.'''


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f'{self.prog}: {message}\n')


def arguments():
    parser = Parser(prog='vgpu-hostcheck', formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, epilog=EPILOGUE,
                    description='Says what OpenGL a Windows guest with vgpu gets from this Linux host, and why not more. Looks at QEMU, '
                                'virglrenderer, GPU and KVM, and starts the device for a moment, without a guest.')
    parser.add_argument('--json', action='store_true', help='the report as JSON')
    parser.add_argument('--qemu', metavar='PROGRAM', help='this QEMU instead of the first that is found')
    parser.add_argument('--user', metavar='NAME', help='the user who runs QEMU, if that is somebody else; needs root')
    parser.add_argument('--display', metavar='DISPLAY', help="this -display of QEMU's (default: egl-headless, else sdl,gl=on)")
    parser.add_argument('--render-node', metavar='NODE', help='this GPU, as /dev/dri/renderD129')
    parser.add_argument('--no-start', action='store_true', help='do not start the device')
    parser.add_argument('--root', metavar='FOLDER', default='/', help='look for libraries and devices there instead of /')
    return parser


def report(options, system):
    remarks = Remarks()
    found = {'format': FORMAT, 'user': system.user, 'device': None, 'opengl': None}
    found['qemu'] = qemu.look(remarks, options.qemu)
    found['virglrenderer'] = renderer.look(remarks, system)
    found['render_nodes'] = gpu.look_nodes(remarks, system)
    found['egl'] = gpu.look_egl(remarks, options.user)
    found['kvm'] = gpu.look_kvm(remarks, system)
    if options.no_start:
        remarks.add('device-skipped')
    elif found['qemu'] and qemu.GL_DEVICE in found['qemu']['devices']:
        device, found['opengl'] = start.start(remarks, found['qemu'], options.display, options.render_node, options.user)
        if device:
            device['capsets'] = {str(number): data.hex() for number, data in device['capsets'].items()}
            found['device'] = device
    found['remarks'] = remarks.list
    return found, remarks.worst()


def status(found, worst):
    if worst == 'problem' and not found['opengl']:
        return EXIT_NONE
    return EXIT_GOOD if worst in ('ok', 'note') else EXIT_LIMITED


def main():
    parser = arguments()
    options = parser.parse_args()
    try:
        system = System(options.root, options.user)
    except KeyError:
        parser.error(f'there is no user {options.user}')
    found, worst = report(options, system)
    print(show.as_json(found) if options.json else show.text(found))
    return status(found, worst)
