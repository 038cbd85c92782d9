# SPDX-License-Identifier: MIT
"""What every part of a release has in common: version, date, names."""

import datetime
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PRODUCT = 'Virtual GPU for Windows guests'
sys.path.insert(0, f'{ROOT}/scripts')
sys.dont_write_bytecode = True
from version import version  # noqa: E402,F401


class ReleaseError(Exception):
    """Why there is no release, and what to do."""


def git(*arguments):
    """What git says of this tree; None where it is none of git's."""
    result = subprocess.run(['git', '-c', f'safe.directory={ROOT}', '-C', ROOT, *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, check=False, text=True)
    return result.stdout.strip() if result.returncode == 0 else None


def epoch():
    """The release's date in seconds since 1970: SOURCE_DATE_EPOCH, or the commit's."""
    text = os.environ.get('SOURCE_DATE_EPOCH') or git('log', '-1', '--format=%ct')
    if not text or not text.isdigit() or int(text) < 1230768000 or int(text) >= 1 << 32:
        raise ReleaseError(f'the date of the release is not known ({text or "this folder is no git checkout"}): set SOURCE_DATE_EPOCH to '
                           'seconds since 1970, at least those of 2009')
    return int(text)


def date(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
