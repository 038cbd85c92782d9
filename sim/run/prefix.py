# SPDX-License-Identifier: MIT
"""Wine prefixes: one template, made once, and a cheap copy of it for each run.

A copy has its own registry and so its own Wine server: runs do not see each other's devices, and everything of a run ends
with its server. Its files are links to the template's, less the built-in opengl32.dll, so that the search goes on to ours.
"""
import fcntl
import os
import shutil
import subprocess

from . import processes

BUILD = os.environ.get('VGPU_BUILD', f'{os.path.dirname(os.path.realpath(__file__))}/../../build')
WINE32 = os.path.normpath(f'{BUILD}/wine32')  # Wine's modules for 32-bit programs (scripts/setup.sh); WINEDLLPATH
TEMPLATE_SECONDS = 300
REGISTRY_FILES = ('system.reg', 'user.reg', 'userdef.reg', '.update-timestamp')
KERNEL_MODULES = ('ntoskrnl.exe', 'hal', 'wdfldr.sys')
HIDDEN = ('drive_c', 'windows', ('system32', 'syswow64'), 'opengl32.dll')
# Else Wine waits two seconds, at each window that ends, for a window manager that a display of ours does not have.
UNMANAGED = '\n[Software\\\\Wine\\\\X11 Driver]\n"Managed"="N"\n'
WITHOUT = 'mscoree,mshtml,winemenubuilder.exe='  # what wineboot would offer to download, and desktop menus


def _wine(prefix, command, overrides, **options):
    environment = dict(os.environ, WINEPREFIX=prefix, WINEDEBUG='-all', WINEDLLOVERRIDES=overrides, WINEDLLPATH=WINE32)
    environment.pop('DISPLAY', None)
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=TEMPLATE_SECONDS, check=False, **options)


def _read(path):
    """None: no such file."""
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return None


def make_template(path, say):
    """Makes the template unless it is there. Runs at the same time wait for the first. With Wine's 32-bit modules, where
    there are any."""
    stamp = _read(f'{WINE32}/version') or ''
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _read(f'{path}/.complete') == stamp:
            return
        say('making the Wine prefix (once)')
        shutil.rmtree(path, ignore_errors=True)
        try:
            _wine(path, ['wine', 'wineboot', '-i'], WITHOUT)
            _wine(path, ['wineserver', '-w'], WITHOUT)
        except FileNotFoundError:
            raise processes.RunError('wine is not installed: run `make setup`') from None
        finally:
            if shutil.which('wineserver'):
                _wine(path, ['wineserver', '-k'], WITHOUT)
        if not os.path.exists(f'{path}/system.reg'):
            raise processes.RunError('wineboot made no prefix; try WINEPREFIX=/tmp/try wineboot -i')
        with open(f'{path}/.complete', 'w') as file:
            file.write(stamp)


def _link_tree(source, target, hidden):
    """target gets links to all in source but the paths `hidden` (a step is one name or several), whose folders become
    real ones."""
    os.makedirs(target)
    for entry in os.scandir(source):
        if entry.name not in ([hidden[0]] if isinstance(hidden[0], str) else hidden[0]):
            os.symlink(entry.path, f'{target}/{entry.name}')
        elif len(hidden) > 1:
            _link_tree(entry.path, f'{target}/{entry.name}', hidden[1:])


def make_copy(template, path, program, managed=True):
    """Only `program` (a file name) gets kernel modules that are not Wine's: Wine's own services need theirs.
    managed: windows are left to a window manager; else Wine draws their frames itself."""
    _link_tree(f'{template}/drive_c', f'{path}/drive_c', HIDDEN[1:])
    for name in REGISTRY_FILES:
        shutil.copy(f'{template}/{name}', f'{path}/{name}')
    with open(f'{path}/user.reg', 'a') as registry:
        registry.write(f'\n[Software\\\\Wine\\\\AppDefaults\\\\{program}\\\\DllOverrides]\n')
        registry.writelines(f'"{name}"="native"\n' for name in KERNEL_MODULES)
        if not managed:
            registry.write(UNMANAGED)
    os.makedirs(f'{path}/dosdevices')
    os.symlink('../drive_c', f'{path}/dosdevices/c:')
    os.symlink('/', f'{path}/dosdevices/z:')


def stop_server(path):
    """Ends every Wine process of the copy."""
    if os.path.isdir(path):
        _wine(path, ['wineserver', '-k'], '')


def dos_path(path):
    return 'Z:' + os.path.abspath(path).replace('/', '\\')
