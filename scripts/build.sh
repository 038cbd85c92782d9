#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds everything, after scripts/setup.sh. What is built already is not built again.
set -eu
cd "$(dirname "$0")/.."

log=build/build.log
jobs=${JOBS:-$(nproc)}

# run STEP WHAT-IT-IS COMMAND...: the command's output goes to the log; its end is shown when it fails
run()
{
    what=$2
    echo "build [$1/5] $what"
    shift 2
    if ! "$@" >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        printf 'build: "%s" failed; the whole output is in %s\n' "$what" "$log" >&2
        exit 1
    fi
}

mkdir -p build
scripts/configure.sh >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    echo "build: the configuration failed; the whole output is in $log" >&2
    exit 1
}
run 1 "Windows binaries: driver, simulator, demo" ninja -C build/win64 -j "$jobs"
run 1 "32-bit Windows programs" ninja -C build/win32 -j "$jobs"
run 2 "Linux binaries and unit tests" ninja -C build/native -j "$jobs"
run 2 "what is measured" ninja -C build/bench -j "$jobs" bench/kernel-bench bench/kernel-soak \
    icd/native/libvgpu-native.so sim/devices/vgpu-mvisor.so demo/vgpu-demo demo/vgpu-compare \
    demo/bench-scenes
run 2 "unit tests under ThreadSanitizer" ninja -C build/tsan -j "$jobs"
run 2 "fuzz targets" ninja -C build/fuzz -j "$jobs"
# Says itself what it does, and keeps a log of its own.
echo "build [3/5] OpenGL DLLs: Mesa with this project's winsys (minutes, the first time)"
icd/mesa/build.sh
echo "build [4/5] the native stack's OpenGL: Mesa for Linux with the same winsys (minutes, the first time)"
icd/native/mesa/build.sh
run 5 "programs for the end-to-end tests" tests/e2e/build-mesa-demos.sh
run 5 "a benchmark for them" tests/apps/build-glmark2.sh
