#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make test`: sets up, builds, runs every test, and ends with 'N passed, N failed, N skipped' alone on a line. The exit
status is 1 when any failed. Nothing runs without a time limit."""

import json
import os
import re
import signal
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
OUT = f'{ROOT}/build/tests'
MESON = ['/usr/bin/python3', f'{ROOT}/build/tools/meson/meson.py']
SKIPPED = 77
SETUP_LIMIT, BUILD_LIMIT, CHECK_LIMIT, UNIT_LIMIT, E2E_LIMIT = 1500, 2700, 120, 1500, 2400  # seconds
SOAK_LIMIT = DOCS_LIMIT = 300
MSVC_LIMIT = 600
COVERAGE_LIMIT = 1200  # builds, too
CONFORMANCE_LIMIT = 900
CONFORMANCE_NATIVE_PASS = 240  # of the slice's 309 tests 246 pass on Debian 12's llvmpipe
FUZZ_SECONDS = 300  # each target, both at once
FUZZ_LIMIT = FUZZ_SECONDS + 180


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, passed, failed, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def line(self):
        skipped = f', {self.skipped} skipped' if self.skipped else ''
        return f'{self.passed} passed, {self.failed} failed{skipped}'


def run(command, limit, log=None):
    """Runs a command in a process group of its own; its exit status, 124 when the limit was reached."""
    output = open(log, 'wb') if log else None
    try:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT if log else None, start_new_session=True)
        try:
            return process.wait(limit)
        except (subprocess.TimeoutExpired, KeyboardInterrupt) as reason:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            if isinstance(reason, KeyboardInterrupt):
                raise
            print(f'{os.path.basename(command[0])}: not done after {limit} s', flush=True)
            return 124
    finally:
        if output:
            output.close()


def run_check(tally, name, command, limit=CHECK_LIMIT):
    log = f'{OUT}/{name}.log'
    status = run(command, limit, log)
    verdict = {0: 'ok', SKIPPED: 'skipped'}.get(status, 'FAILED')
    print(f'check {name}: {verdict}', flush=True)
    if status:
        with open(log, encoding='utf-8', errors='replace') as file:
            print(file.read(), end='', flush=True)
    tally.add(status == 0, status not in (0, SKIPPED), status == SKIPPED)


def count_unit_test(entry):
    """One entry of meson's log as (passed, failed, skipped); the cases inside count where cmocka or unittest tells them."""
    if entry['result'] == 'SKIP':
        return 0, 0, 1
    text = (entry.get('stdout') or '') + (entry.get('stderr') or '')
    passed = sum(int(number) for number in re.findall(r'\[  PASSED  \] (\d+) test', text))
    failed = sum(int(number) for number in re.findall(r'\[  FAILED  \] (\d+) test', text))
    if entry['result'] == 'OK':
        passed += sum(int(number) for number in re.findall(r'^Ran (\d+) tests? in', text, re.MULTILINE))
    if entry['result'] in ('OK', 'EXPECTEDFAIL'):
        return max(passed, 1), 0, 0
    return passed, max(failed, 1), 0


def run_unit_tests(tally, name, *suites):
    """The tests that meson knows of in build/NAME, or those of some suites."""
    folder = f'{ROOT}/build/{name}'
    log = f'{folder}/meson-logs/testlog.json'
    if os.path.exists(log):
        os.unlink(log)
    chosen = [argument for suite in suites for argument in ('--suite', suite)]
    status = run([*MESON, 'test', '-C', folder, *chosen, '--no-rebuild', '--print-errorlogs', '--timeout-multiplier', '4'], UNIT_LIMIT,
                 f'{OUT}/{name}.log')
    entries = []
    if os.path.exists(log):
        with open(log, encoding='utf-8', errors='replace') as file:
            entries = [json.loads(line) for line in file if line.strip()]
    any_failed = False
    for entry in entries:
        counts = count_unit_test(entry)
        any_failed |= counts[1] > 0
        tally.add(*counts)
        print(f'{name} {entry["name"]}: {entry["result"]}, {counts[0]} passed', flush=True)
    if status and not any_failed:
        print(f'{name}: meson test ended with status {status}')
        tally.add(0, 1)
    if status:
        with open(f'{OUT}/{name}.log', encoding='utf-8', errors='replace') as file:
            print(file.read()[-8000:], flush=True)


def run_coverage(tally):
    run_check(tally, 'coverage', [f'{ROOT}/scripts/coverage.py'], COVERAGE_LIMIT)
    with open(f'{OUT}/coverage.log', encoding='utf-8', errors='replace') as file:
        print(''.join(line for line in file if line.startswith('all ')), end='', flush=True)


def run_fuzzing(tally):
    """Each target is a test."""
    log = f'{OUT}/fuzz.log'
    run([f'{ROOT}/tests/fuzz/run.py', '--seconds', str(FUZZ_SECONDS)], FUZZ_LIMIT, log)
    with open(log, encoding='utf-8', errors='replace') as file:
        text = file.read()
    print(text, end='', flush=True)
    for target in ('ioctl', 'device'):
        passed = re.search(rf'^fuzz_{target}: ok, ', text, re.MULTILINE) is not None
        tally.add(passed, not passed)


def run_conformance(tally):
    """A public test of each area, natively and with us; expected.txt is of what Debian 12 has on the host's side."""
    folder = f'{ROOT}/build/conformance-slice'
    with open('/etc/debian_version', encoding='ascii') as file:
        if not file.read().startswith('12'):
            print('conformance: skipped: what is expected is known for Debian 12 alone', flush=True)
            tally.add(0, 0, 1)
            return
    if os.path.exists(f'{folder}/report.json'):
        os.unlink(f'{folder}/report.json')
    status = run([f'{ROOT}/scripts/with-display.sh', f'{ROOT}/tests/conformance/run.py', '--fresh', f'--folder={folder}',
                  '--stack=native', '--stack=ours', '--per-area=1'], CONFORMANCE_LIMIT, f'{OUT}/conformance.log')
    if status in (0, 1) and os.path.exists(f'{folder}/report.json'):
        with open(f'{folder}/report.json', encoding='utf-8') as file:
            report = json.load(file)
        unexpected, tests = report['unexpected'], report['native_stack']['tests']
        if report['native_stack']['native_pass'] < CONFORMANCE_NATIVE_PASS:
            unexpected.append(f'only {report["native_stack"]["native_pass"]} pass natively: there is nothing to compare with')
        print(f'conformance: {tests} tests, {len(unexpected)} results are not as expected', flush=True)
        print(''.join(f'  {line}\n' for line in unexpected), end='', flush=True)
        tally.add(max(tests - len(unexpected), 0), len(unexpected))
    else:
        print(f'conformance: did not come to its end (status {status})')
        with open(f'{OUT}/conformance.log', encoding='utf-8', errors='replace') as file:
            print(file.read()[-2000:], flush=True)
        tally.add(0, 1)


def run_end_to_end(tally):
    counts = f'{OUT}/e2e.counts'
    if os.path.exists(counts):
        os.unlink(counts)
    status = run([f'{ROOT}/tests/e2e/run.py', '--counts', counts], E2E_LIMIT)
    if os.path.exists(counts):
        with open(counts, encoding='ascii') as file:
            tally.add(*map(int, file.read().split()))
    else:
        print(f'the end-to-end tests did not come to their end (status {status})')
        tally.add(0, 1)


def run_all(tally):
    for step, limit in (('setup', SETUP_LIMIT), ('build', BUILD_LIMIT)):
        if run([f'{ROOT}/scripts/{step}.sh'], limit):
            tally.add(0, 1)
            return
    os.makedirs(OUT, exist_ok=True)
    for check in ('format', 'spdx'):
        run_check(tally, check, [f'{ROOT}/scripts/check.py', check])
    run_check(tally, 'opengl-dlls', [f'{ROOT}/tests/pe/test_icd.py', f'{ROOT}/build/mesa/out', f'{ROOT}/build/mesa/out32'])
    run_check(tally, 'docs', ['/usr/bin/python3', f'{ROOT}/tests/docs/test_docs.py'], DOCS_LIMIT)
    for name in ('msvc', 'windows_build', 'wdk_check'):
        run_check(tally, name, ['/usr/bin/python3', f'{ROOT}/tests/msvc/test_{name}.py'], MSVC_LIMIT)
    run_check(tally, 'wdk', [f'{ROOT}/tests/msvc/wdk_check.py', '--no-fetch'], MSVC_LIMIT)
    for folder in ('native', 'win64'):
        run_unit_tests(tally, folder)
    run_check(tally, 'soak', [f'{ROOT}/build/bench/bench/kernel-soak', '400000', '40000'], SOAK_LIMIT)
    run_unit_tests(tally, 'tsan', 'sim', 'kernel', 'driver')
    run_coverage(tally)
    run_fuzzing(tally)
    run_conformance(tally)
    run_end_to_end(tally)


def main():
    tally = Tally()
    run_all(tally)
    print(tally.line(), flush=True)
    return 1 if tally.failed else 0


if __name__ == '__main__':
    sys.exit(main())
