#!/usr/bin/env bash
# Very many threads asleep until one moment (8 s from the start; 8 MiB stacks, committed as touched): natively and green.
#   scripts/bench/sleepers.sh. Run by `make bench-sleep`.
# GREEN_LIB: the library (default ./libgreen.so). Needs gcc.
. "$(dirname "$0")/common.sh"

build sleepers
echo "native, 10,000:   $("$out/sleepers" 10000 8)"
echo "green,  10,000:   $(LD_PRELOAD="$lib" "$out/sleepers" 10000 8)"
echo "native, 100,000:  $("$out/sleepers" 100000 8 || true)"
echo "green,  100,000:  $(LD_PRELOAD="$lib" "$out/sleepers" 100000 8)"
