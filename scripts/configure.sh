#!/bin/sh
# SPDX-License-Identifier: MIT
# Configures build/native, build/win64 and build/bench (Linux, without sanitizers). Does nothing to a folder that is configured; ninja re-runs meson by itself.
set -eu
cd "$(dirname "$0")/.."
meson="/usr/bin/python3 build/tools/meson/meson.py"

if [ ! -f build/native/build.ninja ]; then
    rm -rf build/native
    $meson setup build/native -Db_sanitize=address,undefined -Db_lundef=false
fi
if [ ! -f build/bench/build.ninja ]; then
    rm -rf build/bench
    $meson setup build/bench -Dbuildtype=release
fi
if [ ! -f build/win64/build.ninja ]; then
    rm -rf build/win64
    libgcc=$(x86_64-w64-mingw32-gcc-posix -print-libgcc-file-name)
    printf "[constants]\nlibgcc = '%s'\n" "$(dirname "$libgcc")" >build/win64-paths.ini
    $meson setup build/win64 --cross-file build/win64-paths.ini --cross-file scripts/cross-win64.ini
fi
