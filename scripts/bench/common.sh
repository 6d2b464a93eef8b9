# What the scripts beside this one share; they source it. Sets $root, $lib, $out, $rounds and $work.
set -eu
name=$(basename "$0" .sh)
root=$(cd "$(dirname "$0")/../.." && pwd)
lib=${GREEN_LIB:-$root/libgreen.so}
rounds=${1:-${ROUNDS:-5}}
out=$root/build/bench
work=$(mktemp -d)
server=
client=

say() { echo "$name: $*" >&2; }

# Ends the process with that id, and waits for it: by SIGTERM, and after two seconds by SIGKILL.
stop() {
	[ -n "$1" ] || return 0
	kill "$1" 2>/dev/null || true
	for _ in {1..100}; do
		kill -0 "$1" 2>/dev/null || break
		sleep 0.02
	done
	kill -KILL "$1" 2>/dev/null || true
	{ wait "$1" || true; } 2>/dev/null
}

clean_up() {
	stop "$client"
	stop "$server"
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

case $rounds in '' | *[!0-9]* | 0) say "not a number of rounds: $rounds" && exit 2 ;; esac
[ -f "$lib" ] || { say "no library at $lib (make builds it)"; exit 1; }
mkdir -p "$out"

build() {
	local program
	for program; do
		gcc -O2 -Wall -Wextra -pthread -o "$out/$program" "$root/c-tests/bench/$program.c"
	done
}

# mode native|native1|green1|green2|green: sets $as, the words to put before a program. native1 has one processor.
mode() {
	case $1 in
	native) as=(env -u LD_PRELOAD) ;;
	native1) as=(taskset -c "$first_processor" env -u LD_PRELOAD) ;;
	green) as=(env -u GREEN_HUBS "LD_PRELOAD=$lib") ;;
	green*) as=(env "LD_PRELOAD=$lib" "GREEN_HUBS=${1#green}") ;;
	esac
}
first_processor=$(awk '/^Cpus_allowed_list:/ { sub(/[-,].*/, "", $2); print $2 }' /proc/self/status)

progress() { [ -t 2 ] && printf '\r%-70s\r' "$*" >&2 || true; }

# start_server MODE PROGRAM ARGUMENT...: sets $server and $port, which the server prints. Env execs, so the id is its own.
start_server() {
	mode "$1"
	shift
	: >"$work/port"
	"${as[@]}" "$@" >"$work/port" 2>"$work/server.stderr" &
	server=$!
	for _ in {1..250}; do
		read -r port <"$work/port" && return 0
		kill -0 "$server" 2>/dev/null || break
		sleep 0.02
	done
	say "the server does not start: $(head -n 3 "$work/server.stderr")"
	return 1
}

# run_client LABELS PROGRAM ARGUMENT...: LABELS and the line it prints go into $work/runs; none within 30 s is a stall.
run_client() {
	local labels=$1
	shift
	timeout -k 1 30 "$@" >"$work/line" 2>"$work/client.stderr" &
	client=$!
	wait "$client" || true
	client=
	sed "s/^/$name: $labels: /" "$work/client.stderr" >&2
	kill -0 "$server" 2>/dev/null || say "$labels: the server died: $(head -n 3 "$work/server.stderr")"
	stop "$server"
	server=
	echo "$labels $(grep . "$work/line" || echo stalled=1)" >>"$work/runs"
}

# unless_late COMMAND...: a run of a client that tells how late it was itself. One in which it was (p99 beyond 1 ms) says nothing of the
# server: it's repeated, at most twice, and counted in $repeated.
repeated=0
unless_late() {
	local try late
	for try in 1 2 3; do
		cp "$work/runs" "$work/runs.before"
		"$@"
		late=$(tail -n 1 "$work/runs" | sed -n 's/.*late_p99_us=\([0-9]*\).*stalled=0$/\1/p')
		[ "$try" -lt 3 ] && [ "${late:-0}" -gt 1000 ] || return 0
		repeated=$((repeated + 1))
		mv "$work/runs.before" "$work/runs"
	done
}

# run_alone SECONDS KIND MODE PROGRAM ARGUMENT...: a program without a client; the line it prints goes into $work/runs.
run_alone() {
	local limit=$1 labels="kind=$2 mode=$3" status=0
	mode "$3"
	shift 3
	timeout -k 1 "$limit" "${as[@]}" "$@" >"$work/line" 2>"$work/client.stderr" &
	client=$!
	wait "$client" || status=$?
	client=
	sed "s/^/$name: $labels: /" "$work/client.stderr" >&2
	case $status in 0 | 1 | 124 | 137) ;; *) say "$labels: the program ended with status $status" ;; esac
	echo "$labels $(grep . "$work/line" || echo stalled=1)" >>"$work/runs"
}

# in_turn "KIND..." "MODE..." COMMAND: $rounds times COMMAND KIND MODE for each, native and green in turn; it adds to $work/runs.
in_turn() {
	local round kind m
	: >"$work/runs"
	for ((round = 1; round <= rounds; round++)); do
		for kind in $1; do
			for m in $2; do
				progress "round $round of $rounds: $kind, $m"
				"$3" "$kind" "$m"
			done
		done
	done
	progress
}

# Awk functions for lines of key=value. A stalled run has no numbers: it counts as worse than all others, so that a
# median is "stalled" when half of the runs were.
tables='
function read_fields(    i, kv) {
	delete f
	for (i = 1; i <= NF; i++) { split($i, kv, "="); f[kv[1]] = kv[2] }
	runs[f["kind"], f["mode"]]++; stalls[f["kind"], f["mode"]] += f["stalled"]; total_stalls += f["stalled"]
	for (i in f) if (i != "kind" && i != "mode") {
		total[i] += f[i]
		if (!f["stalled"]) value[f["kind"], f["mode"], i, ++count[f["kind"], f["mode"], i]] = f[i] + 0
	}
}
function median(kind, mode, key,    n, i, j, t, a) {
	n = count[kind, mode, key]
	if (!n || 2 * stalls[kind, mode] >= runs[kind, mode]) return -1
	for (i = 1; i <= n; i++) a[i] = value[kind, mode, key, i]
	for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j - 1] > a[j]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
	n += stalls[kind, mode]
	return a[int((n + 1) / 2)]
}
function commas(n,    s, out) {
	s = sprintf("%.0f", n)
	while (length(s) > 3) { out = "," substr(s, length(s) - 2) out; s = substr(s, 1, length(s) - 3) }
	return s out
}
function show(v, form, scale) {
	if (v < 0) return "stalled"
	return form == "," ? commas(v * scale) : sprintf(form, v * scale)
}
function ratio(kind, mode, to, key,    a, b) {
	a = median(kind, mode, key); b = median(kind, to, key)
	return a < 0 || b <= 0 ? "-" : sprintf("%.2f", a / b)
}
# A table of a key for each kind of n: native, 1 hub, the default. heading: what the kinds are.
function table(title, heading, key, form, scale,    i) {
	print title
	printf "%-8s %10s %13s %14s %16s %17s\n", heading, "native", "green, 1 hub", "green, default", "1 hub / native", "default / native"
	for (i = 1; i <= n; i++)
		printf "%-8s %10s %13s %14s %16s %17s\n", kind[i], show(median(kind[i], "native", key), form, scale),
			show(median(kind[i], "green1", key), form, scale), show(median(kind[i], "green", key), form, scale),
			ratio(kind[i], "green1", "native", key), ratio(kind[i], "green", "native", key)
	print ""
}
function note_stalls() {
	if (total_stalls) printf "\n%d run%s stalled: something was not done a second after it had to be\n", total_stalls, total_stalls == 1 ? "" : "s"
}
'
