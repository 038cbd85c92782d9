# SPDX-License-Identifier: MIT
"""The files of a package, put into a folder as users get them; and their symbols into another."""

import glob
import os
import shutil
import subprocess
import tarfile

import authenticode
import release
from release import ROOT, ReleaseError

BUILD = os.environ.get('VGPU_BUILD', f'{ROOT}/build')
WIN64, MESA = f'{BUILD}/win64', f'{BUILD}/mesa'
# our programs: name in the package, where they are built
PROGRAMS = {'vgpu-info.exe': f'{WIN64}/tools/vgpu-info.exe', 'vgpu-setup.exe': f'{WIN64}/package/setup/vgpu-setup.exe'}
DRIVER = {'vgpu.sys': f'{WIN64}/kernel/vgpu.sys'}
DLLS = {'MvisorVGPUx64.dll': f'{MESA}/out/MvisorVGPUx64.dll', 'MvisorVGPUx86.dll': f'{MESA}/out32/MvisorVGPUx86.dll',
        'x64/opengl32.dll': f'{MESA}/out/opengl32.dll', 'x86/opengl32.dll': f'{MESA}/out32/opengl32.dll'}
IMAGES = {**DRIVER, **PROGRAMS, **DLLS}
TEXTS = {'install.bat': 'package/install.bat', 'uninstall.bat': 'package/uninstall.bat', 'LICENSE.txt': 'LICENSE'}
# Debian's record of the licences of what is linked statically
MINGW_PACKAGE, GCC_PACKAGE = 'mingw-w64-x86-64-dev', 'gcc-mingw-w64-x86-64-posix-runtime'
NSIS_PACKAGE = 'nsis'
GPL = '/usr/share/common-licenses/GPL-3'
MESA_LICENCES = ('docs/license.rst', 'licenses/MIT', 'licenses/Apache-2.0', 'licenses/BSL-1.0', 'licenses/SGI-B-2.0')
# files of Mesa that name their own licence, in the comment that they begin with
MESA_OWN_LICENCES = ('src/util/xxhash.h', 'src/util/softfloat.c')


def read(path):
    try:
        with open(path, 'rb') as file:
            return file.read()
    except OSError as error:
        raise ReleaseError(f'{path}: {error.strerror}') from None


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(data)


def windows_text(data):
    """With the ends of lines that Windows' editors and its command interpreter want."""
    return data.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')


def mesa_pin():
    """MESA_VERSION and so on, as icd/mesa/pin has them."""
    lines = read(f'{ROOT}/icd/mesa/pin').decode().splitlines()
    return dict(line.split('=', 1) for line in lines if '=' in line and not line.startswith('#'))


def mesa_licences():
    """What Mesa's archive says of its licences."""
    pin = mesa_pin()
    wanted = {f'mesa-{pin["MESA_VERSION"]}/{name}': name for name in MESA_LICENCES + MESA_OWN_LICENCES}
    found = {}
    with tarfile.open(f'{BUILD}/downloads/{pin["MESA_ARCHIVE"]}', 'r|*') as archive:
        for member in archive:
            if member.name in wanted:
                found[wanted[member.name]] = archive.extractfile(member).read()
                if len(found) == len(wanted):
                    break
    if len(found) != len(wanted):
        raise ReleaseError(f'{pin["MESA_ARCHIVE"]} lacks {sorted(set(wanted.values()) - set(found))}')
    for name in MESA_OWN_LICENCES:
        found[name] = found[name][:found[name].index(b'*/') + 3]
    return b''.join(f'==== Mesa {pin["MESA_VERSION"]}: {name}\n\n'.encode() + found[name] + b'\n' for name in MESA_LICENCES + MESA_OWN_LICENCES)


def licences():
    """Of what is linked into the files of the package, by name."""
    doc = '/usr/share/doc/{}/copyright'
    return {'LICENSE-Mesa.txt': mesa_licences(),
            'LICENSE-mingw-w64.txt': read(doc.format(MINGW_PACKAGE)),
            'LICENSE-gcc-runtime.txt': read(doc.format(GCC_PACKAGE)) + b'\n==== GPL-3\n\n' + read(GPL),
            'LICENSE-installer.txt': read(doc.format(NSIS_PACKAGE))}


def stamped_inf(when):
    """The INF with its date and version."""
    text = read(f'{ROOT}/package/vgpu.inf.in')
    return text.replace(b'@DATE@', f'{release.date(when):%m/%d/%Y}'.encode()).replace(b'@VERSION@', f'{release.version()}.0'.encode())


def readme(is_test):
    """README.txt: lines that start with [test] or [signed] are for such a package alone; the first one is the licence's."""
    lines = read(f'{ROOT}/package/README.txt.in').decode('ascii').splitlines()[1:]
    other, own = ('[signed]', '[test]') if is_test else ('[test]', '[signed]')
    text = '\n'.join(line.removeprefix(own) for line in lines if not line.startswith(other)) + '\n'
    return text.replace('@VERSION@', release.version()).encode()


def tool(*command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode:
        raise ReleaseError(f'{command[0]}: {result.stdout.decode(errors="replace").strip()}')


def put_files(stage, when, is_test):
    """Everything but the catalog and signatures."""
    missing = [path for path in IMAGES.values() if not os.path.exists(path)]
    if missing:
        raise ReleaseError(f'not built: {" ".join(missing)}: run `make dist` without --no-build')
    for name, path in IMAGES.items():
        os.makedirs(os.path.dirname(f'{stage}/{name}'), exist_ok=True)
        if name in PROGRAMS:
            tool('llvm-strip', '-o', f'{stage}/{name}', path)
        elif name in DLLS:
            write(f'{stage}/{name}', authenticode.without_time(read(path)))
        else:
            shutil.copyfile(path, f'{stage}/{name}')
    for name, path in TEXTS.items():
        write(f'{stage}/{name}', windows_text(read(f'{ROOT}/{path}')))
    for name, data in licences().items():
        write(f'{stage}/{name}', windows_text(data))
    write(f'{stage}/vgpu.inf', windows_text(stamped_inf(when)))
    write(f'{stage}/README.txt', windows_text(readme(is_test)))


def put_symbols(folder):
    """For debuggers: the driver's PDB, and DWARF of what has such."""
    write(f'{folder}/vgpu.pdb', read(f'{WIN64}/kernel/vgpu.pdb'))
    for name, path in PROGRAMS.items():
        tool('llvm-objcopy', '--only-keep-debug', path, f'{folder}/{name}.debug')
    for place in ('out', 'out32'):
        for path in sorted(glob.glob(f'{MESA}/{place}/*.debug')):
            write(f'{folder}/{"x64" if place == "out" else "x86"}/{os.path.basename(path)}', authenticode.without_time(read(path)))
