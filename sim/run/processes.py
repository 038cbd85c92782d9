# SPDX-License-Identifier: MIT
"""Child processes that never outlive the run."""
import ctypes
import os
import shutil
import signal
import subprocess

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 5


class RunError(Exception):
    """What went wrong, in words for the user."""


class Ended(Exception):
    """A signal asks us to stop."""

    def __init__(self, number):
        super().__init__()
        self.number = number


STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_on_signals():
    """From now on a signal to stop raises Ended."""
    def end(number, _frame):
        raise Ended(number)

    for number in STOPPING:
        signal.signal(number, end)


def ignore_signals():
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(command, **options):
    """Starts a command in a session of its own: a terminal's Ctrl-C reaches only us, and we stop the whole group."""
    try:
        return subprocess.Popen(command, start_new_session=True, preexec_fn=_die_with_parent, **options)
    except FileNotFoundError:
        raise RunError(f'{command[0]} is not installed: run `make setup`') from None


def stop(process):
    """Ends a process that start() made and all of its group."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            pass
        try:
            process.wait(STOP_SECONDS)
            if sign == signal.SIGKILL:
                return
        except subprocess.TimeoutExpired:
            pass


def is_alive(pid):
    return os.path.exists(f'/proc/{pid}')


def remove_leftovers(folder, prefix):
    """Removes files and folders PREFIX-PID-... whose process is gone: its run was killed before it could clean up."""
    for name in os.listdir(folder):
        parts = name[len(prefix):].split('-') if name.startswith(prefix) else []
        if parts and parts[0].isdigit() and not is_alive(int(parts[0])):
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                shutil.rmtree(path, ignore_errors=True)
                continue
            try:
                os.unlink(path)
            except OSError:
                pass
