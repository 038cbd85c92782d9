#!/bin/sh
# SPDX-License-Identifier: MIT
# configure.sh [NAME...]: configures build/native, build/bench (Linux, without sanitizers) and build/win64, or only what is
# named. Does nothing to a folder that is configured; ninja re-runs meson by itself.
set -eu
cd "$(dirname "$0")/.."
names=${*:-native bench win64}
meson="/usr/bin/python3 build/tools/meson/meson.py"

wanted()
{
    case " $names " in *" $1 "*) [ ! -f "build/$1/build.ninja" ] ;; *) false ;; esac
}

if wanted native; then
    rm -rf build/native
    $meson setup build/native -Db_sanitize=address,undefined -Db_lundef=false
fi
if wanted bench; then
    rm -rf build/bench
    $meson setup build/bench -Dbuildtype=release
fi
if wanted win64; then
    rm -rf build/win64
    libgcc=$(x86_64-w64-mingw32-gcc-posix -print-libgcc-file-name)
    printf "[constants]\nlibgcc = '%s'\n" "$(dirname "$libgcc")" >build/win64-paths.ini
    $meson setup build/win64 --cross-file build/win64-paths.ini --cross-file scripts/cross-win64.ini
fi
