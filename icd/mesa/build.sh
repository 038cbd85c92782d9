#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds the user-mode OpenGL driver: Mesa, as pinned in icd/mesa/pin, with this project's winsys.
# Output: build/mesa/out/MvisorVGPUx64.dll and opengl32.dll, and for 32-bit programs build/mesa/out32/MvisorVGPUx86.dll
# and opengl32.dll, each with its symbols beside it, for debuggers (*.debug). A second run compiles only what changed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/build/mesa
patch_file=$here/hook.patch
overlay=src/gallium/targets/wgl/vgpu
# shellcheck source=icd/mesa/common.sh
. "$here/common.sh"

options=(
	# The shader cache is ours, vgpu_disk_cache.c: Mesa's does not work on Windows.
	-Dc_args=-DENABLE_SHADER_CACHE -Dcpp_args=-DENABLE_SHADER_CACHE
	--buildtype=release -Db_ndebug=true --wrap-mode=nodownload
	-Dplatforms=windows -Dmin-windows-version=7
	-Dgallium-drivers=virgl -Dvulkan-drivers= -Dllvm=disabled -Dvideo-codecs= -Dgallium-va=disabled
	-Dshared-glapi=disabled -Degl=disabled -Dglx=disabled -Dgbm=disabled -Dgles1=disabled -Dgles2=disabled
	-Dzlib=disabled -Dzstd=disabled -Dxmlconfig=disabled -Dexpat=disabled -Dshader-cache=disabled -Dbuild-tests=false
)

usage()
{
	cat <<EOF
usage: icd/mesa/build.sh [--arch=x64|x86] [--no-cache] [MESA_ARCHIVE]

--arch:       only for 64- or only for 32-bit programs; by default both.
MESA_ARCHIVE: $MESA_ARCHIVE, by default the one in build/downloads/.
--no-cache:   do not look in $cache and do not write to it.
Meson 1.4 or newer is taken from build/tools/meson/meson.py, else \$MESON, else the PATH. JOBS=N limits the compiler.
EOF
}

# select_arch x64|x86: where and how it is built
select_arch()
{
	arch=$1
	case $arch in
	x64) triple=x86_64-w64-mingw32 out=$work/out obj=$work/obj cross=$here/cross-mingw64.ini ;;
	x86) triple=i686-w64-mingw32 out=$work/out32 obj=$work/obj32 cross=$here/cross-mingw32.ini ;;
	esac
	label=" $arch"
	log=$work/build-$arch.log
	cc=$triple-gcc-posix
	dll=MvisorVGPU$arch
	setup_arguments=(--cross-file "$cross" --cross-file "$work/launcher.ini" "-Dgallium-wgl-dll-name=$dll" "${options[@]}")
	targets=("src/gallium/targets/wgl/$dll.dll" "src/gallium/targets/libgl-gdi/opengl32.dll")
}

# Every file of ours that becomes a part of Mesa: from, a tab, to.
overlay_files()
{
	local file
	for file in "$root"/icd/winsys/*.[ch] "$root"/icd/winsys/*.rc "$root"/icd/winsys/meson.build "$root"/kernel/version.h; do
		case $file in
		*_posix.c) ;;
		*) printf '%s\t%s\n' "$file" "$(basename "$file")" ;;
		esac
	done
	for file in "$root"/icd/client/*.[ch]; do
		printf '%s\t%s\n' "$file" "client/$(basename "$file")"
	done
	for file in "$root"/abi/*.h; do
		printf '%s\t%s\n' "$file" "abi/$(basename "$file")"
	done
}

key_files()
{
	echo "$here/build.sh" "$cross"
}

# With a compiler cache, where there is one, as meson has it by itself for programs of this system.
write_launcher()
{
	: >"$work/launcher.ini"
	command -v ccache >/dev/null || return 0
	printf "[binaries]\nc = ['ccache', '%s']\ncpp = ['ccache', '%s']\n" "$cc" "$triple-g++-posix" >"$work/launcher.ini"
}

# Only what Windows has may be imported.
check_imports()
{
	local file name
	begin "check imports"
	for file in "$out"/*.dll; do
		for name in $("$triple-objdump" -p "$file" | sed -n 's/^\tDLL Name: //p'); do
			case "${name,,}" in
			kernel32.dll | msvcrt.dll | user32.dll | gdi32.dll | advapi32.dll | ws2_32.dll | setupapi.dll | ntdll.dll | \
				api-ms-win-crt-*.dll | shell32.dll | ole32.dll | version.dll | "${dll,,}.dll") ;;
			*) fail "$(basename "$file") needs $name" ;;
			esac
		done
	done
}

collect()
{
	local target
	begin "collect"
	mkdir -p "$out"
	for target in "${targets[@]}"; do
		run "$triple-strip" -o "$out/$(basename "$target")" "$obj/$target"
		run "$triple-objcopy" --only-keep-debug "$obj/$target" "$out/$(basename "$target").debug"
	done
}

build_arch()
{
	select_arch "$1"
	: >"$log"
	find_tools
	key=$(content_key)
	if [ "$use_cache" ] && [ -f "$cache/$key/$dll.dll" ] && [ -f "$cache/$key/opengl32.dll" ]; then
		begin "take the result from $cache/$key"
		mkdir -p "$out"
		cp "$cache/$key"/* "$out/"
	else
		unpack "$archive"
		sync_overlay
		write_launcher
		configure
		compile "${targets[@]}"
		collect
		check_imports
		[ ! "$use_cache" ] || store "$out"/*
	fi
	echo "mesa: $out/$dll.dll, $out/opengl32.dll"
}

archive=
architectures=(x64 x86)
use_cache=1
for argument in "$@"; do
	case $argument in
	-h | --help) usage && exit 0 ;;
	--arch=x64 | --arch=x86) architectures=("${argument#--arch=}") ;;
	--no-cache) use_cache= ;;
	-*) usage >&2 && exit 2 ;;
	*) archive=$argument ;;
	esac
done
archive=${archive:-$root/build/downloads/$MESA_ARCHIVE}

mkdir -p "$work"
for architecture in "${architectures[@]}"; do
	build_arch "$architecture"
done
