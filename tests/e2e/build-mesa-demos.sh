#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds Windows programs of the Mesa demos, as released, into build/tests/mesa-demos. Does nothing when they are there.
set -eu
cd "$(dirname "$0")/../.."

out=build/tests/mesa-demos
archive=build/downloads/$(sed -n 's|.*/\(mesa-demos_[^/]*\)$|\1|p' scripts/pins.txt)
cc="x86_64-w64-mingw32-gcc-posix -O2 -w -static"
[ -f $out/done ] && [ "$(cat $out/done)" = "$(basename "$archive")" ] && exit 0

rm -rf $out
mkdir -p $out/source
tar -xf "$archive" -C $out/source --strip-components=1
src=$out/source/src
glad="-I$src/glad/include $src/glad/src/glad.c $src/glad/src/glad_wgl.c"
libraries="-lopengl32 -lgdi32 -lwinmm"

$cc $src/wgl/wincopy.c $src/wgl/wglutil.c $glad $libraries -mwindows -o $out/wincopy.exe
$cc $src/wgl/wglgears.c $glad $libraries -lglu32 -o $out/wglgears.exe
$cc $src/wgl/sharedtex_mt.c $glad $libraries -o $out/sharedtex_mt.exe
$cc -I$src/util $src/wgl/wglinfo.c $src/util/glinfo_common.c $glad $libraries -o $out/wglinfo.exe
basename "$archive" >$out/done
