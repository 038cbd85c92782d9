# SPDX-License-Identifier: MIT
"""Archives of a folder that have the same bytes whenever and wherever they are made: sorted names, one date, no owners."""

import datetime
import hashlib
import os
import subprocess
import zipfile

LIMIT = 600  # seconds
FILE_MODE, FOLDER_MODE = 0o644, 0o755
DOS_FOLDER = 0x10


class ArchiveError(Exception):
    """What a tool said."""


def files_of(folder):
    """Every file below a folder, as paths relative to it, sorted."""
    return sorted(os.path.relpath(os.path.join(place, name), folder) for place, _, names in os.walk(folder) for name in names)


def settle(folder, when):
    """Gives everything below a folder one date, and modes without the user's umask."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            os.chmod(f'{place}/{name}', FILE_MODE)
            os.utime(f'{place}/{name}', (when, when))
        os.chmod(place, FOLDER_MODE)
        os.utime(place, (when, when))


def make_zip(folder, output, when):
    stamp = datetime.datetime.fromtimestamp(when, datetime.timezone.utc).timetuple()[:6]
    with zipfile.ZipFile(output, 'w') as archive:
        for name in files_of(folder):
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system = 3
            entry.external_attr = (0o100000 | FILE_MODE) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            with open(f'{folder}/{name}', 'rb') as file:
                archive.writestr(entry, file.read(), compresslevel=9)


def run(command, environment, folder=None):
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                check=False, timeout=LIMIT, cwd=folder, env={**os.environ, 'LC_ALL': 'C', 'TZ': 'UTC', **environment})
    except FileNotFoundError:
        raise ArchiveError(f'{command[0]} is not installed: run `make setup`') from None
    if result.returncode:
        raise ArchiveError(f'{command[0]}: {result.stdout.decode(errors="replace")[-2000:]}')


def make_iso(folder, output, when, label):
    """ISO 9660 with Joliet, which Windows reads, and Rock Ridge. The folder has been settled."""
    moment = f'{datetime.datetime.fromtimestamp(when, datetime.timezone.utc):%Y%m%d%H%M%S}00'
    if os.path.exists(output):
        os.unlink(output)
    run(['xorriso', '-no_rc', '-as', 'mkisofs', '-quiet', '-iso-level', '3', '-J', '-joliet-long', '-r', '-V', label,
         f'--modification-date={moment}', '--set_all_file_dates', moment, '-o', output, folder], {'SOURCE_DATE_EPOCH': str(when)})


def make_installer(script, stage, output, version, when):
    run(['makensis', '-V2', f'-DSTAGE={stage}', f'-DOUT={output}', f'-DVERSION={version}', script], {'SOURCE_DATE_EPOCH': str(when)})


def make_cabinet(folder, output):
    """What Microsoft's driver signing takes: the files in a folder of their own. The folder has been settled."""
    names = files_of(folder)
    if os.path.exists(output):
        os.unlink(output)
    run(['gcab', '--create', '--zip', os.path.abspath(output), *names], {}, folder)


def sha256(path):
    result = hashlib.sha256()
    with open(path, 'rb') as file:
        for block in iter(lambda: file.read(1 << 20), b''):
            result.update(block)
    return result.hexdigest()


def write_sums(folder, output):
    """sha256sum's format, of every file in a folder."""
    lines = [f'{sha256(f"{folder}/{name}")}  {name}\n' for name in files_of(folder)]
    with open(output, 'w', encoding='utf-8') as file:
        file.writelines(lines)
