#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the demo natively and through the whole stack, compares the pixels, and writes build/demo/{demo.png,report.json}.
set -eu
cd "$(dirname "$0")/.."

frames=300
size=640x480
bits=64
out=build/demo
device=qemu
run_limit=300 # seconds, for the run through the stack
hold=4        # seconds that the last frame stays on the screen for its picture

fail()
{
    printf 'demo: %s\n' "$1" >&2
    exit 1
}

# These two run inside a display.
run_native()
{
    echo "demo: $frames frames natively (llvmpipe)"
    LIBGL_ALWAYS_SOFTWARE=1 GALLIUM_DRIVER=llvmpipe timeout 120 build/native/demo/vgpu-demo --frames $frames --size $size \
        --dump "$out/reference.rgba" --report "$out/reference.json" >"$out/reference.log" 2>&1 ||
        fail "the native run failed: $(tail -n 1 "$out/reference.log")"
}

run_stack()
{
    echo "demo: $frames frames through the stack, $bits bits (log: $out/run.log)"
    ./vgpu-run --device=$device --timeout=$run_limit build/win$bits/demo/vgpu-demo.exe --frames $frames --size $size \
        --dump "$out/run.rgba" --report "$out/run.json" --hold $hold >"$out/run.log" 2>&1 &
    runner=$!
    trap 'kill $runner 2>/dev/null' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    while kill -0 $runner 2>/dev/null && ! grep -q '^done' "$out/run.log"; do
        sleep 0.1
    done
    if grep -q '^done' "$out/run.log"; then
        sleep 0.5 # the program has handed the frame over; the X server may not have drawn it yet
        cp "$VGPU_SCREEN" "$out/screen.xwd"
    fi
    status=0
    wait $runner || status=$?
    trap - EXIT
    [ $status = 0 ] || fail "the program ended with status $status: $(tail -n 3 "$out/run.log")"
    [ -f "$out/screen.xwd" ] || fail "the program never said that its last frame was shown"
}

usage="usage: demo/run-demo.sh [--frames N] [--device qemu|mvisor] [--bits 64|32] [--out FOLDER]"
inside=
while [ $# -gt 0 ]; do
    case "$1" in
    --frames) frames=${2:?$usage} && shift ;;
    --device) device=${2:?$usage} && shift ;;
    --out) out=${2:?$usage} && shift ;;
    --bits) bits=${2:?$usage} && shift ;;
    --inside) inside=yes ;;
    --help)
        echo "$usage"
        exit 0
        ;;
    *)
        echo "$usage" >&2
        exit 2
        ;;
    esac
    shift
done

if [ -n "$inside" ]; then
    run_native
    run_stack
    exit 0
fi
rm -rf "$out"
mkdir -p "$out"
scripts/with-display.sh demo/run-demo.sh --inside --frames "$frames" --device "$device" --bits "$bits" --out "$out"
# A 32-bit program cannot say which 64-bit driver its process has, and Wine 8 shows nothing of what it draws with GDI.
if [ "$bits" = 32 ]; then
    set -- --any-window --built build/mesa/out32/MvisorVGPUx86.dll --built build/mesa/out32/opengl32.dll
else
    set -- --built build/win64/kernel/vgpu.sys --built build/mesa/out/MvisorVGPUx64.dll --built build/mesa/out/opengl32.dll
fi
/usr/bin/python3 demo/make_report.py --compare build/native/demo/vgpu-compare "$@" "$out"
rm -f "$out"/*.rgba "$out/screen.xwd"
echo "demo: see $out/demo.png and $out/report.json"
