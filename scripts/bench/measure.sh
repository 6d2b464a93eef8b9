#!/bin/sh
# The benchmark: native threads, libgreen, a hand-written epoll server and the peers, in turn, in several rounds; medians, ratios.
#   scripts/bench/measure.sh [OPTION...]     (--help tells them, such as --quick, --rounds 5, --seconds 1, --workloads echo http)
# Run by `make bench`. All numbers go to build/bench/results.json, which plots.sh draws.
# GREEN_LIB: the library (default ./libgreen.so). Needs gcc and cargo, strace to count system calls, and for the peers what
# peers/install.sh tells. A peer that can't be had is reported as missing.
# Exit status 1: a run failed, or a reply was wrong; 2: it can't be run so.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$root/build/bench
lib=${GREEN_LIB:-$root/libgreen.so}
[ -f "$lib" ] || { echo "measure: no library at $lib (make builds it)" >&2; exit 2; }
mkdir -p "$out"

for program in threads epoll ring load micro parked; do
	gcc -O2 -Wall -Wextra -pthread -o "$out/$program" "$root/c-tests/bench/$program.c"
done
"$root/scripts/bench/peers/install.sh" >"$out/peers.txt"
cargo build --quiet --release --locked --manifest-path "$root/scripts/bench/runner/Cargo.toml" --target-dir "$out/target"
GREEN_LIB=$lib exec "$out/target/release/bench" --programs "$out" "$@"
