# SPDX-License-Identifier: MIT
"""How a block of each kind is tested: KINDS[kind](block) raises AssertionError, with what is wrong."""
import json
import os
import re
import shlex
import subprocess
import tempfile
import xml.etree.ElementTree as xml

import jsonschema
import yaml

from markdown import ROOT

HERE = os.path.dirname(os.path.realpath(__file__))
SECONDS = 60
GPU_IDS = (0x1af4, 0x1050)
# Disk images that the commands name: QEMU takes an empty file for any format that is not given.
DISK_BYTES = 1 << 20
MVISOR_KEYS = {'class': str, 'memory': str, 'staging': bool, 'blob': bool, 'node': str}
MVISOR_DEVICE = f'{ROOT}/build/native/sim/devices/mvisor-device'


def run(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
                          check=False, **options)
    return done.returncode, done.stdout


def commands(text):
    """The command lines of a block, continued lines joined, without comments and prompts."""
    joined = text.replace('\\\n', ' ')
    lines = (re.sub(r'(^|\s)#.*', '', line).strip() for line in joined.splitlines())
    return [line for line in lines if line]


# ---- this project's own ----

def check_make(block):
    """Each line is a make command whose targets make could make."""
    for line in commands(block.text):
        words = shlex.split(line)
        assert words[0] == 'make', line
        status, output = run(['make', '-n', *words[1:]], cwd=ROOT)
        assert status == 0, output


def check_sh(block):
    """The lines are run as they are, from the tree's root, with this build's programs found."""
    environment = dict(os.environ, PATH=f'{ROOT}/build/native/tools:{os.environ["PATH"]}', LIBGL_ALWAYS_SOFTWARE='1', LP_NUM_THREADS='0')
    status, output = run(['sh', '-eu', '-c', block.text], cwd=ROOT, env=environment)
    assert status == 0, output


def check_report(block):
    """vgpu-hostcheck's commands: any verdict will do, for machines differ."""
    environment = dict(os.environ, PATH=f'{ROOT}/build/native/tools:{os.environ["PATH"]}')
    for line in commands(block.text):
        status, output = run(['sh', '-c', line], cwd=ROOT, env=environment)
        assert status in (0, 1, 2) and 'OpenGL' in output, f'{line}: {output}'


def check_usage(block):
    """A synopsis; what it names is checked with all other text."""
    assert commands(block.text)


# ---- QEMU ----

def _replaced(words):
    """For a machine without KVM and GPU, and with the guest stopped. Newer QEMUs have VNC beside egl-headless alone."""
    headless = any(word.startswith('egl-headless') for word in words)
    result = []
    for before, word in zip(['', *words], words):
        if word == '-enable-kvm' or (headless and '-vnc' in (before, word)):
            continue
        if before == '-accel':
            word = 'tcg'
        elif before == '-cpu':
            word = 'max'
        elif before == '-display' and word.startswith('egl-headless'):
            word = 'sdl,gl=on'
        elif before == '-m':
            word = '256M'
        elif before == '-object':
            word = re.sub(r'size=\w+', 'size=256M', word)
        elif before == '-device' and word.startswith('virtio-gpu-gl-pci') and not _has_host_memory():
            word = re.sub(r',(blob|hostmem)=\w+', '', word)
        result.append(word)
    return result


def _has_host_memory():
    return re.search(r'^\s+hostmem=', run(['qemu-system-x86_64', '-device', 'virtio-gpu-gl-pci,help'])[1], re.MULTILINE) is not None


def _make_disks(words, folder):
    for word in words:
        for name in re.findall(r'(?:^|[=,])([\w.-]+\.(?:qcow2|img|iso|raw))\b', word):
            with open(f'{folder}/{name}', 'wb') as file:
                file.truncate(DISK_BYTES)


def _devices(words, folder):
    """Starts QEMU with a stopped guest and asks it for its PCI devices: a list of (vendor, device)."""
    asked = '{"execute":"qmp_capabilities"}{"execute":"query-pci"}{"execute":"quit"}'
    done = subprocess.run([*words, '-S', '-qmp', 'stdio'], input=asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
                          env=dict(os.environ, SDL_VIDEODRIVER='offscreen', LIBGL_ALWAYS_SOFTWARE='1'), timeout=SECONDS, check=False)
    assert done.returncode == 0, f'{shlex.join(words)}\n{done.stderr}'
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{')]
    buses = next(answer['return'] for answer in answers if isinstance(answer.get('return'), list))
    return [(device['id']['vendor'], device['id']['device']) for bus in buses for device in bus['devices']]


def check_qemu(block):
    """QEMU starts with these options and has a virtio-gpu. Not checked: KVM, the GPU, sizes."""
    for line in commands(block.text):
        words = _replaced(shlex.split(line))
        assert words[0] == 'qemu-system-x86_64', line
        with tempfile.TemporaryDirectory() as folder:
            _make_disks(words, folder)
            assert GPU_IDS in _devices(words, folder), 'QEMU has no virtio-gpu with these options'


def check_proxmox(block):
    """The `args` of a guest's configuration, or of `qm set`: QEMU starts with them."""
    found = re.findall(r"^args: (.+)$|--args '([^']+)'", block.text, re.MULTILINE)
    assert found, 'no args'
    for pair in found:
        words = _replaced(['qemu-system-x86_64', '-machine', 'q35', '-vga', 'std', *shlex.split(''.join(pair))])
        with tempfile.TemporaryDirectory() as folder:
            assert GPU_IDS in _devices(words, folder), 'QEMU has no virtio-gpu with these options'


# ---- libvirt ----

DOMAIN = '''<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>windows</name><memory unit='GiB'>4</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os>{devices}{others}</domain>'''


def validate_domain(text):
    with tempfile.NamedTemporaryFile('w', suffix='.xml', encoding='utf-8') as file:
        file.write(text)
        file.flush()
        status, output = run(['virt-xml-validate', file.name, 'domain'])
    assert status == 0, output


def check_libvirt(block):
    """A domain, or parts of one, against libvirt's schema; and that the project's device is in it."""
    text = block.text.strip()
    if not text.startswith('<domain'):
        parts = xml.fromstring(f"<x xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>{text}</x>")
        inner = [xml.tostring(part, encoding='unicode') for part in parts]
        devices = [part for part in inner if not re.match(r'<(ns0|qemu):', part) and not part.startswith('<devices')]
        others = [part for part in inner if part not in devices]
        text = DOMAIN.format(devices=f'<devices>{"".join(devices)}</devices>' if devices else '', others=''.join(others))
    validate_domain(text)


# ---- Kubernetes ----

def _schema():
    with open(f'{HERE}/kubevirt.schema.json', encoding='utf-8') as file:
        return json.load(file)


def _check_hook(script):
    """A script that changes a guest's description: its result fits libvirt's schema, and has the device."""
    before = DOMAIN.format(devices="<devices><video><model type='vga' heads='1' vram='16384'/></video></devices>", others='')
    with tempfile.TemporaryDirectory() as folder:
        path = f'{folder}/hook'
        with open(path, 'w', encoding='utf-8') as file:
            file.write(script)
        os.chmod(path, 0o755)
        status, after = run([path, '--vmi', '{}', '--domain', before])
    assert status == 0, after
    validate_domain(after)
    models = [model.get('type') for model in xml.fromstring(after).iter('model')]
    assert 'virtio' in models and "accel3d=\"yes\"" in after.replace("'", '"'), after


def check_kubernetes(block):
    """Each document against tests/docs/kubevirt.schema.json; scripts in it are run."""
    documents = list(yaml.safe_load_all(block.text))
    assert documents
    for document in documents:
        schema = _schema()
        kind = document.get('kind')
        assert kind in schema['$defs'], f'the schema has no {kind}'
        try:
            jsonschema.validate(document, {**schema, '$ref': f'#/$defs/{kind}'})
        except jsonschema.ValidationError as error:
            raise AssertionError(f'{kind}: {"/".join(map(str, error.absolute_path))}: {error.message}') from None
        if kind == 'ConfigMap':
            for script in document['data'].values():
                if script.startswith('#!'):
                    _check_hook(script)


# ---- Mvisor ----

def check_mvisor(block):
    """The device's keys, and its values as the model of the device takes them."""
    objects = yaml.safe_load(block.text)['objects']
    devices = [entry for entry in objects if entry.get('class') == 'virtio-vgpu']
    assert devices, 'no virtio-vgpu'
    for entry in devices:
        for key, value in entry.items():
            assert isinstance(value, MVISOR_KEYS.get(key, ())), f'{key}: {value}'
        options = [f'--memory={entry["memory"]}'] if 'memory' in entry else []
        options += [f'--staging={int(entry["staging"])}'] if 'staging' in entry else []
        options += [f'--blob={"on" if entry["blob"] else "off"}'] if 'blob' in entry else []
        status, output = run([MVISOR_DEVICE, '--ram=/nonexistent', '--socket=/nonexistent', *options])
        assert status == 1, f'the model refuses {options}: {output}'


KINDS = {'kubernetes': check_kubernetes, 'libvirt': check_libvirt, 'make': check_make, 'mvisor': check_mvisor, 'proxmox': check_proxmox,
         'qemu': check_qemu, 'report': check_report, 'sh': check_sh, 'usage': check_usage}
