#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make wdk-check`: what Microsoft's own headers and tools say of the sources, where they can be had as NuGet packages. They come
under Microsoft's licence, lie in the NuGet client's folder and are never a part of the tree or of a release. Each part says that
it is right, wrong, or was skipped and why. Exit status: 0 nothing is wrong, 1 something is, 77 everything was skipped."""

import argparse
import glob
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))
sys.dont_write_bytecode = True
import kits  # noqa: E402
import kmdf  # noqa: E402
from sim.run import prefix  # noqa: E402
from test_msvc import ROOT, STRICT, USER_FOLDERS, compare_status_values, compile_with, defines, kernel_sources, mingw_headers, resources, user_sources  # noqa: E402

SKIPPED = 77
KMDF = '1.15'
SECONDS = 300


class Skip(Exception):
    """Why a part cannot be checked here."""


def package(name, fetch):
    why = kits.fetch(name) if fetch else None
    folder = kits.installed(name)
    if not folder:
        raise Skip(f'{name} is not here' + (f': {why}' if why else '; make wdk-check tries to get it'))
    return folder


def as_msvc(source, overlay, systems, includes, more=()):
    """clang as cl.exe with Microsoft's headers, and this project's few lines in the place of Visual Studio's."""
    return ['clang', '--driver-mode=cl', '--target=x86_64-pc-windows-msvc', '/nologo', '/std:c11', '/W4', '/WX', '/c', '/Fonul', '/X',
            '-Xclang', '-ivfsoverlay', '-Xclang', overlay, *STRICT, '-Wno-deprecated-declarations', *more,
            *(f'-I{ROOT}/{folder}' for folder in includes), *(item for folder in systems for item in ('-imsvc', folder)), source]


def compile_all(sources, make):
    """What the compiler complains of, in all of them."""
    return [complaint for source in sources for complaint in [compile_with(make(f'{ROOT}/{source}'))] if complaint]


def check_user_mode(options):
    """The client library and the tools with the real Windows headers and C library's."""
    sdk = package(kits.SDK, options.fetch)
    real = kits.includes(sdk)
    with tempfile.TemporaryDirectory() as scratch:
        # Khronos' headers of extensions are in no Windows SDK; mingw-w64 has them as published.
        for folder in ('GL', 'KHR'):
            os.symlink(f'{mingw_headers()}/{folder}', f'{scratch}/{folder}')
        systems = [f'{HERE}/vcruntime', resources(), *(f'{real}/{part}' for part in ('ucrt', 'shared', 'um')), scratch]
        overlay = kits.ignore_case([f'{real}/{part}' for part in ('ucrt', 'shared', 'um')], f'{scratch}/overlay.yaml')
        complaints = compile_all(user_sources(), lambda source: as_msvc(
            source, overlay, systems, USER_FOLDERS, defines(source)))
    return complaints, f'{len(user_sources())} files, SDK {kits.version(sdk)}'


def check_status_values(options):
    """STATUS_ values that the project writes down itself, against ntstatus.h."""
    sdk = package(kits.SDK, options.fetch)
    wrong, count = compare_status_values(f'{kits.includes(sdk)}/shared/ntstatus.h')
    return wrong, f'{count} values'


def check_framework(options):
    """The project's wdf.h against the real KMDF headers."""
    folder = options.kmdf
    if not folder:
        folder = f'{package(kits.WDK, options.fetch)}/c/Include/wdf/kmdf/{KMDF}'
    if not os.path.exists(f'{folder}/wdf.h'):
        return [f'there is no wdf.h in {folder}'], ''
    differences, counts = kmdf.compare(folder)
    return differences, ', '.join(f'{count} {what}' for what, count in counts.items())


def check_driver(options):
    """vgpu.sys compiled and linked with the real headers and libraries."""
    wdk, sdk = package(kits.WDK, options.fetch), package(kits.SDK, options.fetch)
    km, real = kits.includes(wdk), kits.includes(sdk)
    framework = f'{wdk}/c/Include/wdf/kmdf/{KMDF}'
    parts = [f'{km}/km', f'{km}/km/crt', f'{km}/shared', f'{real}/shared', framework]
    with tempfile.TemporaryDirectory() as scratch:
        overlay = kits.ignore_case([part for part in parts if os.path.isdir(part)], f'{scratch}/overlay.yaml')
        more = ['/kernel', '/GS-', '-D_AMD64_', '-DAMD64', '-D_WIN64', '-DNTDDI_VERSION=0x0A000002', '-D_WIN32_WINNT=0x0A00',
                '-DKMDF_VERSION_MAJOR=1', f'-DKMDF_VERSION_MINOR={KMDF[2:]}', '-Wno-everything']
        objects, complaints = [], []
        for source in kernel_sources():
            words = as_msvc(f'{ROOT}/{source}', overlay, [resources(), *parts], ('kernel', 'abi'), more)
            target = f'{scratch}/{os.path.basename(source)}.obj'
            done = subprocess.run([f'/Fo{target}' if word == '/Fonul' else word for word in words], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False)
            complaints += [done.stdout] if done.returncode else []
            objects.append(target)
        if not complaints:
            complaints += _link(wdk, objects, scratch)
    return complaints, f'{len(kernel_sources())} files, WDK {kits.version(wdk)}'


def _link(wdk, objects, scratch):
    libraries = [path for name in ('ntoskrnl.lib', 'hal.lib', 'BufferOverflowFastFailK.lib')
                 for path in sorted(glob.glob(f'{wdk}/c/[Ll]ib/*/km/x64/{name}'))[-1:]]
    libraries += [path for name in ('WdfLdr.lib', 'WdfDriverEntry.lib') for path in glob.glob(f'{wdk}/c/[Ll]ib/wdf/kmdf/x64/{KMDF}/{name}')]
    done = subprocess.run(['lld-link', '/nologo', '/machine:x64', '/driver', '/subsystem:native,10.0', '/entry:FxDriverEntry', '/nodefaultlib',
                           f'/out:{scratch}/vgpu.sys', *objects, *libraries], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=SECONDS, check=False)
    return [done.stdout] if done.returncode else []


def check_inf(options):
    """InfVerif under Wine on the INF."""
    wdk = package(kits.WDK, options.fetch)
    tools = sorted(glob.glob(f'{wdk}/c/[Tt]ools/*/x64/infverif.exe') + glob.glob(f'{wdk}/c/bin/*/x64/infverif.exe'))
    if not tools:
        raise Skip('there is no infverif.exe in the WDK')
    with tempfile.TemporaryDirectory() as scratch:
        with open(f'{ROOT}/package/vgpu.inf.in', encoding='utf-8') as file:
            text = file.read().replace('@DATE@', '01/01/2025').replace('@VERSION@', '0.1.0.0')
        with open(f'{scratch}/vgpu.inf', 'w', encoding='utf-8', newline='\r\n') as file:
            file.write(text)
        template = f'{ROOT}/build/wineprefix'
        prefix.make_template(template, print)
        prefix.make_copy(template, f'{scratch}/prefix', 'infverif.exe')
        try:
            done = subprocess.run(['wine', tools[-1], '/v', '/w', prefix.dos_path(f'{scratch}/vgpu.inf')], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', timeout=SECONDS, check=False,
                                  env=dict(os.environ, WINEPREFIX=f'{scratch}/prefix', WINEDEBUG='-all'))
        finally:
            prefix.stop_server(f'{scratch}/prefix')
    return [done.stdout] if done.returncode else [], 'InfVerif /w'


PARTS = (('programs with the SDK', check_user_mode), ('status values', check_status_values), ('wdf.h', check_framework),
         ('vgpu.sys with the WDK', check_driver), ('INF', check_inf))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--no-fetch', dest='fetch', action='store_false', help='take only packages that are there')
    parser.add_argument('--kmdf', metavar='FOLDER', help=f"KMDF {KMDF}'s headers (src/publicinc/wdf/kmdf/{KMDF} of "
                                                         "Microsoft's published framework) instead of the WDK's")
    options = parser.parse_args()
    results = []
    for name, check in PARTS:
        try:
            complaints, what = check(options)
        except Skip as why:
            print(f'{name}: skipped: {why}', flush=True)
            results.append(None)
            continue
        print(f'{name}: {"WRONG" if complaints else "ok"}, {what}', flush=True)
        for complaint in complaints[:20]:
            print('  ' + complaint[:2000].replace('\n', '\n  '))
        results.append(not complaints)
    if all(result is None for result in results):
        return SKIPPED
    return 1 if False in results else 0


if __name__ == '__main__':
    sys.exit(main())
