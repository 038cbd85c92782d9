# SPDX-License-Identifier: MIT
"""What requests cost in the driver: bench/kernel."""
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LIMIT = 600  # seconds


def measure():
    result = subprocess.run([f'{ROOT}/build/bench/bench/kernel-bench'], stdout=subprocess.PIPE, timeout=LIMIT, check=True)
    values = json.loads(result.stdout)
    for name, value in values.items():
        print(f'  {name:32} {value:12.1f}')
    return {**values, 'problems': []}
