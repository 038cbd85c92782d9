#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a Debian 12 or 13 machine ready to build and test: packages (scripts/packages.txt) and downloads
# (scripts/pins.txt). What is there already is checked and left alone.
set -eu
cd "$(dirname "$0")/.."

downloads=build/downloads
tools=build/tools
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vgpu-downloads
log=build/setup.log
apt_helper=/usr/lib/apt/apt-helper
step="start"

usage()
{
    cat <<EOF
usage: scripts/setup.sh [--help]

Installs the Debian packages that are missing (this needs root) and downloads pinned sources into $downloads from the
mirror that this machine's apt uses. Files in $cache, named by their sha256, are taken instead of a download.
Run it again at any time: it does only what is missing. No network is needed afterwards.
EOF
}

begin()
{
    step=$1
    echo "setup [$step]"
}

# fail WHY WHAT-TO-DO
fail()
{
    printf 'setup: step "%s" failed: %s\n  %s\n' "$step" "$1" "$2" >&2
    exit 1
}

wanted_packages()
{
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' scripts/packages.txt
}

missing_packages()
{
    # A package counts as there when it is installed under its own name, whatever the architecture's suffix.
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | sort -u >build/installed.txt
    wanted_packages | sort -u | comm -23 - build/installed.txt
}

check_system()
{
    step="1/4 this machine"
    [ -r /etc/os-release ] || fail "there is no /etc/os-release" "Use Debian 12 or 13."
    id=$(. /etc/os-release && echo "${ID:-}")
    release=$(. /etc/os-release && echo "${VERSION_ID:-}")
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    case "$id $release" in
    "debian 12" | "debian 13") ;;
    *) fail "this is '${id:-unknown} ${release:-unknown}'" "Use Debian 12 or 13 (a container will do)." ;;
    esac
    arch=$(dpkg --print-architecture)
    [ "$arch" = amd64 ] || fail "the architecture is $arch" "Use amd64."
}

install_packages()
{
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    begin "2/4 Debian packages"
    echo "  missing:" $missing
    [ "$(id -u)" = 0 ] || fail "installing packages needs root" \
        "Run as root: apt-get install --no-install-recommends $(echo $missing)"
    export DEBIAN_FRONTEND=noninteractive
    echo "  apt-get update"
    apt-get -q -o Acquire::Retries=3 update >"$log" 2>&1 ||
        fail "apt-get update: $(grep -m1 '^E:' "$log" || tail -n1 "$log")" "Check the apt sources; the log is $log."
    echo "  apt-get install (a few minutes)"
    # shellcheck disable=SC2086
    apt-get -q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 --no-install-recommends install $missing >>"$log" 2>&1 ||
        fail "apt-get install: $(grep -m1 '^E:' "$log" || tail -n1 "$log")" "The log is $log."
    missing=$(missing_packages)
    [ -z "$missing" ] || fail "still missing: $(echo $missing)" "The log is $log."
}

# The mirrors of the archive proper, the machine's own release first. Security and the like hold other files.
mirrors()
{
    for filter in "CODENAME: $codename" "RELEASE: $codename" "COMPONENT: main"; do
        apt-get indextargets --format '$(REPO_URI)' "Created-By: Packages" "COMPONENT: main" "$filter" 2>/dev/null || :
    done | grep -v -- '-security' | awk 'NF && !seen[$0]++'
}

has_sum()
{
    [ -f "$2" ] && [ "$(sha256sum <"$2")" = "$1  -" ]
}

# fetch_one SHA256 POOL-PATH TARGET: from the cache, else from the first mirror that has it
fetch_one()
{
    if has_sum "$1" "$cache/$1"; then
        echo "  $(basename "$3"): from $cache"
        cp "$cache/$1" "$3.part"
        mv "$3.part" "$3"
        return 0
    fi
    [ -x $apt_helper ] || fail "$apt_helper is missing" "It belongs to Debian's package apt."
    list=$(mirrors)
    if [ -z "$list" ] && [ "$(id -u)" = 0 ]; then
        apt-get -q update >"$log" 2>&1 || :
        list=$(mirrors)
    fi
    [ -n "$list" ] || fail "apt has no source for Debian's main archive" "Add one to /etc/apt/sources.list."
    for mirror in $list; do
        echo "  $(basename "$3")"
        rm -f "$3.part"
        if $apt_helper -o Acquire::Retries=3 -o APT::Sandbox::User=root \
            download-file "${mirror%/}/$2" "$3.part" "SHA256:$1" >"$log" 2>&1 && has_sum "$1" "$3.part"; then
            mv "$3.part" "$3"
            mkdir -p "$cache" 2>/dev/null && cp "$3" "$cache/$1.$$" 2>/dev/null && mv "$cache/$1.$$" "$cache/$1" || :
            return 0
        fi
    done
    rm -f "$3.part"
    fail "no mirror of this machine's apt gives $2 ($(grep -m1 '^E:' "$log" || tail -n1 "$log"))" \
        "Check the network, or put the file with sha256 $1 at $cache/$1"
}

fetch_sources()
{
    said=
    while read -r sum path only; do
        case "$sum" in '' | '#'*) continue ;; esac
        [ "${only:-$release}" = "$release" ] || continue
        target=$downloads/$(basename "$path")
        has_sum "$sum" "$target" && continue
        [ -n "$said" ] || begin "3/4 sources"
        said=yes
        fetch_one "$sum" "$path" "$target"
    done <scripts/pins.txt
}

# meson is a plain Python program: unpacked, not installed, so that Debian's own (older) one may stay.
unpack_meson()
{
    deb=$(sed -n 's|.*/\(meson_[^/]*\.deb\)$|\1|p' scripts/pins.txt)
    version=${deb#meson_}
    version=${version%%-*}
    if [ -f $tools/meson/meson.py ] && [ "$(cat $tools/meson/version 2>/dev/null)" = "$version" ]; then
        return 0
    fi
    begin "4/4 tools"
    echo "  meson $version"
    rm -rf $tools/meson $tools/unpack
    mkdir -p $tools/meson
    dpkg-deb -x "$downloads/$deb" $tools/unpack || fail "$downloads/$deb cannot be unpacked" "Remove it and run again."
    cp -r $tools/unpack/usr/lib/python3/dist-packages/mesonbuild $tools/meson/
    cp $tools/unpack/usr/bin/meson $tools/meson/meson.py
    rm -rf $tools/unpack
    said=$(/usr/bin/python3 $tools/meson/meson.py --version 2>&1) || fail "meson does not start: $said" "Remove $tools and run again."
    echo "$version" >$tools/meson/version
}

# Wine runs 32-bit programs in 64-bit processes, given its 32-bit modules, which Debian packages for i386 only. They are
# unpacked, not installed, and belong to one version of Wine.
unpack_wine32()
{
    deb=$(awk -v release="$release" '$2 ~ /libwine_/ && $3 == release { sub(".*/", "", $2); print $2 }' scripts/pins.txt)
    installed=$(dpkg-query -W -f '${Version}' libwine)
    [ "$deb" = "libwine_${installed}_i386.deb" ] ||
        fail "Wine $installed is installed, scripts/pins.txt has $deb" "Pin that version's package, or install the pinned one."
    [ "$(cat build/wine32/version 2>/dev/null)" != "$installed" ] || return 0
    begin "4/4 tools"
    echo "  Wine's 32-bit modules $installed"
    rm -rf build/wine32
    mkdir -p build/wine32
    dpkg-deb --fsys-tarfile "$downloads/$deb" |
        tar -x -C build/wine32 --strip-components=5 ./usr/lib/i386-linux-gnu/wine/i386-windows ||
        fail "$downloads/$deb cannot be unpacked" "Remove it and run again."
    # Where a module's Unix half is looked for: beside it.
    ln -s /usr/lib/x86_64-linux-gnu/wine/x86_64-unix build/wine32/x86_64-unix
    echo "$installed" >build/wine32/version
}

case "${1:-}" in
'') ;;
-h | --help)
    usage
    exit 0
    ;;
*)
    usage >&2
    exit 2
    ;;
esac

check_system
mkdir -p $downloads $tools || fail "build/ cannot be written" "Check its owner and the disk."
install_packages
fetch_sources
unpack_meson
unpack_wine32
