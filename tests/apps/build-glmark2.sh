#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds glmark2 of Debian's sources into build/apps: for Windows, 64 and 32 bits, and for this machine, as the reference; with
# the libraries that it reads its textures with. Does nothing when that is there.
set -eu
cd "$(dirname "$0")/../.."

out=build/apps
jobs=${JOBS:-$(nproc)}
names="glmark2 libjpeg-turbo libpng1.6 zlib"
key=$( { cat tests/apps/build-glmark2.sh tests/apps/glmark2.mk tests/apps/frames.* tests/apps/windows/sys/resource.h; grep -F .orig.tar scripts/pins.txt; } | sha256sum)
[ -f $out/done ] && [ "$(cat $out/done)" = "$key" ] && exit 0

rm -rf $out
for name in $names; do
    archive=build/downloads/$(sed -n "s|.*/\(${name}_[^/]*\)\$|\1|p" scripts/pins.txt)
    [ -f "$archive" ] || { echo "$archive is missing: run scripts/setup.sh" >&2; exit 1; }
    mkdir -p $out/source/"${name%1.6}"
    tar -xf "$archive" -C $out/source/"${name%1.6}" --strip-components=1
done

# Two lines more in glmark2: a frame is read before it is swapped, and the last one is kept when a scene ends.
src=$out/source
sed -i -e 's/^#include "canvas-generic.h"/&\n#include "frames.h"/' \
    -e '/^CanvasGeneric::update()/{n;s/{/{\n    FrameDrawn(width_, height_);/}' $src/glmark2/src/canvas-generic.cpp
sed -i -e 's/^#include "main-loop.h"/&\n#include "frames.h"/' \
    -e 's/^\( *\)(\*bench_iter_)->teardown_scene();/\1SceneEnded();\n&/' $src/glmark2/src/main-loop.cpp
grep -q 'FrameDrawn(' $src/glmark2/src/canvas-generic.cpp
grep -q 'SceneEnded(' $src/glmark2/src/main-loop.cpp

cp $src/libpng/scripts/pnglibconf.h.prebuilt $src/libpng/pnglibconf.h
cat >$src/libjpeg-turbo/jconfig.h <<CONFIG
#define JPEG_LIB_VERSION 62
#define LIBJPEG_TURBO_VERSION 2.1.5
#define LIBJPEG_TURBO_VERSION_NUMBER 2001005
#define D_ARITH_CODING_SUPPORTED 1
#define C_ARITH_CODING_SUPPORTED 1
#define MEM_SRCDST_SUPPORTED 1
#define BITS_IN_JSAMPLE 8
CONFIG
cat >$src/libjpeg-turbo/jconfigint.h <<CONFIG
#define BUILD ""
#define INLINE inline
#define THREAD_LOCAL __thread
#define PACKAGE_NAME "libjpeg-turbo"
#define VERSION "2.1.5"
#define SIZEOF_SIZE_T __SIZEOF_SIZE_T__
#define FALLTHROUGH __attribute__((fallthrough));
CONFIG
sed -e 's/@COPYRIGHT_YEAR@/1991-2023/' $src/libjpeg-turbo/jversion.h.in >$src/libjpeg-turbo/jversion.h

# build FOLDER PROGRAM SYSTEM COMPILER-PREFIX COMPILER-SUFFIX
build()
{
    mkdir -p $out/"$1"
    make -s -j "$jobs" -f tests/apps/glmark2.mk PROGRAM=$out/"$1"/"$2" OBJ=$out/"$1" SRC=$src HERE=tests/apps SYSTEM="$3" \
        CC="$CCACHE $4gcc$5" CXX="$CCACHE $4g++$5"
}
CCACHE=$(command -v ccache || :)
build linux glmark2 x11 "" ""
build win64 glmark2.exe win32 x86_64-w64-mingw32- -posix
build win32 glmark2.exe win32 i686-w64-mingw32- -posix
echo "$key" >$out/done
