# SPDX-License-Identifier: MIT
"""Runs tests of piglit on a stack. Shader tests share a process, for starting one costs more than most of them; whatever
does not pass there is run again alone, so that a result never depends on who else was there."""
import json
import os
import re
import signal
import subprocess

BROKEN = (70, 97, 98, 99)  # of the native stack: a rule of the device's or the simulator's, a stuck thread, a sanitizer
STOP_SECONDS = 20
PATIENCE = 3  # a test that is slow on a busy machine gets so many times the limit before it is said to hang
MARK = re.compile(r'PIGLIT TEST: (\d+) - ')


def run(stack, command, limit, folder):
    """A program's exit status, None when the time was up, and its output."""
    process = subprocess.Popen([*stack.prefix, *command], env=stack.values, cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=limit)
        return process.returncode, output.decode(errors='replace')
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)  # what started others ends them
        try:
            output, _ = process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
        return None, output.decode(errors='replace')
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)  # what it may have left
        except ProcessLookupError:
            pass


def _said(line):
    try:
        return json.loads(line[len('PIGLIT:'):])
    except ValueError:
        return {}


def verdict(status, output):
    """A lone test's result."""
    if status is None:
        return 'hang'
    if status < 0 or status in BROKEN or status > 128:
        return 'crash'
    if status > 1 and 'PIGLIT:' not in output:
        return 'crash'  # of a Windows program, whose status has eight bits of the exception's number
    result = 'fail'
    for line in output.splitlines():
        if line.startswith('PIGLIT:'):
            result = _said(line).get('result', result)
    return 'fail' if status and result in ('pass', 'warn') else result


def verdicts(output, number):
    """The results that a process said of so many shader tests; those it did not come to are missing."""
    results, current = {}, None
    for line in output.splitlines():
        mark = MARK.match(line)
        if mark:
            current = int(mark[1]) - 1
        elif line.startswith('PIGLIT:') and current is not None:
            said = _said(line)
            for result in said.get('subtest', {}).values():
                results[current] = result
    return {index: result for index, result in results.items() if index < number}


def alone(stack, test, limit, folder):
    command = [*test.command, test.shader, '-auto', '-fbo'] if test.shader else list(test.command)
    if not os.path.exists(command[0]):
        return 'skip', 'the program is not there'
    status, output = run(stack, command, limit, folder)
    if status is None:
        status, output = run(stack, command, PATIENCE * limit, folder)
    return verdict(status, output), f'{output}\n(exit status {status})'


def batch(stack, tests, limit, folder):
    """Yields (test, result, output) for tests of one program, or for a single one of any."""
    left, suspects = list(tests), []
    while len(left) > 1:
        command = [*left[0].command, *(test.shader for test in left), '-auto', '-fbo', '-report-subtests']
        status, output = run(stack, command, limit + 2 * len(left), folder)
        if status not in (0, 1):
            break
        found = verdicts(output, len(left))
        for index, result in found.items():
            if result in stack.trusted:
                yield left[index], result, ''
        end = max(found, default=-1) + 2  # the program ends at a test that this OpenGL has no context for
        suspects += [test for index, test in enumerate(left[:end]) if found.get(index) not in stack.trusted]
        left = left[end:]
    for test in suspects + left:
        yield (test, *alone(stack, test, limit, folder))


def batches(tests, size):
    """Shader tests of the same program together, the largest batches first; else in the order of their names."""
    waiting, made = {}, []
    for test in tests:
        if not test.shader:
            made.append([test])
            continue
        group = waiting.setdefault(test.command, [])
        group.append(test)
        if len(group) == size:
            made.append(waiting.pop(test.command))
    return sorted(made + list(waiting.values()), key=len, reverse=True)
