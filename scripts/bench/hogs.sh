#!/usr/bin/env bash
# A thread that never gives its processor back: what do the other threads notice? 1,000 echo connections, a thread each,
# 10,000 messages of 64 bytes a second in an open loop, beside a hog of each kind (c-tests/bench/echo_hog.c names them).
#   scripts/bench/hogs.sh [ROUNDS]     (default $ROUNDS or 5; native, 1 hub and default hubs in turn; medians are printed)
# GREEN_LIB: the library (default ./libgreen.so). HOGS_KINDS ("none spin read fault main"), HOGS_CONNECTIONS (1000),
# HOGS_RATE (10000 a second), HOGS_SECONDS (3 a run), HOGS_RAW: a file that gets every run's own numbers.
# About a minute a round. Nothing is pinned; the client takes a real-time priority where it may (root), as if it were on
# a machine of its own. A run in which it was late all the same (p99 beyond 1 ms: the machine was busy with something
# else) is repeated, at most twice. Exit status 1: a byte was wrong, or a connection was lost.
. "$(dirname "$0")/common.sh"
kinds=${HOGS_KINDS:-none spin read fault main}
connections=${HOGS_CONNECTIONS:-1000}
rate=${HOGS_RATE:-10000}
seconds=${HOGS_SECONDS:-3}
build echo_hog echo_hog_load

# once KIND MODE: one run, one line in $work/runs.
once() {
	start_server "$2" "$out/echo_hog" "$1" $((connections + 1)) || exit 1
	run_client "kind=$1 mode=$2" "$out/echo_hog_load" -c "$connections" -r "$rate" -t "$seconds" -P "$server" "$port"
}
run() { unless_late once "$@"; }

in_turn "$kinds" "native green1 green" run
[ -n "${HOGS_RAW:-}" ] && cp "$work/runs" "$HOGS_RAW"

echo "echo, a thread per connection: $connections connections, $rate messages a second, open loop; every byte checked"
echo "medians of $rounds rounds of $seconds s, in turn; $(nproc) processors; $repeated runs repeated since the client itself was late"
echo
awk -v kinds="$kinds" "$tables"'
function details(kind, mode) {
	if (median(kind, mode, "count") < 0) {
		printf "%-6s %-15s  stalled in %d of %d runs; there %.0f %% of the messages were not answered\n", kind, name[mode],
			stalls[kind, mode], runs[kind, mode], 100 * lost[kind, mode] / (sent[kind, mode] ? sent[kind, mode] : 1)
		return
	}
	printf "%-6s %-15s %8s %8s %8s %8s %8s %8s %8s %8s %7s %7s %7s\n", kind, name[mode], show(median(kind, mode, "count"), ",", 1),
		show(median(kind, mode, "p50_us"), "%.2f", 0.001), show(median(kind, mode, "p99_us"), "%.2f", 0.001),
		show(median(kind, mode, "p999_us"), "%.2f", 0.001), show(median(kind, mode, "max_us"), "%.1f", 0.001),
		show(median(kind, mode, "new_p50_us"), "%.2f", 0.001), show(median(kind, mode, "new_max_us"), "%.1f", 0.001),
		show(median(kind, mode, "late_p99_us"), "%.2f", 0.001), show(median(kind, mode, "server_cpu"), "%.0f", 1),
		show(median(kind, mode, "client_cpu"), "%.0f", 1), show(median(kind, mode, "threads"), ",", 1)
}
{ read_fields(); if (f["stalled"]) { lost[f["kind"], f["mode"]] += f["unanswered"]; sent[f["kind"], f["mode"]] += f["count"] } }
END {
	n = split(kinds, kind, " ")
	name["native"] = "native"; name["green1"] = "green, 1 hub"; name["green"] = "green, default"
	table("latency p99, ms (goal: at most 1.5 of native)", "hog", "p99_us", "%.2f", 0.001)
	table("the same, p99.9", "hog", "p999_us", "%.2f", 0.001)
	table("a new connection during the hog, connect to first echo, median, ms", "hog", "new_p50_us", "%.2f", 0.001)
	print "all numbers: ms; \"late\" is how late the client itself sent (p99); CPU in % of a processor, the hog among the server"
	printf "%-6s %-15s %8s %8s %8s %8s %8s %8s %8s %8s %7s %7s %7s\n", "hog", "", "messages", "p50", "p99", "p99.9", "max", "new p50", "new max", "late", "server", "client", "threads"
	for (i = 1; i <= n; i++) { details(kind[i], "native"); details(kind[i], "green1"); details(kind[i], "green") }
	note_stalls()
	if (total["wrong"] || total["errors"]) { printf "FAILED: %d bytes wrong, %d connections lost\n", total["wrong"], total["errors"]; exit 1 }
}' "$work/runs"
