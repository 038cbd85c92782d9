#!/bin/sh
# SPDX-License-Identifier: MIT
# configure.sh [NAME...]: configures build/native, build/bench (Linux, without sanitizers), build/fuzz (the fuzz targets),
# build/tsan (build/native's programs under ThreadSanitizer), build/win64 and build/win32 (32-bit programs), or only what is
# named. Does nothing to a folder that is configured; ninja re-runs meson by itself.
set -eu
cd "$(dirname "$0")/.."
names=${*:-native bench fuzz tsan win64 win32}
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
if wanted fuzz; then
    rm -rf build/fuzz
    CC=clang $meson setup build/fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
fi
if wanted tsan; then
    rm -rf build/tsan
    CC=clang $meson setup build/tsan -Db_sanitize=thread -Db_lundef=false
fi
# windows_build NAME TRIPLE
windows_build()
{
    wanted "$1" || return 0
    rm -rf "build/$1"
    libgcc=$("$2-gcc-posix" -print-libgcc-file-name)
    printf "[constants]\nlibgcc = '%s'\n" "$(dirname "$libgcc")" >"build/$1-paths.ini"
    $meson setup "build/$1" --cross-file "build/$1-paths.ini" --cross-file "scripts/cross-$1.ini"
}

windows_build win64 x86_64-w64-mingw32
windows_build win32 i686-w64-mingw32
