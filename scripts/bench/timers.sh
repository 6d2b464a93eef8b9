#!/usr/bin/env bash
# Timers under load: 1,000 threads take naps of 1 to 20 ms for 3 s while four threads compute; how late do they wake?
#   scripts/bench/timers.sh [ROUNDS]     (default $ROUNDS or 5; native, 1 hub and default hubs in turn; medians are printed)
# GREEN_LIB: the library (default ./libgreen.so). TIMERS_KINDS ("none yield pipe hogs": what the four do after each
# millisecond, c-tests/bench/compute_timers.c says), TIMERS_SLEEPERS (1000), TIMERS_SECONDS (3 a run), TIMERS_RAW: a file
# that gets every run's own numbers.
# About 45 s a round. Exit status 1: a nap was too short.
. "$(dirname "$0")/common.sh"
kinds=${TIMERS_KINDS:-none yield pipe hogs}
sleepers=${TIMERS_SLEEPERS:-1000}
seconds=${TIMERS_SECONDS:-3}
build compute compute_timers

work_rounds=$("$out/compute" calibrate 1)

: >"$work/runs"
for ((round = 1; round <= rounds; round++)); do
	for kind in $kinds; do
		for m in native green1 green; do
			progress "round $round of $rounds: $kind, $m"
			run_alone $((${seconds%.*} + 15)) "$kind" "$m" "$out/compute_timers" "$kind" "$work_rounds" "$sleepers" "$seconds"
		done
	done
done
progress
[ -n "${TIMERS_RAW:-}" ] && cp "$work/runs" "$TIMERS_RAW"

echo "$sleepers threads that nap for 1 to 20 ms, beside 4 threads that compute: how late a nap ends, ms; $(nproc) processors"
echo "medians of $rounds rounds of $seconds s, in turn"
echo
awk -v kinds="$kinds" "$tables"'
function table(title, key, form, scale,    i) {
	print title
	printf "%-8s %10s %13s %14s %16s %17s\n", "beside", "native", "green, 1 hub", "green, default", "1 hub / native", "default / native"
	for (i = 1; i <= n; i++)
		printf "%-8s %10s %13s %14s %16s %17s\n", kind[i], show(median(kind[i], "native", key), form, scale),
			show(median(kind[i], "green1", key), form, scale), show(median(kind[i], "green", key), form, scale),
			ratio(kind[i], "green1", "native", key), ratio(kind[i], "green", "native", key)
	print ""
}
{ read_fields() }
END {
	n = split(kinds, kind, " ")
	table("lateness p50", "p50_us", "%.2f", 0.001)
	table("lateness p99", "p99_us", "%.2f", 0.001)
	table("lateness p99.9", "p999_us", "%.2f", 0.001)
	table("lateness, the most", "max_us", "%.1f", 0.001)
	table("naps taken (more is better)", "naps", ",", 1)
	table("milliseconds of computing done per second by the four (more is better)", "bursts", ",", 1)
	table("processor time, % of a processor", "cpu", ",", 1)
	note_stalls()
	if (total["short"]) { printf "FAILED: %d naps were shorter than asked for\n", total["short"]; exit 1 }
}' "$work/runs"
