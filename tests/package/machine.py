# SPDX-License-Identifier: MIT
"""A Windows for the tests of vgpu-setup: a Wine prefix of its own, with a stand-in for pnputil; packages to install there;
and pictures of it to compare."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.environ.get('VGPU_BUILD', f'{ROOT}/build')
sys.path.insert(0, ROOT)
sys.dont_write_bytecode = True
from sim.run import prefix  # noqa: E402

SETUP = f'{BUILD}/win64/package/setup/vgpu-setup.exe'
PROGRAMS = f'{BUILD}/win64/tests/package'
LIMIT = 120  # seconds, each program
TARGET = 'Program Files/Virtual GPU'
SYSTEM_64 = 'windows/system32/MvisorVGPUx64.dll'
SYSTEM_32 = 'windows/syswow64/MvisorVGPUx86.dll'
DRIVERS_64 = r'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\OpenGLDrivers\MSOGL'
DRIVERS_32 = r'HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows NT\CurrentVersion\OpenGLDrivers\MSOGL'
ADAPTERS = r'HKLM\SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}'
ENTRY = r'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\VirtualGPU'
# All that vgpu-setup can reach, for pictures that are taken often.
REACHED = [key.split('\\', 1)[1] for key in (
    DRIVERS_64.rsplit('\\', 1)[0], DRIVERS_32.rsplit('\\', 1)[0], ADAPTERS, ENTRY.rsplit('\\', 1)[0],
    r'HKLM\SOFTWARE\Microsoft\SystemCertificates\TrustedPublisher', r'HKLM\SYSTEM\CurrentControlSet\Control\Session Manager')]
# What is no part of an installation: our own log; what opening a store of certificates makes under Wine;
# what Wine writes when it starts.
NOISE = ('/Temp/vgpu-setup.log',)
NO_PART = re.compile(r'SOFTWARE\\Microsoft\\SystemCertificates\\\w+(\\(Certificates|CRLs|CTLs))?$|'
                    r'SYSTEM\\CurrentControlSet\\Control\\Class\\.*\| ("?DriverDateData|@=| = )', re.IGNORECASE)


# Windows chooses the number under which it publishes a driver package.
PUBLISHED = re.compile(r'(?<=/oem)[0-9]+(?=\.inf$)|(?<=/vgpu\.inf_amd64_)[0-9]+')


class Package:
    """A folder as the release has it, with small files that name their version."""

    def __init__(self, folder, version, certificate=None):
        self.folder, self.version = folder, version
        for name in ('x64', 'x86'):
            os.makedirs(f'{folder}/{name}')
        for name in ('vgpu.sys', 'vgpu.cat', 'MvisorVGPUx64.dll', 'MvisorVGPUx86.dll', 'x64/opengl32.dll',
                     'x86/opengl32.dll', 'vgpu-info.exe', 'README.txt', 'LICENSE.txt'):
            self.write(name, f'{name} of {version}')
        if certificate:
            shutil.copy(certificate, f'{folder}/vgpu-test.cer')
        with open(f'{ROOT}/package/vgpu.inf.in', encoding='ascii') as file:
            self.write('vgpu.inf', file.read().replace('@DATE@', '11/23/2026').replace('@VERSION@', version))
        shutil.copy(SETUP, f'{folder}/vgpu-setup.exe')
        for name in ('install.bat', 'uninstall.bat'):
            shutil.copy(f'{ROOT}/package/{name}', f'{folder}/{name}')

    def write(self, name, text):
        with open(f'{self.folder}/{name}', 'w', encoding='ascii') as file:
            file.write(text)


def make_certificate(folder, name):
    """A certificate for tests, DER."""
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', f'/CN={name}',
                    '-keyout', f'{folder}/key', '-outform', 'DER', '-out', f'{folder}/{name}.cer'],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return f'{folder}/{name}.cer'


class Machine:
    """Ends everything that runs in it at close()."""

    def __init__(self):
        template = f'{BUILD}/wineprefix'
        prefix.make_template(template, print)
        self.folder = tempfile.mkdtemp(prefix='vgpu-setup-test-', dir=BUILD)
        self.wine = f'{self.folder}/prefix'
        # Files are links to the template's: what replaces one never writes into it.
        subprocess.run(['cp', '-al', template, self.wine], check=True)
        for name in prefix.REGISTRY_FILES:
            os.unlink(f'{self.wine}/{name}')
            shutil.copy(f'{template}/{name}', f'{self.wine}/{name}')
        self.environment = dict(os.environ, WINEPREFIX=self.wine, WINEDEBUG='-all', WINEDLLPATH=prefix.WINE32,
                                WINEDLLOVERRIDES=f'winedbg.exe,{prefix.WITHOUT}', LC_ALL='C.UTF-8')
        self.environment.pop('DISPLAY', None)
        self.drive = f'{self.wine}/drive_c'
        self.keeper = None
        self.start()
        self.set_windows('win10')
        self.bring_pnputil()
        self.packages = {}

    def start(self):
        """A process that stays: Wine's services then do, too, and each program starts quickly."""
        self.keeper = subprocess.Popen(['wine', f'{PROGRAMS}/holder.exe', 'kernel32.dll'], env=self.environment,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.keeper.stdout.readline()

    def stop(self):
        prefix.stop_server(self.wine)
        self.keeper.communicate()

    def restart(self):
        """As Windows does: files that are to go at the next start, go."""
        self.stop()
        self.must('wineboot', '-r')
        self.start()

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def set_windows(self, version):
        self.must('reg', 'add', r'HKCU\Software\Wine', '/v', 'Version', '/d', version, '/f')

    def bring_pnputil(self):
        shutil.copy(f'{PROGRAMS}/pnputil.exe', f'{self.drive}/windows/system32/pnputil.exe')

    def package(self, version, **options):
        """Made once for each version."""
        if version not in self.packages:
            self.packages[version] = Package(f'{self.folder}/package-{version}', version, **options)
        return self.packages[version]

    def run(self, *command, text='', **environment):
        """(exit status, output). The exit status is what a Unix process can have of it: the lowest 8 bits."""
        result = subprocess.run(['wine', *command], env=dict(self.environment, **environment), input=text, timeout=LIMIT,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', errors='replace',
                                check=False)
        return result.returncode, result.stdout.replace('\r\n', '\n')

    def must(self, *command):
        status, output = self.run(*command)
        if status:
            raise AssertionError(f'{command}: {status}\n{output}')
        return output

    def setup(self, package, *arguments, **options):
        return self.run(f'{package.folder}/vgpu-setup.exe', *arguments, **options)

    def installed(self, *arguments, **options):
        """vgpu-setup from where it is installed."""
        return self.run(r'C:\Program Files\Virtual GPU\vgpu-setup.exe', *arguments, **options)

    def log(self):
        """What was logged since the last call."""
        path = f'{self.drive}/users/{os.environ.get("USER", "root")}/Temp/vgpu-setup.log'
        if not os.path.exists(path):
            return ''
        with open(path, encoding='utf-8') as file:
            text = file.read()
        os.unlink(path)
        return text

    def add_value(self, key, name, value, kind='REG_SZ'):
        self.must('reg', 'add', key, '/v', name, '/t', kind, '/d', value, '/f')

    def values(self, key):
        """{name: text of the value}, of one key."""
        status, output = self.run('reg', 'query', key)
        lines = [line.strip().split('    ') for line in output.splitlines() if line.startswith('    ')]
        return {line[0]: line[-1] for line in lines} if not status else None

    def read(self, path):
        with open(f'{self.drive}/{path}', 'rb') as file:
            return file.read()

    def write(self, path, text):
        os.makedirs(os.path.dirname(f'{self.drive}/{path}'), exist_ok=True)
        if os.path.lexists(f'{self.drive}/{path}'):
            os.unlink(f'{self.drive}/{path}')  # it may be a link to the template's
        with open(f'{self.drive}/{path}', 'w', encoding='ascii') as file:
            file.write(text)

    def exists(self, path):
        return os.path.lexists(f'{self.drive}/{path}')

    def picture(self, whole=False):
        """Every file of the drive, and the registry: what vgpu-setup can reach, or all of it, for which Wine's server has to
        write it down."""
        seen = {}
        for folder, folders, files in os.walk(self.drive):
            for name in folders:
                seen[PUBLISHED.sub('N', f'{folder}/{name}')] = 'folder'
            for name in files:
                path = f'{folder}/{name}'
                if not path.endswith(NOISE):
                    seen[PUBLISHED.sub('N', path)] = self._describe(path)
        for line in self._whole_registry() if whole else self.must(f'{PROGRAMS}/registry_dump.exe', *REACHED).splitlines():
            if not NO_PART.match(line):
                seen[line] = 'registry'
        return seen

    def _whole_registry(self):
        self.stop()
        for name in ('system.reg', 'user.reg'):
            key = ''
            with open(f'{self.wine}/{name}', encoding='utf-8', errors='surrogateescape') as file:
                for line in file:
                    if line.startswith('['):
                        key = line.rsplit(']', 1)[0][1:].replace('\\\\', '\\')
                        yield key
                    elif line.strip() and not line.startswith('#'):
                        yield f'{key} | {line.rstrip()}'
        self.start()

    @staticmethod
    def _describe(path):
        about = os.lstat(path)
        if about.st_nlink > 1 or os.path.islink(path):
            return about.st_ino, about.st_size, about.st_mtime_ns
        with open(path, 'rb') as file:
            return hashlib.sha1(file.read()).hexdigest()


def difference(before, after):
    """Lines that say what is not the same, '' when all is."""
    lines = [f'- {name}' for name in before if name not in after]
    lines += [f'+ {name}' for name in after if name not in before]
    lines += [f'! {name}' for name in before if name in after and before[name] != after[name]]
    return '\n'.join(sorted(lines, key=lambda line: line[2:]))
