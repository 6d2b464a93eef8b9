#!/usr/bin/env bash
# 200 threads that only compute, about 15 ms each and without a call, created and joined: how long does it take?
#   scripts/bench/compute.sh [ROUNDS]     (default $ROUNDS or 5; native, 1 hub and default hubs in turn; medians are printed)
# GREEN_LIB: the library (default ./libgreen.so). COMPUTE_THREADS (200), COMPUTE_MILLISECONDS (15).
# About 10 s a round with two processors. Native on one processor is there for one hub to be compared with. Exit status 1:
# a result was wrong.
. "$(dirname "$0")/common.sh"
threads=${COMPUTE_THREADS:-200}
milliseconds=${COMPUTE_MILLISECONDS:-15}
build compute

# Once for all runs: native and green do exactly equal work.
work_rounds=$("$out/compute" calibrate "$milliseconds")
modes="native green1 green"
command -v taskset >/dev/null && modes="native native1 green1 green"

run() { run_alone 60 "$1" "$2" "$out/compute" run "$work_rounds" "$threads"; }
in_turn compute "$modes" run

echo "$threads threads, each about $milliseconds ms of computing ($work_rounds rounds), created and joined; $(nproc) processors"
echo "medians of $rounds rounds, in turn; every result checked"
echo
awk "$tables"'
function line(label, key) {
	printf "%-28s %10s %15s %13s %15s %17s %16s\n", label, show(median("compute", "native", key), ",", 1),
		"native1" in seen ? show(median("compute", "native1", key), ",", 1) : "-",
		show(median("compute", "green1", key), ",", 1), show(median("compute", "green", key), ",", 1),
		key ~ /_ms/ && key != "cpu_ms" ? "" : ratio("compute", "green", "native", key),
		key ~ /_ms/ && key != "cpu_ms" || !("native1" in seen) ? "" : ratio("compute", "green1", "native1", key)
}
{ read_fields(); seen[f["mode"]] }
END {
	printf "%-28s %10s %15s %13s %15s %17s %16s\n", "", "native", "native, 1 proc.", "green, 1 hub", "green, default", "default / native", "1 hub / 1 proc."
	line("time, ms", "ms")
	line("processor time, ms", "cpu_ms")
	line("last one started after, ms", "last_started_ms")
	line("first one done after, ms", "first_done_ms")
	print "\ngoal, time: default / native at most 1.05"
	note_stalls()
	if (total["wrong"]) { printf "FAILED: %d results were wrong\n", total["wrong"]; exit 1 }
}' "$work/runs"
