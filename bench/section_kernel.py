# SPDX-License-Identifier: MIT
"""What requests cost in the driver: bench/kernel. And what the tests last said of it, where they ran."""
import json
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LIMIT = 600  # seconds
COVERAGE = f'{ROOT}/build/tests/coverage.json'
UNIT_TESTS = f'{ROOT}/build/native/meson-logs/testlog.json'
BOUNDS = {'pool_bytes_per_context': 16384, 'pool_bytes_per_resource': 256, 'doorbells_per_submit': 1.0}
# What one costs beside few and beside many. The measured times swing by a third on a machine that does other things too.
GROWTH = (('submit_ns', 'submit_ns_64_contexts'), ('submit_ns_10_resources', 'submit_ns_100k_resources'),
          ('create_destroy_ns_10_resources', 'create_destroy_ns_100k_resources'))
MAX_GROWTH = 1.5


def last_coverage():
    try:
        with open(COVERAGE, encoding='utf-8') as file:
            coverage = json.load(file)['all']
    except FileNotFoundError:
        return {}
    return {f'coverage_{kind}_percent': coverage[f'{kind}_percent'] for kind in ('lines', 'branches')}


def last_fault_points():
    try:
        with open(UNIT_TESTS, encoding='utf-8', errors='replace') as file:
            found = re.findall(r'fault points: (\d+), failures: 0', file.read())
    except FileNotFoundError:
        found = []
    return {'fault_points': int(found[-1])} if found else {}


def problems(values):
    found = [f'{name} is {values[name]:.1f}, more than {most}' for name, most in BOUNDS.items() if values[name] > most]
    for few, many in GROWTH:
        if values[many] > MAX_GROWTH * values[few]:
            found.append(f'{many} is {values[many] / values[few]:.2f} times {few}')
    return found


def measure():
    result = subprocess.run([f'{ROOT}/build/bench/bench/kernel-bench'], stdout=subprocess.PIPE, timeout=LIMIT, check=True)
    values = json.loads(result.stdout)
    values['submit_ns_100k_resources_over_10'] = values['submit_ns_100k_resources'] / values['submit_ns_10_resources']
    values.update(last_coverage())
    values.update(last_fault_points())
    for name, value in values.items():
        print(f'  {name:34} {value:12.2f}')
    for name in ('coverage_lines_percent', 'fault_points'):
        if name not in values:
            print(f'  {name}: not known, the tests have not run here')
    return {**values, 'problems': problems(values)}
