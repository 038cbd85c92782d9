#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make conformance`: Debian's piglit natively, on the native stack and through Mesa's virgl for Linux, test by test.

Results are kept in a folder as they come: the same command goes on where it was stopped. It ends with the status 1 when a
result is not what expected.txt says, in either direction. Without a choice, all of piglit's quick_gl and quick_shader run.
"""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import compare  # noqa: E402
import execute  # noqa: E402
import stacks  # noqa: E402
import suite  # noqa: E402
import windows_build  # noqa: E402
import windows_set  # noqa: E402
from sim.run import processes  # noqa: E402


def parse():
    parser = argparse.ArgumentParser(prog='conformance', description=__doc__.split('\n')[0], epilog=__doc__.split('\n', 2)[2])
    parser.add_argument('--folder', default=f'{stacks.ROOT}/build/conformance', help='of the results; default: build/conformance')
    parser.add_argument('--stack', action='append', choices=(*stacks.NAMES, *windows_set.NAMES), metavar='NAME',
                        help=f'only this one; may be repeated: {", ".join(stacks.NAMES)}; with --windows {", ".join(windows_set.NAMES)}')
    parser.add_argument('--windows', action='store_true',
                        help='the tests of windows/tests.txt, natively and as Windows programs, on both devices, with 64 and 32 bits')
    parser.add_argument('--filter', metavar='TEXT', help='only tests whose names contain it')
    parser.add_argument('--slice', metavar='N/M', help='the Nth of M mixtures of equal size')
    parser.add_argument('--per-area', type=int, metavar='K', help='K tests of each area')
    parser.add_argument('--jobs', type=int, default=2, metavar='N', help='processes at a time; default: 2')
    parser.add_argument('--batch', type=int, default=40, metavar='N', help='shader tests in a process; default: 40')
    parser.add_argument('--limit', type=float, default=60, metavar='S', help='seconds for a test; default: 60')
    parser.add_argument('--fresh', action='store_true', help='forget what the folder holds')
    parser.add_argument('--report-only', action='store_true', help='of the results that are there')
    return parser.parse_args()


def choose(options):
    tests = suite.load()
    if options.windows:
        tests = {test.name: test for test in windows_set.choose(tests)}
        windows_build.build(windows_set.programs(tests.values()))
    names = [name for name in tests if not options.filter or options.filter in name]
    if options.per_area:
        names = suite.per_area(names, options.per_area)
    if options.slice:
        number, parts = map(int, options.slice.split('/'))
        if not 1 <= number <= parts:
            raise suite.SuiteError(f'--slice={options.slice}: N is from 1 to M')
        names = suite.sliced(names, number, parts)
    return [tests[name] for name in sorted(names)]


def load(path):
    """Results that a file holds; its last line may be half written."""
    results = {}
    if os.path.exists(path):
        with open(path, encoding='utf-8') as file:
            for line in file:
                try:
                    results.update([json.loads(line)])
                except ValueError:
                    pass
    return results


class Progress:
    def __init__(self, name, total):
        self.name, self.total, self.done, self.begin, self.said = name, total, 0, time.monotonic(), 0

    def step(self):
        self.done += 1
        now = time.monotonic()
        if now - self.said < 10 and self.done != self.total:
            return
        self.said = now
        left = (now - self.begin) / self.done * (self.total - self.done)
        print(f'{self.name}: {self.done} of {self.total}, about {left / 60:.0f} min left', flush=True)


def run_stack(options, name, tests):
    """Runs what has no result yet."""
    path = f'{options.folder}/{name}.jsonl'
    known = load(path)
    left = [test for test in tests if test.name not in known]
    if not left:
        return
    progress, lock, ending = Progress(name, len(left)), threading.Lock(), threading.Event()
    if name in windows_set.NAMES:
        stack = windows_set.Stack(name, suite.find())
        left = [stack.test(test) for test in left]
    else:
        stack = stacks.Stack(name, suite.find())
    try:
        with open(path, 'a', encoding='utf-8') as results, open(f'{options.folder}/{name}.log', 'a', encoding='utf-8') as log, \
                tempfile.TemporaryDirectory(prefix='vgpu-conformance-') as folder, \
                concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            def work(tests):
                for test, result, output in execute.batch(stack, tests, options.limit, folder):
                    with lock:
                        results.write(json.dumps([test.name, result]) + '\n')
                        results.flush()
                        if result not in ('pass', 'skip'):
                            log.write(f'== {test.name}: {result}\n{output[-3000:]}\n')
                            log.flush()
                        progress.step()
                    if ending.is_set():
                        return

            try:
                for _ in pool.map(work, execute.batches(left, options.batch)):
                    pass
            except BaseException:
                ending.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise
    finally:
        stack.stop()


def report(options, tests):
    chosen = {test.name for test in tests}
    results = {name: {test: result for test, result in load(f'{options.folder}/{name}.jsonl').items() if test in chosen}
               for name in (*stacks.NAMES, *windows_set.NAMES)}
    windows, windows_said = windows_set.report(results['native'], {name: results[name] for name in windows_set.NAMES if results[name]})
    rows = compare.table(results)
    said = compare.unexpected(rows, compare.expectations()) + windows_said
    summary = compare.summary(rows)
    with open(f'{options.folder}/report.json', 'w', encoding='utf-8') as file:
        json.dump({'native_stack': summary, 'windows': windows, 'unexpected': said}, file, indent=1)
    with open(f'{options.folder}/report.txt', 'w', encoding='utf-8') as file:
        for row in sorted(rows, key=lambda row: compare.kind(row[1], row[2])):
            file.write(f'{compare.kind(row[1], row[2])}: {row[0]}: native {row[1]}, ours {row[2]}, Linux virgl {row[3] or "not run"}\n')
    print(json.dumps(windows if options.windows else summary, indent=1))
    for line in said:
        print(f'unexpected: {line}')
    print(f'{options.folder}/report.json, report.txt; {len(said)} unexpected')
    if not rows and not windows:
        print('conformance: nothing was compared', file=sys.stderr)
    return 1 if said or not (rows or windows) else 0


def main():
    options = parse()
    processes.end_on_signals()
    try:
        tests = choose(options)
        if not options.report_only and 'DISPLAY' not in os.environ:
            raise suite.SuiteError('there is no display: run `make conformance`, or scripts/with-display.sh')
        os.makedirs(options.folder, exist_ok=True)
        chosen = options.stack or (('native', *windows_set.NAMES) if options.windows else stacks.NAMES)
        for name in [] if options.report_only else chosen:
            if options.fresh and os.path.exists(f'{options.folder}/{name}.jsonl'):
                os.unlink(f'{options.folder}/{name}.jsonl')
            run_stack(options, name, tests)
        return report(options, tests)
    except (suite.SuiteError, compare.ExpectationError, windows_build.BuildError, processes.RunError, subprocess.SubprocessError) as error:
        print(f'conformance: {error}', file=sys.stderr)
        return 2
    except processes.Ended as ended:
        print('conformance: stopped; the same command goes on', file=sys.stderr)
        return 128 + ended.number


if __name__ == '__main__':
    sys.exit(main())
