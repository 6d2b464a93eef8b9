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

run() {
	run_alone $((${seconds%.*} + 15)) "$1" "$2" "$out/compute_timers" "$1" "$work_rounds" "$sleepers" "$seconds"
}
in_turn "$kinds" "native green1 green" run
[ -n "${TIMERS_RAW:-}" ] && cp "$work/runs" "$TIMERS_RAW"

echo "$sleepers threads that nap for 1 to 20 ms, beside 4 threads that compute: how late a nap ends, ms; $(nproc) processors"
echo "medians of $rounds rounds of $seconds s, in turn"
echo
awk -v kinds="$kinds" "$tables"'
{ read_fields() }
END {
	n = split(kinds, kind, " ")
	table("lateness p50", "beside", "p50_us", "%.2f", 0.001)
	table("lateness p99", "beside", "p99_us", "%.2f", 0.001)
	table("lateness p99.9", "beside", "p999_us", "%.2f", 0.001)
	table("lateness, the most", "beside", "max_us", "%.1f", 0.001)
	table("naps taken (more is better)", "beside", "naps", ",", 1)
	table("milliseconds of computing done per second by the four (more is better)", "beside", "bursts", ",", 1)
	table("processor time, % of a processor", "beside", "cpu", ",", 1)
	note_stalls()
	if (total["short"]) { printf "FAILED: %d naps were shorter than asked for\n", total["short"]; exit 1 }
}' "$work/runs"
