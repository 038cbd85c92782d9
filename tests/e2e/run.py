#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the end-to-end tests in a display of their own: run.py [--counts FILE] [NAME...]. NAME as `test_demo`,
`test_device.Device` or `test_device.Device.test_no_device`. FILE gets 'PASSED FAILED SKIPPED'."""

import argparse
import os
import sys
import unittest

FOLDER = os.path.dirname(os.path.realpath(__file__))
DISPLAY = os.path.join(FOLDER, '..', '..', 'scripts', 'with-display.sh')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--counts', metavar='FILE')
    parser.add_argument('names', nargs='*', metavar='NAME')
    arguments = parser.parse_args()
    if 'VGPU_SCREEN' not in os.environ:
        os.execv(DISPLAY, [DISPLAY, sys.executable] + sys.argv)

    sys.path.insert(0, FOLDER)
    sys.dont_write_bytecode = True
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(arguments.names) if arguments.names else loader.discover(FOLDER)
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout, descriptions=False).run(suite)
    failed, skipped = len(result.failures) + len(result.errors), len(result.skipped)
    if arguments.counts:
        with open(arguments.counts, 'w', encoding='ascii') as file:
            file.write(f'{max(result.testsRun - failed - skipped, 0)} {failed} {skipped}\n')
    return 0 if result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main())
