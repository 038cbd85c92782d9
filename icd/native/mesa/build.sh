#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds the native stack's OpenGL library: Mesa for Linux, as pinned in icd/mesa/pin, with this project's winsys.
# Output: libGLX_vgpu.so.0, libEGL_vgpu.so.0 and what they need but libvgpu-native.so in build/mesa-native/out/, and the
# same with a sanitized winsys in build/mesa-native/out-asan/. A second run compiles only what changed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$root/build/mesa-native
cc=gcc
patch_file=$here/hook.patch
overlay=src/gallium/targets/dri/vgpu
sanitize='-fsanitize=address -fno-omit-frame-pointer'
setup_arguments=(
	# The shader cache is ours, vgpu_disk_cache.c: Mesa's does not work on Windows.
	-Dc_args=-DENABLE_SHADER_CACHE -Dcpp_args=-DENABLE_SHADER_CACHE
	--buildtype=release -Db_ndebug=true --wrap-mode=nodownload
	-Dplatforms=x11 -Dglx=dri -Degl=enabled -Dglvnd=enabled -Dglvnd-vendor-name=vgpu -Dshared-glapi=enabled
	-Dgallium-drivers=virgl,softpipe -Dvulkan-drivers= -Dllvm=disabled -Ddraw-use-llvm=false -Dvideo-codecs=
	-Dgallium-va=disabled -Dgallium-vdpau=disabled -Dgbm=disabled -Dgles1=enabled -Dgles2=enabled -Dxlib-lease=disabled
	-Dzlib=disabled -Dzstd=disabled -Dxmlconfig=disabled -Dexpat=disabled -Dshader-cache=disabled -Dvalgrind=disabled
	-Dlibunwind=disabled -Dlmsensors=disabled -Dbuild-tests=false
)
libraries=(
	src/gallium/targets/dri/libgallium-25.0.7.so src/glx/libGLX_vgpu.so.0.0.0 src/egl/libEGL_vgpu.so.0.0.0
)
# shellcheck source=icd/mesa/common.sh
. "$root/icd/mesa/common.sh"

usage()
{
	cat <<EOF
usage: icd/native/mesa/build.sh [--no-cache] [MESA_ARCHIVE]

MESA_ARCHIVE: $MESA_ARCHIVE, by default the one in build/downloads/.
--no-cache:   do not look in $cache and do not write to it.
Meson 1.4 or newer is taken from build/tools/meson/meson.py, else \$MESON, else the PATH. JOBS=N limits the compiler.
EOF
}

overlay_files()
{
	local file
	for file in "$root"/icd/winsys/*.[ch] "$here"/*.[ch] "$here/meson.build"; do
		case $file in
		*/vgpu_wgl.[ch] | */vgpu_window.[ch] | */vgpu_presenter.[ch] | */vgpu_pacer.[ch] | */vgpu_thread*.[ch] | \
			*_windows.c) ;;
		*) printf '%s\t%s\n' "$file" "$(basename "$file")" ;;
		esac
	done
	for file in "$root"/icd/client/vgpu_client.h "$root"/icd/client/vgpu_os.h; do
		printf '%s\t%s\n' "$file" "client/$(basename "$file")"
	done
	for file in "$root"/abi/*.h; do
		printf '%s\t%s\n' "$file" "abi/$(basename "$file")"
	done
	printf '%s\t%s\n' "$work/sanitize" sanitize "$work/stub.c" stub.c
}

# An empty function for each that the client library has, for the linker.
write_stub()
{
	sed -nE 's/^[a-z].*[ *](vgpu_[a-z_]+)\(.*/void \1(void); void \1(void) { }/p' \
		"$root"/icd/client/vgpu_client.h "$root"/icd/client/vgpu_os.h >"$work/stub.c"
}

key_files()
{
	echo "$here/build.sh" /etc/debian_version
}

# collect TARGET-FOLDER
collect()
{
	local library name
	mkdir -p "$1"
	rm -f "$1"/*
	for library in "${libraries[@]}"; do
		name=$(basename "$library")
		run strip -o "$1/$name" "$obj/$library"
		[ "${name%.0.0}" = "$name" ] || ln -s "$name" "$1/${name%.0.0}"
	done
	echo '{"file_format_version": "1.0.0", "ICD": {"library_path": "libEGL_vgpu.so.0"}}' >"$1/vgpu.json"
}

# variant NAME COMPILER-ARGUMENTS: our part compiled so, linked with the rest, into $work/NAME
variant()
{
	echo "$2" >"$work/sanitize"
	sync_overlay
	configure
	compile "${libraries[@]}"
	collect "$work/$1"
}

archive=
use_cache=1
for argument in "$@"; do
	case $argument in
	-h | --help) usage && exit 0 ;;
	--no-cache) use_cache= ;;
	-*) usage >&2 && exit 2 ;;
	*) archive=$argument ;;
	esac
done

mkdir -p "$work"
: >"$log"
find_tools
write_stub
echo "$sanitize" >"$work/sanitize"
key=native-$(content_key)
if [ "$use_cache" ] && [ -d "$cache/$key/out-asan" ]; then
	begin "take the result from $cache/$key"
	rm -rf "$work/out" "$work/out-asan"
	cp -rP "$cache/$key"/out "$cache/$key"/out-asan "$work/"
else
	unpack "${archive:-$root/build/downloads/$MESA_ARCHIVE}"
	variant out-asan "$sanitize"
	variant out ''
	[ ! "$use_cache" ] || store -r "$work/out" "$work/out-asan"
fi
echo "mesa: $work/out"
