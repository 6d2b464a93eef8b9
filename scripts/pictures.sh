#!/bin/sh
# Draws the README's pictures from real runs: docs/top.svg (green top, of a server under load) and docs/trace.svg (GREEN_TRACE).
#   scripts/pictures.sh [FOLDER]      (default: docs). Needs gcc, python3, ./libgreen.so and ./green (make).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
to=${1:-$root/docs}
out=$root/build/pictures
mkdir -p "$out" "$to"
for file in libgreen.so green; do
    [ -e "$root/$file" ] || { echo "pictures: no $root/$file (make builds it)" >&2; exit 2; }
done
for program in threads load; do
    gcc -O2 -pthread -o "$out/$program" "$root/c-tests/bench/$program.c"
done
gcc -O2 -pthread -o "$out/story" "$root/scripts/pictures/story.c"

server= load=
stop() {
    [ -z "$load" ] || kill "$load" 2>/dev/null || :
    [ -z "$server" ] || kill "$server" 2>/dev/null || :
}
trap stop EXIT

# The server prints its port; then 200 connections ask it for a few seconds.
LD_PRELOAD="$root/libgreen.so" "$out/threads" http >"$out/port" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -s "$out/port" ] && break
    sleep 0.2
done
[ -s "$out/port" ] || { echo "pictures: the server doesn't start" >&2; exit 1; }
"$out/load" -w http -c 200 -a 40 -t 5 "$(cat "$out/port")" >"$out/load.txt" &
load=$!
sleep 2
"$root/green" top --once --size 112x26 "$server" >"$out/top.txt"
wait "$load"
load=
python3 "$root/scripts/pictures/terminal_svg.py" "green top $server" <"$out/top.txt" >"$out/top.svg"

LD_PRELOAD="$root/libgreen.so" GREEN_HUBS=1 GREEN_TRACE="$out/trace.json" "$out/story"
python3 "$root/scripts/pictures/trace_svg.py" "$out/trace.json" \
    "8 connections, 1 hub, and a thread that blocks for 40 ms in a raw system call" >"$out/trace.svg"

mv "$out/top.svg" "$out/trace.svg" "$to/"
echo "pictures: $to/top.svg $to/trace.svg"
