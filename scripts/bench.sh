#!/usr/bin/env bash
# Small things that threads do to each other, and very many threads asleep: natively and green, in turn, side by side.
#   scripts/bench.sh [ROUNDS]     (default 5; medians are printed). Run by `make bench`.
# GREEN_LIB: the library (default ./libgreen.so). Needs gcc, coreutils and awk.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
lib=${GREEN_LIB:-$root/libgreen.so}
rounds=${1:-5}
out=$root/build/bench
mkdir -p "$out"
[ -f "$lib" ] || { echo "bench: no library at $lib (make builds it)"; exit 1; }
for program in micro sleepers; do
	gcc -O2 -pthread -o "$out/$program" "$root/c-tests/bench/$program.c"
done

: >"$out/native.txt"
: >"$out/green.txt"
for _ in $(seq "$rounds"); do
	"$out/micro" 10000 >>"$out/native.txt"
	LD_PRELOAD="$lib" GREEN_HUBS=1 "$out/micro" 100000 >>"$out/green.txt"
done

# The median of each name's values, in the order in which the names came.
medians() {
	awk '{ if (!($1 in n)) order[++k] = $1; v[$1, ++n[$1]] = $2 }
	     END { for (i = 1; i <= k; i++) { name = order[i]; c = n[name]
	             for (a = 1; a <= c; a++) for (b = a + 1; b <= c; b++)
	                 if (v[name, b] < v[name, a]) { t = v[name, a]; v[name, a] = v[name, b]; v[name, b] = t }
	             print name, v[name, int((c + 1) / 2)] } }' "$1"
}

echo "nanoseconds, medians of $rounds rounds, native and green in turn (green: GREEN_HUBS=1)"
echo
printf '%-28s %12s %12s %14s\n' "" native green "native/green"
medians "$out/native.txt" >"$out/native.medians"
medians "$out/green.txt" | paste -d' ' "$out/native.medians" - | while read -r name native _ green; do
	printf '%-28s %12s %12s %14s\n' "${name//_/ }" "$native" "$green" \
		"$(awk -v a="$native" -v b="$green" 'BEGIN { printf "%.2f", a / b }')"
done
echo
echo "threads asleep until one moment (8 s from the start; 8 MiB stacks, committed as touched)"
echo "native, 10,000:   $("$out/sleepers" 10000 8)"
echo "green,  10,000:   $(LD_PRELOAD="$lib" "$out/sleepers" 10000 8)"
echo "native, 100,000:  $("$out/sleepers" 100000 8 || true)"
echo "green,  100,000:  $(LD_PRELOAD="$lib" "$out/sleepers" 100000 8)"
