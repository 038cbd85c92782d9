# SPDX-License-Identifier: MIT
"""The project's wdf.h against Microsoft's KMDF headers: what both say of structures, values and function types, as clang
reads it."""

import os
import re
import subprocess
import tempfile

import kits
from test_msvc import ROOT, mingw_headers

OURS = f'{ROOT}/kernel/wdf'
SECONDS = 300
SOURCE = '#include "nt.h"\n#include <wdf.h>\n'
# What Microsoft's compiler takes and clang does not: a parameter of an enumeration that is defined further down.
KNOWN = 'has incomplete type \'WDF_REQUEST_TYPE\''


class Headers:
    """One of the two, and questions to it."""

    def __init__(self, folder, scratch):
        self.folder = folder
        self.arguments = ['clang', '--target=x86_64-w64-mingw32', '-fms-extensions', '-Wno-everything', '-fsyntax-only', f'-I{ROOT}/kernel',
                          '-ivfsoverlay', kits.ignore_case([folder], f'{scratch}/{folder.replace("/", "_")}.yaml'), f'-I{folder}',
                          f'-isystem{mingw_headers()}/ddk', f'-isystem{mingw_headers()}', '-DNTDDI_VERSION=0x0A000002']
        self.source = f'{scratch}/{folder.replace("/", "_")}.c'

    def ask(self, more, *options):
        """(what clang prints, its errors)"""
        with open(self.source, 'w', encoding='ascii') as file:
            file.write(SOURCE + more)
        done = subprocess.run([*self.arguments, *options, self.source], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=SECONDS, check=False)
        return done.stdout, [line for line in done.stderr.splitlines() if 'error:' in line and KNOWN not in line]

    def layouts(self):
        """{structure: ([(offset, field)], size)} of all structures with WDF in their name."""
        text, _ = self.ask('', '-Xclang', '-fdump-record-layouts-complete')
        found = {}
        for dump in text.split('*** Dumping AST Record Layout')[1:]:
            lines = dump.strip().splitlines()
            name = re.match(r'\s*0 \| struct (_\w*WDF\w+)$', lines[0])
            size = re.search(r'sizeof=(\d+)', dump)
            if name and size:
                fields = [(int(line[1]), line[2]) for line in (re.match(r'\s*(\d+) \|\s+.*?(\w+)$', line) for line in lines[1:]) if line]
                found[name[1]] = (fields, int(size[1]))
        return found

    def types(self):
        """{PFN_... or EVT_...: type}"""
        text, _ = self.ask('', '-Xclang', '-ast-dump', '-Xclang', '-ast-dump-filter=_WDF')
        found = re.findall(r"TypedefDecl .* ((?:PFN|EVT)_WDF\w*) '([^']+)'", text)
        return {name: kind.replace('LPCGUID', 'const GUID *') for name, kind in found}


def is_used(name):
    """Whether the driver's sources name it."""
    for file in os.listdir(f'{ROOT}/kernel'):
        if file.endswith(('.c', '.h')):
            with open(f'{ROOT}/kernel/{file}', encoding='utf-8') as source:
                if re.search(rf'\b{name}\b', source.read()):
                    return True
    return False


def enumerators():
    """Names of the project's wdf.h that stand for values."""
    names = []
    for file in sorted(os.listdir(OURS)):
        with open(f'{OURS}/{file}', encoding='utf-8') as header:
            for body in re.findall(r'enum _\w+ \{(.*?)\}', re.sub(r'/\*.*?\*/', '', header.read(), flags=re.DOTALL), re.DOTALL):
                names += re.findall(r'(?:^|,)\s*(\w+)', body)
    return names


def values(ours, names):
    """{name: value}, by the compiler."""
    text, errors = ours.ask(''.join(f'long long value_{name} = {name};\n' for name in names), '-S', '-emit-llvm', '-o', '-')
    if errors:
        raise ValueError(errors[0])
    return {name: int(value) for name, value in re.findall(r'@value_(\w+) = .*? i64 (-?\d+)', text)}


def compare(folder):
    """(what differs, how much was compared) between the project's wdf.h and the headers in a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        ours, theirs = Headers(OURS, scratch), Headers(folder, scratch)
        ours.arguments.remove('-fsyntax-only')
        names = enumerators()
        known = values(ours, names)
        ours.arguments.insert(1, '-fsyntax-only')
        differences = [f'{name}: no value' for name in set(names) - set(known)]
        _, errors = theirs.ask(''.join(f'_Static_assert({name} == {value}, "{name} is not {value}");\n' for name, value in known.items()),
                               '-ferror-limit=0')
        differences += [error.split('error: ')[1] for error in errors]
        layouts, real = ours.layouts(), theirs.layouts()
        for name, layout in sorted(layouts.items()):
            if name not in real:
                differences.append(f'struct {name} is not in the real headers')
            elif layout[1] != real[name][1] or not set(layout[0]) <= set(real[name][0]):  # of unions, ours has what is used
                differences.append(f'struct {name}: {layout}, in the real headers {real[name]}')
        types, real_types = ours.types(), theirs.types()
        for name, kind in sorted(types.items()):
            if real_types.get(name) != kind and (name in real_types or is_used(name)):
                differences.append(f'{name}: {kind}, in the real headers {real_types.get(name)}')
        return differences, {'values': len(known), 'structures': len(layouts), 'types': len(types)}
