#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds the user-mode OpenGL driver: Mesa, as pinned in icd/mesa/pin, with this project's winsys.
# Output: build/mesa/out/MvisorVGPUx64.dll and opengl32.dll, and for 32-bit programs build/mesa/out32/MvisorVGPUx86.dll
# and opengl32.dll. A second run compiles only what changed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/build/mesa
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vgpu-mesa
step=start

# Debian's python3 has mako, which another one may not have.
export PATH=/usr/bin:$PATH LC_ALL=C
# shellcheck source=icd/mesa/pin
. "$here/pin"
src=$work/mesa-$MESA_VERSION
overlay=$src/src/gallium/targets/wgl/vgpu

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

begin()
{
	step=$1
	echo "mesa${arch:+ $arch} [$step]"
}

# select_arch x64|x86: where and how it is built
select_arch()
{
	arch=$1
	case $arch in
	x64) triple=x86_64-w64-mingw32 out=$work/out obj=$work/obj cross=$here/cross-mingw64.ini ;;
	x86) triple=i686-w64-mingw32 out=$work/out32 obj=$work/obj32 cross=$here/cross-mingw32.ini ;;
	esac
	log=$work/build-$arch.log
	cc=$triple-gcc-posix
	dll=MvisorVGPU$arch
	targets=("src/gallium/targets/wgl/$dll.dll" "src/gallium/targets/libgl-gdi/opengl32.dll")
}

fail()
{
	printf 'mesa: step "%s" failed: %s\n' "$step" "$1" >&2
	exit 1
}

# run COMMAND...: its output goes to the log, whose end is shown when it fails.
run()
{
	"$@" >>"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		fail "see $log"
	}
}

find_meson()
{
	if [ -f "$root/build/tools/meson/meson.py" ]; then
		meson=(/usr/bin/python3 "$root/build/tools/meson/meson.py")
	elif [ -n "${MESON:-}" ]; then
		read -r -a meson <<<"$MESON"
	else
		meson=(meson)
	fi
	"${meson[@]}" --version >/dev/null 2>&1 || fail "no meson: run scripts/setup.sh, or set MESON"
}

# Every file of ours that becomes a part of Mesa: from, a tab, to.
overlay_files()
{
	local file
	for file in "$root"/icd/winsys/*.[ch] "$root"/icd/winsys/meson.build; do
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

content_key()
{
	{
		echo "$MESA_SHA256"
		"$cc" --version
		"$triple-ld" --version
		"${meson[@]}" --version
		cat "$here/build.sh" "$here/hook.patch" "$cross"
		overlay_files | while IFS=$'\t' read -r from to; do
			echo "$to"
			cat "$from"
		done
	} | sha256sum | cut -d' ' -f1
}

unpack()
{
	local stamp tree
	stamp="$MESA_SHA256 $(sha256sum <"$here/hook.patch")"
	tree=$work/unpack
	if [ "$(cat "$src/.vgpu-stamp" 2>/dev/null)" = "$stamp" ]; then
		return
	fi
	begin "check $(basename "$archive")"
	[ -f "$archive" ] || fail "$archive is missing: run scripts/setup.sh, or name the archive"
	echo "$MESA_SHA256  $archive" | sha256sum --check --status || fail "$archive is not the pinned archive"
	begin "unpack"
	rm -rf "$tree" "$src" "$work"/obj*
	mkdir -p "$tree"
	run tar -xf "$archive" -C "$tree" --strip-components=1
	begin "patch"
	run patch -d "$tree" -p1 --fuzz=0 --no-backup-if-mismatch -i "$here/hook.patch"
	echo "$stamp" >"$tree/.vgpu-stamp"
	mv "$tree" "$src"
}

# Caches on disk are those of one build.
write_build_key()
{
	local header=$overlay/vgpu_build.h
	echo "#define VGPU_BUILD \"$key\"" >"$work/vgpu_build.h"
	cmp -s "$work/vgpu_build.h" "$header" || cp "$work/vgpu_build.h" "$header"
}

# Copies what differs, so that only that is compiled again, and removes what is no longer ours.
sync_overlay()
{
	local from to file
	local -A ours=()
	mkdir -p "$overlay/client" "$overlay/abi"
	while IFS=$'\t' read -r from to; do
		ours[$to]=1
		cmp -s "$from" "$overlay/$to" || cp "$from" "$overlay/$to"
	done < <(overlay_files)
	while read -r file; do
		[ "${ours[${file#"$overlay"/}]:-}" ] || rm "$file"
	done < <(find "$overlay" -type f ! -name vgpu_build.h)
	write_build_key
}

# With a compiler cache, where there is one, as meson has it by itself for programs of this system.
write_launcher()
{
	: >"$work/launcher.ini"
	command -v ccache >/dev/null || return 0
	printf "[binaries]\nc = ['ccache', '%s']\ncpp = ['ccache', '%s']\n" "$cc" "$triple-g++-posix" >"$work/launcher.ini"
}

configure()
{
	local stamp
	stamp="$(sha256sum <"$cross") ${options[*]} $("$cc" --version | head -n 1)"
	if [ -f "$obj/build.ninja" ] && [ "$(cat "$obj/.vgpu-stamp" 2>/dev/null)" = "$stamp" ]; then
		return
	fi
	begin "configure"
	rm -rf "$obj"
	write_launcher
	run "${meson[@]}" setup "$obj" "$src" --cross-file "$cross" --cross-file "$work/launcher.ini" "-Dgallium-wgl-dll-name=$dll" "${options[@]}"
	echo "$stamp" >"$obj/.vgpu-stamp"
}

compile()
{
	begin "compile (a first build takes several minutes)"
	NINJA_STATUS='[%f/%t] ' ninja -C "$obj" ${JOBS:+-j "$JOBS"} "${targets[@]}" 2>&1 | tee -a "$log" |
		awk '/^(FAILED|ninja: (error|build stopped))/ { show = 1 } /warning:.*vgpu|vgpu.*warning:/ { print }
			match($0, /^\[[0-9]+/) { n = substr($0, 2, RLENGTH - 1); if (n % 100 == 0) print "  " $1 }
			show && !/^[a-z0-9_]*-w64-mingw32-/ { print } { fflush() }' || fail "see $log"
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
	done
}

store()
{
	local temporary=$cache/.$key.$$
	mkdir -p "$temporary"
	cp "$out"/*.dll "$temporary/"
	rm -rf "${cache:?}/$key"
	mv "$temporary" "$cache/$key"
}

build_arch()
{
	select_arch "$1"
	: >"$log"
	command -v "$cc" >/dev/null || fail "$cc is not installed: run scripts/setup.sh"
	key=$(content_key)
	if [ "$use_cache" ] && [ -f "$cache/$key/$dll.dll" ] && [ -f "$cache/$key/opengl32.dll" ]; then
		begin "take the result from $cache/$key"
		mkdir -p "$out"
		cp "$cache/$key"/*.dll "$out/"
	else
		unpack
		sync_overlay
		configure
		compile
		collect
		check_imports
		[ ! "$use_cache" ] || store
	fi
	echo "mesa: $out/$dll.dll, $out/opengl32.dll"
}

archive=
arch=
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
begin "look for tools"
for tool in ninja flex bison patch; do
	command -v "$tool" >/dev/null || fail "$tool is not installed: run scripts/setup.sh"
done
/usr/bin/python3 -c 'import mako' 2>/dev/null || fail "python3-mako is not installed: run scripts/setup.sh"
find_meson
for architecture in "${architectures[@]}"; do
	build_arch "$architecture"
done
