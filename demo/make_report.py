#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Turns what one run of the demo left in a folder into demo.png and report.json, and holds the result against bounds.

The folder holds: run.json and run.rgba (the run to judge), reference.json and reference.rgba (the same frames by another
renderer), screen.xwd (the screen while the run's last frame was on it). Exit status 1: a bound is not met."""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys

import picture

MIN_PSNR_DB = 40
MIN_GL = (4, 3)
# What a frame may cost at most; the last of these is not bounded.
COUNTERS = {'submits_per_frame': 1, 'waits_per_frame': 1, 'doorbells_per_frame': 2, 'interrupts_per_frame': 2,
            'kernel_bytes_copied_per_frame': 0, 'images_shown_per_frame': 1, 'pixel_copies_per_frame': 1,
            'ioctls_per_frame': None}
AROUND = 2  # what may happen once before and after all frames


class Unusable(Exception):
    pass


def load(path):
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise Unusable(f'{path}: {error}') from error


def compare(tool, first, second, size):
    result = subprocess.run([tool, first, second, size], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            check=False)
    if result.returncode:
        raise Unusable(f'{os.path.basename(second)} against {os.path.basename(first)}: {result.stderr.strip()}')
    return json.loads(result.stdout)


def last_frame(path, size):
    with open(path, 'rb') as file:
        file.seek(-size, os.SEEK_END)
        return file.read()


def window_psnr(folder, tool, width, height):
    """The window's inside, as the screen shows it, against the last frame as the program read it back."""
    shown = picture.crop(picture.read_xwd(f'{folder}/screen.xwd'), width, height)
    picture.write_png(f'{folder}/demo.png', shown)
    with open(f'{folder}/shown.rgba', 'wb') as file:
        file.write(picture.flip(shown)[2])
    with open(f'{folder}/last.rgba', 'wb') as file:
        file.write(last_frame(f'{folder}/run.rgba', width * height * 4))
    return compare(tool, f'{folder}/last.rgba', f'{folder}/shown.rgba', f'{width}x{height}')['psnr_min_db']


def sha256(path):
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        for block in iter(lambda: file.read(1 << 20), b''):
            digest.update(block)
    return digest.hexdigest()


def any_case(path):
    """The file whose name differs from the path's last part in case only, or None. Windows' names have no case."""
    folder, name = os.path.split(path)
    if not os.path.isdir(folder):
        return None
    return next((f'{folder}/{entry}' for entry in os.listdir(folder) if entry.lower() == name.lower()), None)


def unix_path(loaded, prefix):
    """A path as a program under Wine sees it, as the file of this system, or None."""
    path = loaded.replace('\\', '/')
    path = re.sub(r'^//\?/', '', path)
    if path[:2].lower() == 'z:':
        return any_case(path[2:])
    if path[:2].lower() == 'c:' and prefix:
        return any_case(f'{prefix}/drive_c{path[2:]}')
    return None


def check_binaries(built_files, run, prefix, problems):
    """The files that the program's process had loaded must be the ones that were built."""
    sums = {}
    for built in built_files:
        name = os.path.basename(built)
        loaded = run.get(name)
        if not loaded:
            problems.append(f'{name} was not loaded')
            continue
        path = unix_path(loaded, prefix)
        if not path:
            problems.append(f'{name} was loaded from {loaded}, which cannot be looked at')
            continue
        sums[name] = sha256(path)
        if sums[name] != sha256(built):
            problems.append(f'{name} was loaded from {loaded}, which is not the file that was built')
    return sums


def check_bounds(report, problems, pictures=('psnr_readback_db', 'psnr_window_db')):
    for name in pictures:
        if report[name] < MIN_PSNR_DB:
            problems.append(f'{name} is {report[name]}, less than {MIN_PSNR_DB}')
    version = re.match(r'(\d+)\.(\d+)', report['gl_version'])
    if not version or (int(version[1]), int(version[2])) < MIN_GL:
        problems.append(f'gl_version is {report["gl_version"]}, less than {MIN_GL[0]}.{MIN_GL[1]}')
    for name, bound in COUNTERS.items():
        if name not in report:
            problems.append(f'the driver gave no {name}')
        elif bound is not None and report[name] > bound + AROUND / report['frames']:
            problems.append(f'{name} is {report[name]:.3f}, more than {bound}')
    if report.get('device_violations'):
        problems.append(f'the device broke the rules {report["device_violations"]} times, says the driver')


def make_report(folder, tool, built_files, prefix, window=True):
    run, reference = load(f'{folder}/run.json'), load(f'{folder}/reference.json')
    problems = []
    width, height = run['width'], run['height']
    frames = compare(tool, f'{folder}/reference.rgba', f'{folder}/run.rgba', f'{width}x{height}')
    modules = {os.path.basename(built) for built in built_files}
    report = {name: value for name, value in run.items() if name not in modules}
    report.update({
        'fps_native_llvmpipe': reference['fps'],
        'native_gl_version': reference['gl_version'],
        'native_gl_renderer': reference['gl_renderer'],
        'psnr_readback_db': frames['psnr_min_db'],
        'psnr_readback_mean_db': frames['psnr_mean_db'],
        'psnr_window_db': window_psnr(folder, tool, width, height),
        'frames_compared': frames['frames'],
        'frames_identical': frames['identical'],
        'largest_difference': frames['largest_difference'],
        'sha256': check_binaries(built_files, run, prefix, problems),
    })
    check_bounds(report, problems, ('psnr_readback_db', 'psnr_window_db')[:1 + window])
    report['problems'] = problems
    with open(f'{folder}/report.json', 'w', encoding='utf-8') as file:
        json.dump(report, file, indent='\t')
        file.write('\n')
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--compare', required=True, metavar='TOOL', help='the program vgpu-compare')
    parser.add_argument('--prefix', metavar='FOLDER', help="Wine's prefix that the program ran in")
    parser.add_argument('--any-window', action='store_true', help='whatever the window shows')
    parser.add_argument('--built', action='append', default=[], metavar='FILE', help='a file that must have been loaded')
    parser.add_argument('folder')
    arguments = parser.parse_args()
    try:
        report = make_report(arguments.folder, arguments.compare, arguments.built, arguments.prefix,
                             not arguments.any_window)
    except (Unusable, picture.PictureError, OSError, KeyError) as error:
        print(f'demo: no report: {error!r}' if isinstance(error, KeyError) else f'demo: no report: {error}', file=sys.stderr)
        return 1
    for name, value in report.items():
        if isinstance(value, (str, int, float)):
            print(f'  {name:32} {value:.2f}' if isinstance(value, float) else f'  {name:32} {value}')
    for problem in report['problems']:
        print(f'demo: {problem}', file=sys.stderr)
    return 1 if report['problems'] else 0


if __name__ == '__main__':
    sys.exit(main())
