# SPDX-License-Identifier: MIT
"""What Debian's piglit offers, and choices of it."""
import ast
import glob
import gzip
import hashlib
import os
import xml.etree.ElementTree
from typing import NamedTuple

PROFILES = ('quick_gl', 'quick_shader')
PLATFORM = 'mixed_glx_egl'


class Test(NamedTuple):
    name: str
    command: tuple  # the program's path and its arguments
    shader: str  # the file, for a program that takes several; else ''


class SuiteError(Exception):
    """There is no piglit, or it is not as it should be."""


def find():
    """piglit's folder."""
    found = [os.environ['PIGLIT']] if 'PIGLIT' in os.environ else sorted(glob.glob('/usr/lib/*/piglit'))
    if not found or not os.path.isdir(f'{found[0]}/tests'):
        raise SuiteError('piglit is not installed: run `make setup`, or name its folder in $PIGLIT')
    return found[0]


def _test(folder, element):
    options = {option.get('name'): ast.literal_eval(option.get('value')) for option in element.findall('option')}
    platforms = options.get('require_platforms')
    if platforms and PLATFORM not in platforms or PLATFORM in options.get('exclude_platforms', ()):
        return None
    program, *arguments = options['command']
    name, kind = element.get('name'), element.get('type')
    program = f'{folder}/bin/{program}'
    if kind == 'shader':
        return Test(name, (program,), f'{folder}/{arguments[0]}')
    if kind == 'gl_builtin':
        return Test(name, (program, f'{folder}/tests/{arguments[0]}', *arguments[1:]), '')
    return Test(name, (program, *arguments, '-auto', *(['-fbo'] if options.get('run_concurrent') else [])), '')


def load(profiles=PROFILES):
    """All tests of these profiles that are for this platform, by name."""
    folder = find()
    tests = {}
    for profile in profiles:
        with gzip.open(f'{folder}/tests/{profile}.xml.gz') as file:
            for element in xml.etree.ElementTree.parse(file).getroot().iter('Test'):
                test = _test(folder, element)
                if test:
                    tests[test.name] = test
    return tests


def order(name):
    """A number that only the name decides: slices are the same everywhere, and each is a mixture."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], 'big')


def sliced(names, number, parts):
    return [name for name in names if order(name) % parts == number - 1]


def per_area(names, count):
    """The same few of each area: a specification or an extension, glx, security, ..."""
    areas = {}
    for name in sorted(names, key=order):
        parts = name.split('@')
        areas.setdefault(tuple(parts[:2 if parts[0] == 'spec' else 1]), []).append(name)
    return sorted(name for members in areas.values() for name in members[:count])
