# SPDX-License-Identifier: MIT
import sys

from hostcheck.main import main

if __name__ == '__main__':
    sys.exit(main())
