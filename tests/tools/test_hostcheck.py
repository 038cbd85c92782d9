#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""vgpu-hostcheck, the built program (the first argument): on this machine, and in environments that lack something. Every
message that it has must have been seen at the end."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, f'{ROOT}/tools/hostcheck')
from hostcheck import device, gpu, main, messages, opengl, qtest, start, system  # noqa: E402

PROGRAM = None
QEMU = shutil.which('qemu-system-x86_64')
GOOD, LIMITED, NONE, USAGE = 0, 1, 2, 5
NOBODY = 'nobody'
SECONDS = 120
PLAIN = 'virtio-gpu-gl-pci'
SEEN = set()
DEVICES = f'name "{PLAIN}", bus PCI'
DISPLAYS = 'Available display backend types:\nnone\nsdl\negl-headless'
FAKE_EGL = '''
void *eglGetPlatformDisplay(unsigned p, void *d, void *a) { (void)p; (void)d; (void)a; return %(display)s; }
unsigned eglInitialize(void *d, int *a, int *b) { (void)d; (void)a; (void)b; return %(initialize)s; }
unsigned eglBindAPI(unsigned a) { (void)a; return 1; }
unsigned eglChooseConfig(void *d, int *w, void **c, int n, int *g) { (void)d; (void)w; (void)c; (void)n; *g = 1; return 1; }
void *eglCreateContext(void *d, void *c, void *s, int *a) { (void)d; (void)c; (void)s; (void)a; return (void *)1; }
unsigned eglMakeCurrent(void *d, void *a, void *b, void *c) { (void)d; (void)a; (void)b; (void)c; return 1; }
static const char *text(unsigned n) { return n == 0x1f01 ? "A real GPU" : "4.6 (Core) something"; }
void *eglGetProcAddress(const char *n) { (void)n; return (void *)text; }
'''


def setUpModule():
    os.environ.update(LIBGL_ALWAYS_SOFTWARE='1', LP_NUM_THREADS='0')


def tearDownModule():
    missing = sorted(set(messages.MESSAGES) - SEEN)
    if missing and not os.environ.get('TEST_SOME'):
        raise AssertionError(f'no test met these messages: {missing}')


class Host:
    """A folder that stands for /, and one with programs."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='hostcheck-test-')
        self.root, self.bin = f'{self.folder}/root', f'{self.folder}/bin'
        for folder in (self.bin, f'{self.root}/dev/dri', f'{self.root}/usr/lib64'):
            os.makedirs(folder)
        os.chmod(self.folder, 0o755)
        self.library = f'{self.root}/usr/lib64/libvirglrenderer.so.1'
        self.touch(self.library)
        self.package('1.1.0-2')

    @staticmethod
    def touch(path, mode=0o666):
        with open(path, 'wb'):
            os.chmod(path, mode)

    def script(self, name, text):
        path = f'{self.bin}/{name}'
        with open(path, 'w', encoding='ascii') as file:
            file.write(f'#!/bin/sh\n{text}\n')
        os.chmod(path, 0o755)
        return path

    def package(self, version):
        self.script('dpkg-query', f'echo "installed {version}"' if version else 'exit 1')

    def qemu(self, version='9.2.0', devices=DEVICES, displays=DISPLAYS, properties='', complaint='', started='exit 1'):
        """A QEMU that answers questions so, and does `started` when it is to start a device."""
        properties = ''.join(f'  {name}=<size>\n' for name in properties.split())
        return self.script('qemu-system-x86_64', f'''
case "$*" in
*--version*) echo 'QEMU emulator version {version} (fake)' ;;
*"-device help") echo '{devices}'; echo '{complaint}' >&2 ;;
*",help") printf '%s' '{properties}' ;;
*"-display help") echo '{displays}' ;;
*) {started} ;;
esac''')

    def real(self, replace):
        """Goes on as the real QEMU, with its arguments changed by a sed command."""
        return f'''arguments=$(printf '%s\\n' "$@" | /bin/sed '{replace}'); IFS='
'; exec {QEMU} $arguments'''

    def egl(self, display='(void *)1', initialize='1'):
        source = f'{self.folder}/egl.c'
        with open(source, 'w', encoding='ascii') as file:
            file.write(FAKE_EGL % {'display': display, 'initialize': initialize})
        subprocess.run(['gcc', '-shared', '-fPIC', '-o', f'{self.folder}/libEGL.so.1', source], check=True)
        return self.folder

    def node(self, driver='amdgpu', mode=0o666):
        self.touch(f'{self.root}/dev/dri/renderD128', mode)
        folder = f'{self.root}/sys/class/drm/renderD128/device'
        os.makedirs(folder, exist_ok=True)
        os.symlink(f'../../drivers/{driver}', f'{folder}/driver')


class Test(unittest.TestCase):
    def setUp(self):
        self.host = Host()
        self.addCleanup(shutil.rmtree, self.host.folder)

    def check(self, *arguments, expected, real=False, libraries=None, text=False):
        """Runs vgpu-hostcheck; its report. Not `real`: in the folders of self.host alone."""
        environment = dict(os.environ)
        if not real:
            environment['PATH'] = self.host.bin
            arguments = (f'--root={self.host.root}', *arguments)
        if libraries:
            environment['LD_LIBRARY_PATH'] = libraries
        done = subprocess.run([sys.executable, PROGRAM, *arguments, *([] if text else ['--json'])], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=environment, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        self.assertEqual(done.stderr, '')
        if text:
            return done.stdout
        report = json.loads(done.stdout)
        self.ids = [remark['id'] for remark in report['remarks']]
        SEEN.update(self.ids)
        return report

    def remark(self, report, name):
        self.assertIn(name, self.ids)
        return next(remark for remark in report['remarks'] if remark['id'] == name)


class HereAndNow(Test):
    """This machine's own QEMU."""

    def test_a_guest_gets_opengl(self):
        report = self.check('--display=sdl,gl=on', expected=LIMITED, real=True)  # LIMITED: llvmpipe draws
        self.assertGreaterEqual(report['opengl']['version'], '4.3')
        self.assertIn('llvmpipe', report['opengl']['renderer'].lower())
        self.assertLessEqual({'VIRGL', 'VERSION_1'}, set(report['device']['features']))
        self.assertGreater(len(report['device']['capsets']['2']), 2 * opengl.SIZE_V2_MIN)
        self.assertLessEqual({'device-ok', 'software-renderer', 'qemu-ok', 'gl-device-ok', 'version-limit', 'egl-software'}, set(self.ids))
        self.assertIn(f'Guests get OpenGL {report["opengl"]["version"]}', report['verdict'])

    def test_nothing_is_left(self):
        before = set(os.listdir(tempfile.gettempdir()))
        self.check('--display=sdl,gl=on', expected=LIMITED, real=True)
        left = [name for name in set(os.listdir(tempfile.gettempdir())) - before if name.startswith('vgpu-hostcheck')]
        self.assertEqual(left, [])

    def test_text_says_the_same(self):
        text = self.check('--display=sdl,gl=on', expected=LIMITED, real=True, text=True)
        for words in ('QEMU\n  ok ', 'LIMIT   ', '-> ', '\nGuests get OpenGL 4.'):
            self.assertIn(words, text)
        for word in ('{', '}'):
            self.assertNotIn(word, text)

    @unittest.skipUnless(os.geteuid() == 0, 'needs root')
    def test_as_another_user(self):
        report = self.check('--display=sdl,gl=on', f'--user={NOBODY}', expected=LIMITED, real=True)
        self.assertEqual(report['user'], NOBODY)
        self.assertTrue(report['opengl'])

    def test_without_start(self):
        report = self.check('--no-start', expected=LIMITED, real=True)
        self.remark(report, 'device-skipped')
        self.assertIsNone(report['device'])

    def test_usage(self):
        for arguments, words in ((['--nonsense'], 'unrecognized'), (['--user=no-such-user-here'], 'no user')):
            done = subprocess.run([sys.executable, PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(done.returncode, USAGE)
            self.assertIn(words, done.stderr)
        shown = subprocess.run([sys.executable, PROGRAM, '--help'], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertIn('exit status:', shown)


class Qemu(Test):
    def test_missing(self):
        report = self.check(expected=NONE)
        self.remark(report, 'qemu-missing')
        self.assertIn('NO OpenGL', report['verdict'])

    def test_broken(self):
        self.host.script('qemu-system-x86_64', 'echo "libfoo.so: cannot open" >&2; exit 127')
        self.assertIn('libfoo.so', self.remark(self.check(expected=NONE), 'qemu-broken')['text'])

    def test_old(self):
        self.host.qemu(version='5.2.0', devices='name "virtio-gpu-pci", bus PCI')
        self.remark(self.check(expected=NONE), 'qemu-old')

    def test_no_gl_device(self):
        self.host.qemu(devices='name "virtio-gpu-pci", bus PCI', displays='Available display backend types:\nnone')
        report = self.check(expected=NONE)
        self.remark(report, 'gl-device-missing')
        self.remark(report, 'egl-headless-missing')

    def test_host_memory(self):
        for properties, expected in (('', True), ('blob', True), ('blob hostmem', False)):
            self.host.qemu(properties=properties)
            self.check('--no-start', expected=LIMITED)
            self.assertEqual('hostmem-missing' in self.ids, expected)

    def test_modules_of_another_build(self):
        self.host.qemu(devices='', complaint='Only modules from the same build can be loaded.')
        self.remark(self.check(expected=NONE), 'qemu-modules-mixed')

    def test_refuses(self):
        self.host.qemu(started='echo "qemu-system-x86_64: -device x: opengl is not available" >&2; exit 1')
        remark = self.remark(self.check(expected=NONE), 'device-refused')
        self.assertTrue(remark['text'].endswith('opengl is not available'), remark)
        self.assertIn('egl-headless', remark['hint'])

    def test_the_display_gives_way(self):
        self.host.qemu(started='case "$*" in *egl-headless*) echo "egl: render node init failed" >&2; exit 1 ;; esac; ' + self.host.real(''))
        report = self.check(expected=LIMITED)
        self.assertIn('render node init failed', self.remark(report, 'display-fallback')['text'])
        self.assertTrue(report['opengl'])

    def test_host_memory_is_refused(self):
        self.host.qemu(properties='blob hostmem', started=self.host.real('s/,blob=on/,no-such-option=on/'))
        report = self.check('--display=sdl,gl=on', expected=LIMITED)
        self.remark(report, 'blob-refused')
        self.assertEqual(report['device']['options'], PLAIN)

    def test_without_3d(self):
        self.host.qemu(started=self.host.real('s/virtio-gpu-gl-pci/virtio-gpu-pci/'))
        self.remark(self.check('--display=none', expected=NONE), 'device-no-virgl')

    def test_another_device(self):
        self.host.qemu(started=self.host.real('s/virtio-gpu-gl-pci/virtio-rng-pci/'))
        self.assertIn('PCI device', self.remark(self.check('--display=none', expected=NONE), 'device-confused')['text'])


class Renderer(Test):
    def test_versions(self):
        self.host.qemu()
        for version, expected in (('0.10.4-1', 'virglrenderer-old'), ('1.1.0', 'virglrenderer-ok'), ('', 'virglrenderer-unknown')):
            self.host.package(version)
            self.remark(self.check('--no-start', expected=LIMITED), expected)

    def test_missing(self):
        self.host.qemu()
        os.unlink(self.host.library)
        self.remark(self.check('--no-start', expected=NONE), 'virglrenderer-missing')


class Gpu(Test):
    def setUp(self):
        super().setUp()
        self.host.qemu()

    def test_no_node(self):
        report = self.check('--no-start', expected=LIMITED)
        self.remark(report, 'render-node-missing')
        self.assertEqual(report['render_nodes'], [])

    def test_good(self):
        """All is well but that the device is not started."""
        self.host.node()
        self.host.touch(f'{self.host.root}/dev/kvm')
        report = self.check('--no-start', expected=LIMITED, libraries=self.host.egl())  # a file is no KVM
        self.remark(report, 'egl-ok')
        self.remark(report, 'kvm-broken')
        self.assertEqual(report['render_nodes'], [{'node': '/dev/dri/renderD128', 'driver': 'amdgpu', 'usable': True}])
        self.assertEqual(report['egl'], {'renderer': 'A real GPU', 'version': '4.6'})

    def test_nvidia(self):
        self.host.node(driver='nvidia')
        report = self.check('--no-start', expected=LIMITED)
        self.remark(report, 'gpu-nvidia')
        self.remark(report, 'render-node-ok')

    @unittest.skipUnless(os.geteuid() == 0, 'needs root')
    def test_no_permission(self):
        self.host.node(mode=0o660)
        self.host.touch(f'{self.host.root}/dev/kvm', 0o600)
        report = self.check('--no-start', f'--user={NOBODY}', expected=LIMITED)
        for name in ('render-node-denied', 'kvm-denied'):
            remark = self.remark(report, name)
            self.assertIn(NOBODY, remark['text'])
            self.assertIn('usermod -aG root nobody', remark['hint'])

    @unittest.skipUnless(os.geteuid() == 0, 'needs root')
    def test_permission_of_a_group(self):
        self.host.node(mode=0o660)
        entry = system.System(self.host.root, NOBODY)
        os.chown(f'{self.host.root}/dev/dri/renderD128', 0, next(iter(entry.groups)))
        self.assertTrue(entry.may_use('/dev/dri/renderD128'))

    def test_egl(self):
        self.assertIn('initialised', self.remark(self.check('--no-start', expected=LIMITED, libraries=self.host.egl(initialize='0')),
                                                 'egl-broken')['text'])
        self.host.egl(initialize='*(volatile int *)0')
        self.assertIn('status -11', self.remark(self.check('--no-start', expected=LIMITED, libraries=self.host.folder), 'egl-broken')['text'])
        self.host.touch(f'{self.host.folder}/libEGL.so.1')
        self.remark(self.check('--no-start', expected=NONE, libraries=self.host.folder), 'egl-missing')

    def test_no_kvm(self):
        self.remark(self.check('--no-start', expected=LIMITED), 'kvm-missing')


class InProcess(unittest.TestCase):
    """What no environment brings about in a test's time."""

    def judge(self, **changes):
        remarks = messages.Remarks()
        found = {'options': PLAIN, 'display': 'none', 'features': ['VIRGL'], 'host_visible_bytes': 0, 'capsets': {}, **changes}
        result = start.judge(remarks, found)
        SEEN.update(remark['id'] for remark in remarks.list)
        return result, remarks

    def test_silent_device(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        silent = f'{folder}/qemu'
        with open(silent, 'w', encoding='ascii') as file:
            file.write('#!/bin/sh\necho "virgl could not be initialized: -1" >&2\nsleep 60\n')
        os.chmod(silent, stat.S_IRWXU)
        self.addCleanup(setattr, qtest, 'START_SECONDS', qtest.START_SECONDS)
        qtest.START_SECONDS = 1
        remarks = messages.Remarks()
        self.assertEqual(start.start(remarks, {'program': silent, 'properties': [], 'displays': []}, 'none'), (None, None))
        self.assertEqual([remark['id'] for remark in remarks.list], ['device-timeout'])
        self.assertIn('could not be initialized', remarks.list[0]['hint'])
        SEEN.add('device-timeout')

    def test_no_capset(self):
        for capsets in ({}, {4: bytes(100)}):
            result, remarks = self.judge(capsets=capsets)
            self.assertIsNone(result)
            self.assertEqual(remarks.worst(), 'problem')

    def test_gles(self):
        with start.Session(QEMU, PLAIN, 'sdl,gl=on') as session:
            data = bytearray(device.Device(session).capsets()[2])
        data[394] |= 1 << 3  # capability bit 19
        self.assertIn('host-gles', [remark['id'] for remark in self.judge(capsets={2: bytes(data)})[1].list])

    def test_kvm(self):
        with tempfile.TemporaryDirectory() as root:
            os.mkdir(f'{root}/dev')
            Host.touch(f'{root}/dev/kvm')
            for answer, expected in ((gpu.KVM_API_VERSION, 'kvm-ok'), (11, 'kvm-broken')):
                remarks = messages.Remarks()
                with unittest.mock.patch.object(gpu.fcntl, 'ioctl', return_value=answer):
                    self.assertEqual(gpu.look_kvm(remarks, system.System(root)), expected == 'kvm-ok')
                self.assertEqual([remark['id'] for remark in remarks.list], [expected])
                SEEN.add(expected)

    def test_status(self):
        for worst, opengl_found, expected in (('ok', True, GOOD), ('note', True, GOOD), ('limit', True, LIMITED), ('problem', True, LIMITED),
                                              ('problem', False, NONE), ('note', False, GOOD)):
            self.assertEqual(main.status({'opengl': opengl_found}, worst), expected)


class Versions(unittest.TestCase):
    """What a guest makes of capabilities that differ from this host's in one thing."""

    @classmethod
    def setUpClass(cls):
        with start.Session(QEMU, PLAIN, 'sdl,gl=on') as session:
            cls.data = device.Device(session).capsets()[2]

    def changed(self, offset, value, mask=0xffffffff):
        data = bytearray(self.data)
        old = int.from_bytes(data[offset:offset + 4], 'little')
        data[offset:offset + 4] = (old & ~mask | value & mask).to_bytes(4, 'little')
        return bytes(data)

    def test_each_capability_counts(self):
        cases = ((opengl.NUMBERS['uniform_blocks'], 13, 0xffffffff, '4.2'), (392, 0, 1 << opengl.CAP['compute'], '4.2'),
                 (260, 0, 1 << opengl.BIT['tessellation'], '3.3'), (opengl.NUMBERS['glsl'], 330, 0xffffffff, '3.3'),
                 (opengl.NUMBERS['shader_images'], 0, 0xffffffff, '4.1'), (4 + 28, 0, 1 << 31, '4.1'),
                 (opengl.NUMBERS['glsl'], 120, 0xffffffff, '2.1'))
        for offset, value, mask, expected in cases:
            self.assertEqual(opengl.version(opengl.Capabilities(self.changed(offset, value, mask))), expected, (offset, value))

    def test_host_memory(self):
        plain, coherent = opengl.Capabilities(self.data), opengl.Capabilities(self.data, True, 1 << 30)
        self.assertEqual(opengl.version(plain), '4.3')
        self.assertGreaterEqual(opengl.version(coherent), '4.5')
        self.assertEqual(next(limit for limit in opengl.limits(plain))['hint'], opengl.HINT_BLOB)
        without = opengl.Capabilities(self.changed(392, 0, 1 << 31), True, 1 << 30)
        self.assertEqual(opengl.version(without), '4.3')
        self.assertEqual(opengl.limits(without)[0]['hint'], opengl.HINT_CACHING)

    def test_nvidia_blocks(self):
        """Hosts that offer one block too few: the guest's driver corrects that."""
        self.assertEqual(opengl.version(opengl.Capabilities(self.changed(opengl.NUMBERS['uniform_blocks'], 14))), '4.3')

    def test_first_set_alone(self):
        self.assertLessEqual(opengl.version(opengl.Capabilities(self.data[:308])), '4.0')


if __name__ == '__main__':
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
