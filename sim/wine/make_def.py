# SPDX-License-Identifier: MIT
"""make_def.py exports.txt MODULE [forward] - a linker's module definition file on standard output.

MODULE is a section of the list. With `forward` its exports lead to the simulator; with `all` as the module the result is
what the simulator itself must export."""
import sys

SIMULATOR = 'vgpusim'


def read(path):
    modules, names = {}, None
    with open(path) as file:
        for line in file:
            line = line.split('#')[0].strip()
            if line.startswith('['):
                names = modules.setdefault(line.strip('[]'), [])
            elif line:
                names.append(line)
    return modules


def main():
    modules = read(sys.argv[1])
    module = sys.argv[2]
    if module == 'all':
        print('LIBRARY vgpusim.dll\nEXPORTS')
        print('\n'.join(sorted({name for names in modules.values() for name in names if '=' not in name})))
        return
    print(f'LIBRARY {module}\nEXPORTS')
    for name in modules[module]:
        print(name if '=' in name else f'{name} = {SIMULATOR}.{name}')


main()
