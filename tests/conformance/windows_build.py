# SPDX-License-Identifier: MIT
"""Builds the programs of piglit that windows/tests.txt needs for Windows, with 64 and 32 bits, from Debian's source package.

The result is build/tests/piglit-windows/x64 and x86, kept in the user's cache under a name that its content decides.
"""
import glob
import hashlib
import os
import re
import shlex
import shutil
import subprocess

FOLDER = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(FOLDER))
FRAMEWORK = f'{FOLDER}/windows/framework.c'
OUT = f'{ROOT}/build/tests/piglit-windows'
CACHE = f"{os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')}/vgpu-piglit"
TRIPLES = {'x64': 'x86_64-w64-mingw32', 'x86': 'i686-w64-mingw32'}

UTILITIES = '''
piglit-log.c piglit-util.c piglit-subprocess.c fdo-bitmap.c minmax-test.c piglit-dispatch.c piglit-dispatch-init.c
piglit-fbo.cpp piglit-matrix.c piglit-test-pattern.cpp piglit-util-gl.c piglit-util-png.c piglit-vbo.cpp
piglit-framework-gl.c piglit-framework-gl/piglit_gl_framework.c piglit-shader.c piglit-shader-test.c piglit_ktx.c
rgb9e5.c r11g11b10f.c sized-internalformats.c
'''.split()
FLAGS = ['-O1', '-w', '-DPIGLIT_USE_OPENGL', '-DGLAPIENTRY=__stdcall', '-DWIN32_LEAN_AND_MEAN=1', '-DNOMINMAX', '-DHAVE_ASPRINTF=1',
         '-D__USE_MINGW_ANSI_STDIO=1', '-D_GNU_SOURCE', '-D_USE_MATH_DEFINES', '-DSOURCE_DIR=\'""\'']
FLAGS += [f'-DHAVE_{name}_H=1' for name in ('FCNTL', 'SYS_STAT', 'SYS_TYPES', 'SYS_TIME', 'UNISTD', 'LIBGEN')]
LINK = ['-static', '-lopengl32', '-lgdi32', '-lstdc++', '-Wl,--stack,4194304']  # shader_runner needs more than the usual stack


class BuildError(Exception):
    """What is missing, and what to do."""


def archive():
    """The source package's file."""
    with open(f'{ROOT}/scripts/pins.txt', encoding='utf-8') as file:
        name = re.search(r'/(piglit_\S+\.orig\.tar\.xz)', file.read())[1]
    path = f'{ROOT}/build/downloads/{name}'
    if not os.path.exists(path):
        raise BuildError(f'{path} is missing: run `make setup`')
    return path


def key(wanted):
    """A name for the result: whatever goes into it has a part in it."""
    value = hashlib.sha256()
    for path in (archive(), __file__, FRAMEWORK):
        with open(path, 'rb') as file:
            value.update(hashlib.sha256(file.read()).digest())
    for triple in TRIPLES.values():
        value.update(subprocess.run([f'{triple}-gcc-posix', '--version'], capture_output=True, check=True).stdout)
    value.update(' '.join(wanted).encode())
    return value.hexdigest()


def sources(source):
    """Of each program that piglit builds from files beside its list: their paths."""
    found = {}
    for path in glob.glob(f'{source}/tests/**/CMakeLists.gl.txt', recursive=True):
        with open(path, encoding='utf-8') as file:
            for match in re.finditer(r'piglit_add_executable\s*\(([^)]*)\)', file.read()):
                name, *files = match[1].split()
                found[name] = [f'{os.path.dirname(path)}/{name}' for name in files]
    return found


def _ninja(source, generated, wanted):
    """The rules of both widths."""
    flags = FLAGS + [f'-I{path}' for path in (generated, f'{source}/src', f'{source}/tests/util', f'{source}/tests/mesa/util')]
    known = sources(source)
    lines = ['rule ar', '  command = rm -f $out && ar rcs $out $in']
    for arch, triple in TRIPLES.items():
        # As Microsoft's compiler does: the x87's further digits are not what tests reckon with.
        options = ' '.join(flags + (['-msse2', '-mfpmath=sse'] if arch == 'x86' else []))
        lines += [f'rule cc_{arch}', f'  command = {triple}-gcc-posix {options} -c $in -o $out',
                  f'rule cxx_{arch}', f'  command = {triple}-g++-posix {options} -c $in -o $out',
                  f'rule link_{arch}', f'  command = {triple}-gcc-posix -s $in -o $out {" ".join(LINK)}']

        def compile_(path, name, arch=arch):
            target = f'obj/{arch}/{name}.o'
            lines.append(f'build {target}: {"cxx" if path.endswith(".cpp") else "cc"}_{arch} {path}')
            return target

        library = [compile_(f'{source}/tests/util/{name}', f'util/{name}') for name in UTILITIES]
        library += [compile_(f'{generated}/piglit-util-gl-enum-gen.c', 'util/enum.c'), compile_(FRAMEWORK, 'util/framework.c')]
        lines.append(f'build obj/{arch}/libpiglit.a: ar {" ".join(library)}')
        for program in wanted:
            if program not in known:
                raise BuildError(f'{program}: piglit has no such program for OpenGL on Windows')
            objects = [compile_(path, f'{program}/{os.path.basename(path)}') for path in known[program]]
            lines.append(f'build out/{arch}/{program}.exe: link_{arch} {" ".join(objects)} obj/{arch}/libpiglit.a')
    return '\n'.join(lines) + '\n'


def _compile(work, wanted):
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(f'{work}/source')
    os.makedirs(f'{work}/generated')
    subprocess.run(['tar', '-xf', archive(), '-C', f'{work}/source', '--strip-components=1'], check=True)
    subprocess.run(['/usr/bin/python3', f'{work}/source/tests/util/gen_dispatch.py', '-o', f'{work}/generated'], check=True,
                   stdout=subprocess.DEVNULL)
    with open(f'{work}/generated/config.h', 'w', encoding='ascii'):
        pass  # its definitions are in FLAGS
    with open(f'{work}/build.ninja', 'w', encoding='utf-8') as file:
        file.write(_ninja(f'{work}/source', f'{work}/generated', wanted))
    log = subprocess.run(['ninja', '-C', work], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if log.returncode:
        raise BuildError(f'{shlex.join(log.args)}:\n{log.stdout.decode(errors="replace")[-3000:]}')


def build(wanted):
    """The folder with these programs, made if need be."""
    name = key(wanted)
    try:
        with open(f'{OUT}/key', encoding='ascii') as file:
            if file.read() == name:
                return OUT
    except FileNotFoundError:
        pass
    kept = f'{CACHE}/{name}'
    if not os.path.isdir(kept):
        print(f'piglit for Windows: {len(wanted)} programs, with 64 and 32 bits', flush=True)
        work = f'{ROOT}/build/tests/piglit-windows-work'
        _compile(work, wanted)
        os.makedirs(CACHE, exist_ok=True)
        shutil.rmtree(f'{kept}.part', ignore_errors=True)
        shutil.copytree(f'{work}/out', f'{kept}.part')
        os.rename(f'{kept}.part', kept)
        shutil.rmtree(work)
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.copytree(kept, OUT)
    with open(f'{OUT}/key', 'w', encoding='ascii') as file:
        file.write(name)
    return OUT

