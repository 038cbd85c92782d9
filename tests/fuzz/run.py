#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the fuzz targets of build/fuzz, all at once, each on a core.

 run.py [--seconds N]        from the committed inputs (corpus/*.zip), which are left as they are; the first crash ends it
 run.py --long FOLDER [--seconds N]  for hours: inputs and crashes are kept in FOLDER, and it goes on after a crash
 run.py --replay [--build NAME]      each committed input once
 run.py --merge FOLDER       the fewest inputs of FOLDER and of the committed ones that reach as much, to be committed
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CORPUS = f'{ROOT}/tests/fuzz/corpus'
TARGETS = ('ioctl', 'device')
OPTIONS = ['-detect_leaks=0', '-entropic=0', '-max_len=1024', '-timeout=60', '-rss_limit_mb=2048', '-print_final_stats=1']
MARGIN = 120  # seconds that starting and ending may take


def program(build, target):
    return f'{ROOT}/build/{build}/tests/fuzz/fuzz_{target}'


def unpack(target, folder):
    os.makedirs(folder, exist_ok=True)
    archive = f'{CORPUS}/{target}.zip'
    if os.path.exists(archive):
        with zipfile.ZipFile(archive) as file:
            file.extractall(folder)
    return folder


def pack(target, folder):
    """The same inputs make the same bytes."""
    os.makedirs(CORPUS, exist_ok=True)
    with zipfile.ZipFile(f'{CORPUS}/{target}.zip', 'w', zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(os.listdir(folder)):
            with open(f'{folder}/{name}', 'rb') as file:
                archive.writestr(zipfile.ZipInfo(name), file.read())


def start(command, log):
    with open(log, 'wb') as output:
        return subprocess.Popen(command, cwd=os.path.dirname(log), stdin=subprocess.DEVNULL, stdout=output,
                                stderr=subprocess.STDOUT)


def finish(process, limit):
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return 124


def figures(log):
    with open(log, encoding='utf-8', errors='replace') as file:
        text = file.read()
    last = re.findall(r'^#(\d+)\S*.*?cov: (\d+) ft: (\d+)', text, re.MULTILINE)
    return f'{last[-1][0]} runs, {last[-1][1]} edges, {last[-1][2]} features' if last else 'no figures'


def run_all(build, folder, arguments, limit):
    """The number of targets that failed."""
    logs = {target: f'{folder}/{target}.log' for target in TARGETS}
    processes = {target: start([program(build, target), *OPTIONS, *arguments(target)], logs[target]) for target in TARGETS}
    failed = 0
    for target, process in processes.items():
        status = finish(process, limit)
        print(f'fuzz_{target}: {"ok" if status == 0 else f"FAILED, status {status}"}, {figures(logs[target])}', flush=True)
        if status:
            failed += 1
            with open(logs[target], encoding='utf-8', errors='replace') as file:
                print(''.join(line for line in file if not line.startswith('driver:'))[-4000:], flush=True)
    return failed


def run_short(seconds):
    folder = f'{ROOT}/build/tests/fuzz'
    shutil.rmtree(folder, ignore_errors=True)
    for target in TARGETS:
        unpack(target, f'{folder}/{target}')
    return run_all('fuzz', folder, lambda target: [f'-max_total_time={seconds}', f'-artifact_prefix={folder}/{target}-',
                                                   f'{folder}/{target}'], seconds + MARGIN)


def run_long(folder, seconds):
    """On copies of the programs, so that they may be built anew meanwhile."""
    folder = os.path.realpath(folder)
    for target in TARGETS:
        unpack(target, f'{folder}/{target}')
        os.makedirs(f'{folder}/crashes', exist_ok=True)
        shutil.copy(program('fuzz', target), folder)
    processes = [start([f'{folder}/fuzz_{target}', *OPTIONS, '-fork=1', '-ignore_crashes=1', '-ignore_timeouts=1',
                        '-ignore_ooms=1', f'-max_total_time={seconds}', f'-artifact_prefix={folder}/crashes/{target}-',
                        f'{folder}/{target}'], f'{folder}/{target}.log') for target in TARGETS]
    failed = 0
    for target, process in zip(TARGETS, processes):
        finish(process, seconds + MARGIN)
        crashes = sum(name.startswith(f'{target}-') for name in os.listdir(f'{folder}/crashes'))
        print(f'fuzz_{target}: {figures(f"{folder}/{target}.log")}, {crashes} crashes in {folder}/crashes', flush=True)
        failed += crashes > 0
    return failed


def replay(build):
    folder = f'{ROOT}/build/tests/replay'
    shutil.rmtree(folder, ignore_errors=True)
    for target in TARGETS:
        unpack(target, f'{folder}/{target}')
    return run_all(build, folder, lambda target: ['-runs=0', f'{folder}/{target}'], 600)


def merge(source):
    for target in TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f'{folder}/new')
            unpack(target, f'{folder}/old')
            subprocess.run([program('fuzz', target), *OPTIONS, '-merge=1', '-use_counters=0', f'{folder}/new', f'{folder}/old',
                            f'{source}/{target}'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            pack(target, f'{folder}/new')
            print(f'fuzz_{target}: {len(os.listdir(f"{folder}/new"))} inputs, '
                  f'{os.path.getsize(f"{CORPUS}/{target}.zip")} bytes')
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seconds', type=int)
    parser.add_argument('--build', default='fuzz')
    parser.add_argument('--replay', action='store_true')
    parser.add_argument('--long', metavar='FOLDER')
    parser.add_argument('--merge', metavar='FOLDER')
    options = parser.parse_args()
    if options.merge:
        failed = merge(options.merge)
    elif options.long:
        failed = run_long(options.long, options.seconds or 7200)
    elif options.replay:
        failed = replay(options.build)
    else:
        failed = run_short(options.seconds or 300)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
