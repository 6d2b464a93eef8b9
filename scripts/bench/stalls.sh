#!/usr/bin/env bash
# Threads that wait inside libc, for a disk, or for another process: what do the others notice? 200 echo connections, a thread
# each, 4,000 messages of 64 bytes a second in an open loop, without and with such threads (c-tests/bench/stalls.c names them).
#   scripts/bench/stalls.sh [ROUNDS]     (default $ROUNDS or 5; native, 1 hub and default hubs in turn; medians are printed)
# GREEN_LIB: the library (default ./libgreen.so). STALLS_KINDS (each a kind, a dash and how many threads),
# STALLS_CONNECTIONS (200), STALLS_RATE (4000 a second), STALLS_SECONDS (2 a run), STALLS_RAW: a file that gets every run's
# own numbers.
# About 80 s a round. Nothing is pinned; the client takes a real-time priority where it may (root), as if it were on a machine
# of its own. A run in which it was late all the same (p99 beyond 1 ms) is repeated, at most twice. Exit status 1: a byte was
# wrong, or a connection was lost.
. "$(dirname "$0")/common.sh"
kinds="none-0 ${STALLS_KINDS:-dns-100 dns-1000 fgets-20 open-20 system-20 fsync-8 flock-20}"
connections=${STALLS_CONNECTIONS:-200}
rate=${STALLS_RATE:-4000}
seconds=${STALLS_SECONDS:-2}
build stalls echo_hog_load
# Where the program is built, rather than /tmp: that may be memory, whose fsync does nothing.
files=$(mktemp -d "$out/stalls.XXXXXX")
trap 'clean_up; rm -rf "$files"' EXIT

# once KIND MODE: one run, one line in $work/runs.
once() {
	rm -f "$files"/*
	start_server "$2" "$out/stalls" "${1%-*}" "${1#*-}" $((connections + 1)) "$files" || exit 1
	run_client "kind=$1 mode=$2" "$out/echo_hog_load" -c "$connections" -r "$rate" -t "$seconds" -n 20 -P "$server" "$port"
}
run() { unless_late once "$@"; }

in_turn "$kinds" "native green1 green" run
[ -n "${STALLS_RAW:-}" ] && cp "$work/runs" "$STALLS_RAW"

echo "echo, a thread per connection: $connections connections, $rate messages a second, open loop; every byte checked"
echo "medians of $rounds rounds of $seconds s, in turn; $(nproc) processors; $repeated runs repeated since the client itself was late"
echo
awk -v kinds="$kinds" "$tables"'
# To what it is without such threads, in the same mode.
function grown(kind, mode,    a, b) {
	a = median(kind, mode, "p99_us"); b = median("none-0", mode, "p99_us")
	return a < 0 || b <= 0 ? "-" : sprintf("%.2f", a / b)
}
function details(kind, mode) {
	printf "%-10s %-15s %8s %8s %8s %8s %8s %9s %8s %8s %7s %7s\n", kind, name[mode], show(median(kind, mode, "count"), ",", 1),
		show(median(kind, mode, "p50_us"), "%.2f", 0.001), show(median(kind, mode, "p99_us"), "%.2f", 0.001),
		show(median(kind, mode, "max_us"), "%.1f", 0.001), show(median(kind, mode, "new_max_us"), "%.1f", 0.001),
		kind == "none-0" ? "" : grown(kind, mode), mode == "native" ? "" : ratio(kind, mode, "native", "p99_us"), show(median(kind, mode, "threads"), ",", 1),
		show(median(kind, mode, "server_cpu"), "%.0f", 1), show(median(kind, mode, "late_p99_us"), "%.2f", 0.001)
}
{ read_fields() }
END {
	n = split(kinds, kind, " ")
	name["native"] = "native"; name["green1"] = "green, 1 hub"; name["green"] = "green, default"
	print "all numbers: ms; \"new max\": connect to first echo of a new connection; \"with/out\": p99 with such threads to p99 without; \"/native\": p99 to native p99;"
	print "threads: kernel threads at the end; server: % of a processor; \"late\" is how late the client itself sent (p99)"
	printf "%-10s %-15s %8s %8s %8s %8s %8s %9s %8s %8s %7s %7s\n", "threads", "", "messages", "p50", "p99", "max", "new max", "with/out", "/native", "threads", "server", "late"
	for (i = 1; i <= n; i++) { details(kind[i], "native"); details(kind[i], "green1"); details(kind[i], "green") }
	print "\ngoal, green: with/out at most 2.0"
	note_stalls()
	if (total["wrong"] || total["errors"]) { printf "FAILED: %d bytes wrong, %d connections lost\n", total["wrong"], total["errors"]; exit 1 }
}' "$work/runs"
