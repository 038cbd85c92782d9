# SPDX-License-Identifier: MIT
"""The host as vgpu-hostcheck sees it. `root` is a folder that stands for /, for images and tests."""
import glob
import grp
import os
import pwd
import shutil
import stat
import subprocess

COMMAND_SECONDS = 15


class CommandFailed(Exception):
    """A program that did not run, in words."""


class System:
    def __init__(self, root='/', user=None):
        self.root = root
        entry = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
        self.user, self.uid = entry.pw_name, entry.pw_uid
        self.groups = set(os.getgrouplist(entry.pw_name, entry.pw_gid)) if user else {os.getegid(), *os.getgroups()}

    def path(self, path):
        return os.path.join(self.root, path.lstrip('/'))

    def find(self, *patterns):
        """Paths, as the host names them, that match."""
        found = (name for pattern in patterns for name in sorted(glob.glob(self.path(pattern))))
        return ['/' + os.path.relpath(name, self.root) for name in found]

    def exists(self, path):
        return os.path.exists(self.path(path))

    def link(self, path):
        """The last part of what a link leads to, or None."""
        try:
            return os.path.basename(os.readlink(self.path(path)))
        except OSError:
            return None

    def may_use(self, path):
        """Whether the user may read and write it: by owner, group and mode, or by the system's word where it is ourselves."""
        if self.uid == os.geteuid() and os.access(self.path(path), os.R_OK | os.W_OK):
            return True
        if self.uid == 0:
            return os.geteuid() != 0
        status = os.stat(self.path(path))
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid in self.groups else 0
        return (status.st_mode >> shift) & 6 == 6

    def owner(self, path):
        """(mode as ls shows it, name of the group)"""
        status = os.stat(self.path(path))
        try:
            group = grp.getgrgid(status.st_gid).gr_name
        except KeyError:
            group = str(status.st_gid)
        return stat.filemode(status.st_mode), group


def as_user(name):
    """Options of subprocess to run as somebody else, which root alone can."""
    entry = pwd.getpwnam(name) if name else None
    if not entry or entry.pw_uid == os.geteuid() or os.geteuid() != 0:
        return {}
    return {'user': entry.pw_uid, 'group': entry.pw_gid, 'extra_groups': os.getgrouplist(name, entry.pw_gid)}


def find_program(names):
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    return None


def output(command, seconds=COMMAND_SECONDS, **options):
    """(exit status, standard output, standard error) of a short command."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              errors='replace', timeout=seconds, check=False, **options)
    except OSError as reason:
        raise CommandFailed(reason.strerror or str(reason)) from None
    except subprocess.TimeoutExpired:
        raise CommandFailed(f'no end after {seconds} seconds') from None
    return done.returncode, done.stdout, done.stderr
