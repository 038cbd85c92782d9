#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_icd.py FOLDER64 FOLDER32: whether the OpenGL DLLs for 64- and for 32-bit programs (build/mesa/out, out32) are as
Windows' loaders want them. One line for each check; exit status 1 when one failed."""

import sys

from pe_image import DIRECTORY_RELOCATION, PeError, PeImage

MACHINES = {64: 0x8664, 32: 0x014c}
DRIVERS = {64: 'MvisorVGPUx64.dll', 32: 'MvisorVGPUx86.dll'}
DLL, RELOCS_STRIPPED = 0x2000, 0x1
DYNAMIC_BASE, NX_COMPAT = 0x40, 0x100
SECTION_EXECUTE, SECTION_WRITE = 0x20000000, 0x80000000

# What Windows' opengl32.dll asks an OpenGL driver for, by these names in both widths.
DRIVER_EXPORTS = {'Drv' + name for name in (
    'CopyContext', 'CreateContext', 'CreateLayerContext', 'DeleteContext', 'DescribeLayerPlane', 'DescribePixelFormat',
    'GetLayerPaletteEntries', 'GetProcAddress', 'RealizeLayerPalette', 'ReleaseContext', 'SetContext',
    'SetLayerPaletteEntries', 'SetPixelFormat', 'ShareLists', 'SwapBuffers', 'SwapLayerBuffers', 'ValidateVersion')}
# What programs import, and gdi32 asks for.
OPENGL32_EXPORTS = {'wgl' + name for name in (
    'ChoosePixelFormat', 'CopyContext', 'CreateContext', 'CreateLayerContext', 'DeleteContext', 'DescribeLayerPlane',
    'DescribePixelFormat', 'GetCurrentContext', 'GetCurrentDC', 'GetLayerPaletteEntries',
    'GetPixelFormat', 'GetProcAddress', 'MakeCurrent', 'RealizeLayerPalette', 'SetLayerPaletteEntries', 'SetPixelFormat',
    'ShareLists', 'SwapBuffers', 'SwapLayerBuffers', 'SwapMultipleBuffers', 'UseFontBitmapsA', 'UseFontBitmapsW',
    'UseFontOutlinesA', 'UseFontOutlinesW')}
OPENGL_1_1_FUNCTIONS = 336


class Failure(Exception):
    pass


def require(condition, problem):
    if not condition:
        raise Failure(problem)


def check_file(image, bits):
    require(image.bits == bits and image.machine == MACHINES[bits], f'machine {image.machine:#x}')
    require(image.characteristics & DLL, 'not a DLL')
    require(image.dll_characteristics & DYNAMIC_BASE and image.dll_characteristics & NX_COMPAT,
            'DYNAMICBASE or NX_COMPAT is not set')
    require(not image.characteristics & RELOCS_STRIPPED and image.directory(DIRECTORY_RELOCATION)[1], 'no relocations')
    for section in image.sections:
        require(not (section.characteristics & SECTION_WRITE and section.characteristics & SECTION_EXECUTE),
                f'{section.name} is writable and executable')


def check_names(image, wanted):
    names = set(image.exports())
    require(wanted <= names, f'does not export {sorted(wanted - names)}')
    decorated = sorted(name for name in names if '@' in name)
    require(not decorated, f'exports decorated names: {decorated[:5]}')


def check_driver(image, bits):
    check_file(image, bits)
    check_names(image, DRIVER_EXPORTS)


def check_opengl32(image, bits):
    check_file(image, bits)
    check_names(image, OPENGL32_EXPORTS)
    count = sum(name.startswith('gl') for name in image.exports())
    require(count >= OPENGL_1_1_FUNCTIONS, f'exports {count} functions of OpenGL')


def check_same_names(first, second):
    differing = sorted(set(first.exports()) ^ set(second.exports()))
    require(not differing, f'only one width exports {differing[:5]}')


def problem_of(check, *arguments):
    """What is wrong, or None. Each argument that holds a file's bytes is read as an image."""
    try:
        check(*(PeImage(argument) if isinstance(argument, (bytes, bytearray)) else argument for argument in arguments))
    except (Failure, PeError) as problem:
        return str(problem)
    return None


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def main():
    folders = {64: sys.argv[1], 32: sys.argv[2]}
    opengl32 = {bits: read(f'{folder}/opengl32.dll') for bits, folder in folders.items()}
    problems = {'opengl32.dll of both': problem_of(check_same_names, opengl32[64], opengl32[32])}
    for bits, folder in folders.items():
        problems[DRIVERS[bits]] = problem_of(check_driver, read(f'{folder}/{DRIVERS[bits]}'), bits)
        problems[f'opengl32.dll of {bits} bits'] = problem_of(check_opengl32, opengl32[bits], bits)
    for name, problem in problems.items():
        print(f'{name}: {problem or "ok"}')
    return 1 if any(problems.values()) else 0


if __name__ == '__main__':
    sys.exit(main())
