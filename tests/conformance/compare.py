# SPDX-License-Identifier: MIT
"""Results side by side, against what is expected."""
import os
import re

FOLDER = os.path.dirname(os.path.realpath(__file__))
GOOD = ('pass', 'warn')


class ExpectationError(Exception):
    """A file of expectations is wrong."""


def expectations(path=f'{FOLDER}/expected.txt'):
    """[(kind, name, cause)]. A line is 'fail NAME: cause' or 'flaky NAME: cause'. NAME may end with *, and has no ': '."""
    expected = []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith('#'):
                continue
            match = re.fullmatch(r'(fail|flaky) (.+?): (\S.*)', line)
            if not match:
                raise ExpectationError(f'{path}:{number}: not "fail NAME: cause" or "flaky NAME: cause"')
            expected.append((match[1], match[2], match[3]))
    return expected


def expectation(expected, name):
    """The first line that names the test: (kind, cause), or None."""
    for what, pattern, cause in expected:
        if name == pattern or pattern.endswith('*') and name.startswith(pattern[:-1]):
            return what, cause
    return None


def table(results):
    """[(name, native, ours, peer)] of all tests that ran natively and with us."""
    names = sorted(set(results['native']) & set(results['ours']))
    return [(name, results['native'][name], results['ours'][name], results.get('peer', {}).get(name)) for name in names]


def kind(native, ours):
    return {(True, False): 'only native passes', (False, False): 'neither passes', (True, True): 'both pass',
            (False, True): 'only we pass'}[native in GOOD, ours in GOOD]


def unexpected(rows, expected):
    """What to say of each result that is not as expected."""
    said = []
    for name, native, ours, _ in rows:
        known = expectation(expected, name)
        if ours in ('crash', 'hang') and native not in ('crash', 'hang') and not known:
            said.append(f'{name}: {ours}')
        elif native in GOOD and ours not in GOOD and not known:
            said.append(f'{name}: passes natively, {ours} with us')
        elif native in GOOD and ours in GOOD and known and known[0] == 'fail':
            said.append(f'{name}: passes, but is expected to fail ({known[1]})')
    return said


def percent(part, whole):
    return round(100 * part / whole, 3) if whole else None


def summary(rows):
    passed = [row for row in rows if row[1] in GOOD]
    peer = [row for row in passed if row[3] is not None]
    counts = {}
    for _, native, ours, _ in rows:
        counts[kind(native, ours)] = counts.get(kind(native, ours), 0) + 1
    return {
        'tests': len(rows), 'native_pass': len(passed), 'counts': counts,
        'ours_pass_of_native_pass_percent': percent(sum(row[2] in GOOD for row in passed), len(passed)),
        'linux_virgl_pass_of_native_pass_percent': percent(sum(row[3] in GOOD for row in peer), len(peer)),
        'linux_virgl_tests': sum(row[3] is not None for row in rows),
        'ours_fails_where_linux_virgl_passes': sum(row[2] not in GOOD and row[3] in GOOD for row in peer),
        'ours_skips_of_native_pass': sum(row[2] == 'skip' for row in passed),
        'crashes': sum(row[2] == 'crash' for row in rows), 'hangs': sum(row[2] == 'hang' for row in rows),
    }
