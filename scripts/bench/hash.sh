#!/usr/bin/env bash
# A server whose threads compute: does green use both processors? 64 connections, each request hashes for about 200 us.
#   scripts/bench/hash.sh [ROUNDS]     (default $ROUNDS or 5; native, 1 hub and 2 hubs in turn; medians are printed)
# GREEN_LIB: the library (default ./libgreen.so). HASH_MICROSECONDS (200), HASH_CONNECTIONS (64), HASH_SECONDS (2 a run).
# About 8 s a round. Nothing is pinned: the client takes its few percent of the same processors. Exit status 1: a reply was wrong.
. "$(dirname "$0")/common.sh"
microseconds=${HASH_MICROSECONDS:-200}
connections=${HASH_CONNECTIONS:-64}
seconds=${HASH_SECONDS:-2}
build hash

# Once for all runs: native and green do exactly equal work.
work_rounds=$("$out/hash" calibrate "$microseconds")

run() {
	start_server "$2" "$out/hash" serve "$work_rounds" || exit 1
	run_client "kind=$1 mode=$2" "$out/hash" load "$port" "$work_rounds" "$connections" "$seconds" "$server"
}
in_turn hash "native green1 green2" run

echo "a thread per connection, $connections connections, $microseconds us of hashing a request ($work_rounds rounds), $(nproc) processors"
echo "medians of $rounds rounds of $seconds s, in turn; every reply checked"
echo
awk "$tables"'
function line(label, key, form, scale) {
	printf "%-28s %10s %13s %13s %15s %17s\n", label, show(median("hash", "native", key), form, scale),
		show(median("hash", "green1", key), form, scale), show(median("hash", "green2", key), form, scale),
		ratio("hash", "green2", "green1", key), ratio("hash", "green2", "native", key)
}
{ read_fields() }
END {
	printf "%-28s %10s %13s %13s %15s %17s\n", "", "native", "green, 1 hub", "green, 2 hubs", "2 hubs / 1 hub", "2 hubs / native"
	line("requests per second", "rps", ",", 1)
	line("latency p50, ms", "p50_us", "%.2f", 0.001)
	line("latency p99, ms", "p99_us", "%.2f", 0.001)
	line("server CPU us per request", "server_us", "%.1f", 1)
	line("client CPU us per request", "client_us", "%.1f", 1)
	line("server, % of a processor", "server_busy", "%.0f", 1)
	line("client, % of a processor", "client_busy", "%.1f", 1)
	line("kernel threads", "threads", ",", 1)
	print "\ngoals, requests per second: 2 hubs / 1 hub at least 1.8, 2 hubs / native at least 1.0"
	note_stalls()
	if (total["wrong"]) { printf "FAILED: %d replies were wrong\n", total["wrong"]; exit 1 }
}' "$work/runs"
