#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make_program.py RESULT FILE...: the modules as one executable file (a zip that Python runs), the same bytes for the same
modules."""
import os
import sys
import zipfile

HERE = os.path.dirname(os.path.realpath(__file__))
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def main(result, files):
    with open(result, 'wb') as output:
        output.write(b'#!/usr/bin/env python3\n')
        with zipfile.ZipFile(output, 'w', zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(os.path.relpath(file, HERE) for file in files):
                with open(f'{HERE}/{name}', 'rb') as file:
                    archive.writestr(zipfile.ZipInfo(name, LONG_AGO), file.read(), zipfile.ZIP_DEFLATED)
    os.chmod(result, 0o755)


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2:])
