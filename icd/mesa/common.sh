# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What builds of Mesa have in common. Read by their scripts, which set: root (of the project), work (a folder under
# build/), key (what content_key says), cc, patch_file (beside common.patch, which every build gets), overlay (the folder
# in Mesa's source, below $src, for our files), setup_arguments (meson's), label (which one is built, where there are
# several), and the functions overlay_files (each file of ours: from, a tab, to) and key_files (what else the result
# depends on).

log=$work/build.log
obj=$work/obj
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vgpu-mesa
step=start

# Debian's python3 has mako, which another one may not have.
export PATH=/usr/bin:$PATH LC_ALL=C
# shellcheck source=icd/mesa/pin
. "$root/icd/mesa/pin"
src=$work/mesa-$MESA_VERSION
patches=("$root/icd/mesa/common.patch" "$patch_file")

begin()
{
	step=$1
	echo "mesa${label:-} [$step]"
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

find_tools()
{
	local tool
	begin "look for tools"
	for tool in "$cc" ninja flex bison patch; do
		command -v "$tool" >/dev/null || fail "$tool is not installed: run scripts/setup.sh"
	done
	/usr/bin/python3 -c 'import mako' 2>/dev/null || fail "python3-mako is not installed: run scripts/setup.sh"
	if [ -f "$root/build/tools/meson/meson.py" ]; then
		meson=(/usr/bin/python3 "$root/build/tools/meson/meson.py")
	elif [ -n "${MESON:-}" ]; then
		read -r -a meson <<<"$MESON"
	else
		meson=(meson)
	fi
	"${meson[@]}" --version >/dev/null 2>&1 || fail "no meson: run scripts/setup.sh, or set MESON"
}

# A name for the result: whatever goes into it has a part in it.
content_key()
{
	{
		echo "$MESA_SHA256"
		"$cc" --version
		"$("$cc" -print-prog-name=ld)" --version
		"${meson[@]}" --version
		# shellcheck disable=SC2046
		cat "$root/icd/mesa/common.sh" "${patches[@]}" $(key_files)
		overlay_files | while IFS=$'\t' read -r from to; do
			echo "$to"
			cat "$from"
		done
	} | sha256sum | cut -d' ' -f1
}

# unpack ARCHIVE: checks, unpacks and patches it, unless that is done.
unpack()
{
	local stamp tree patch
	stamp="$MESA_SHA256 $(cat "${patches[@]}" | sha256sum)"
	tree=$work/unpack
	if [ "$(cat "$src/.vgpu-stamp" 2>/dev/null)" = "$stamp" ]; then
		return
	fi
	begin "check $(basename "$1")"
	[ -f "$1" ] || fail "$1 is missing: run scripts/setup.sh, or name the archive"
	echo "$MESA_SHA256  $1" | sha256sum --check --status || fail "$1 is not the pinned archive"
	begin "unpack"
	rm -rf "$tree" "$src" "$work"/obj*
	mkdir -p "$tree"
	run tar -xf "$1" -C "$tree" --strip-components=1
	begin "patch"
	for patch in "${patches[@]}"; do
		run patch -d "$tree" -p1 --fuzz=0 --no-backup-if-mismatch -i "$patch"
	done
	echo "$stamp" >"$tree/.vgpu-stamp"
	mv "$tree" "$src"
}

# Caches on disk are those of one build.
write_build_key()
{
	local header=$src/$overlay/vgpu_build.h
	echo "#define VGPU_BUILD \"$key\"" >"$work/vgpu_build.h"
	cmp -s "$work/vgpu_build.h" "$header" || cp "$work/vgpu_build.h" "$header"
}

# Copies what differs, so that only that is compiled again, and removes what is no longer ours.
sync_overlay()
{
	local from to file
	local -A ours=()
	while IFS=$'\t' read -r from to; do
		ours[$to]=1
		mkdir -p "$(dirname "$src/$overlay/$to")"
		cmp -s "$from" "$src/$overlay/$to" || cp "$from" "$src/$overlay/$to"
	done < <(overlay_files)
	while read -r file; do
		[ "${ours[${file#"$src/$overlay/"}]:-}" ] || rm "$file"
	done < <(find "$src/$overlay" -type f ! -name vgpu_build.h)
	write_build_key
}

configure()
{
	local stamp
	stamp="${setup_arguments[*]} $("$cc" --version | head -n 1) $(key_files | xargs cat | sha256sum)"
	if [ -f "$obj/build.ninja" ] && [ "$(cat "$obj/.vgpu-stamp" 2>/dev/null)" = "$stamp" ]; then
		return
	fi
	begin "configure"
	rm -rf "$obj"
	run "${meson[@]}" setup "$obj" "$src" "${setup_arguments[@]}"
	echo "$stamp" >"$obj/.vgpu-stamp"
}

# compile TARGET...
compile()
{
	begin "compile (a first build takes several minutes)"
	NINJA_STATUS='[%f/%t] ' ninja -C "$obj" ${JOBS:+-j "$JOBS"} "$@" 2>&1 | tee -a "$log" |
		awk -v cc="$cc" '/^(FAILED|ninja: (error|build stopped))/ { show = 1 } /warning:.*vgpu|vgpu.*warning:/ { print }
			match($0, /^\[[0-9]+/) { n = substr($0, 2, RLENGTH - 1); if (n % 100 == 0) print "  " $1 }
			show && index($0, cc) != 1 && index($0, "ccache " cc) != 1 { print } { fflush() }' || fail "see $log"
}

# store FILE...: keeps the result in the cache under $key.
store()
{
	local temporary=$cache/.$key.$$
	mkdir -p "$temporary"
	cp -P "$@" "$temporary/"
	rm -rf "${cache:?}/$key"
	mv "$temporary" "$cache/$key"
}
