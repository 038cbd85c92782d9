#!/bin/sh
# SPDX-License-Identifier: MIT
# with-display.sh COMMAND [ARGS]: runs it with an X display of its own, in memory, and stops that display afterwards.
# $SCREEN_SIZE says how large (1280x1024). $DISPLAY names it, $VGPU_SCREEN is a file that always holds what the screen
# shows (an X window dump).
set -u

[ $# -gt 0 ] || { sed -n 's/^# \(with-display.*\)/usage: \1/p' "$0" >&2; exit 2; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/vgpu-display.XXXXXX") || exit 1
server=
stop()
{
    trap - EXIT
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null
        wait "$server" 2>/dev/null
    fi
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The server picks a free number and writes it to descriptor 3. Without a cursor, which would be in the picture; and it
# does not begin anew after its last client, for whoever connects at that moment would be refused.
Xvfb -displayfd 3 -screen 0 "${SCREEN_SIZE:-1280x1024}x24" -fbdir "$folder" -nocursor -noreset -nolisten tcp \
    3>"$folder/number" >"$folder/log" 2>&1 &
server=$!
tries=0
while [ ! -s "$folder/number" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 150 ] || ! kill -0 "$server" 2>/dev/null; then
        echo "with-display: Xvfb does not start: $(tail -n 1 "$folder/log")" >&2
        exit 1
    fi
    sleep 0.1
done

DISPLAY=:$(cat "$folder/number")
VGPU_SCREEN=$folder/Xvfb_screen0
export DISPLAY VGPU_SCREEN
"$@" 3>&-
exit $?
