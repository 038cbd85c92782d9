# SPDX-License-Identifier: MIT
"""virglrenderer: the library has no function that tells its version, so the package manager is asked."""
import re

from .system import CommandFailed, find_program, output

LIBRARY = 'libvirglrenderer.so.1'
FOLDERS = ('/usr/lib/*', '/usr/lib', '/usr/lib64', '/lib/*', '/lib64', '/usr/local/lib', '/usr/local/lib/*', '/usr/local/lib64')
QUESTIONS = (
    ('dpkg-query', '-W', '-f', '${db:Status-Status} ${Version}', 'libvirglrenderer1'),
    ('rpm', '-q', '--qf', 'installed %{VERSION}', 'virglrenderer'),
    ('pacman', '-Q', 'virglrenderer'),
    ('pkg-config', '--modversion', 'virglrenderer'),
)
FIRST_WITH_BLOBS = (1, 0)


def _version():
    for question in QUESTIONS:
        program = find_program(question[:1])
        if not program:
            continue
        try:
            status, text, _ = output([program, *question[1:]])
        except CommandFailed:
            continue
        found = re.search(r'(\d+(?:\.\d+)+)', text)
        if status == 0 and found:
            return found[1]
    return None


def look(remarks, system):
    """{'version', 'library'}, each None where it is not known."""
    libraries = system.find(*(f'{folder}/{LIBRARY}' for folder in FOLDERS))
    if not libraries:
        remarks.add('virglrenderer-missing')
        return {'version': None, 'library': None}
    version = _version()
    if version is None:
        remarks.add('virglrenderer-unknown', library=libraries[0])
    elif tuple(map(int, version.split('.')[:2])) < FIRST_WITH_BLOBS:
        remarks.add('virglrenderer-old', version=version)
    else:
        remarks.add('virglrenderer-ok', version=version)
    return {'version': version, 'library': libraries[0]}
