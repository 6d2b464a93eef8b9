#!/usr/bin/env bash
# The demo: one small thread-per-connection HTTP server, unmodified, natively and under libgreen, side by side.
#
#     scripts/demo.sh [connections]          (10000; also rows for 100 and 1,000, and for a hundred busy among all)
#
#     GREEN_LIB      the library (libgreen.so beside Makefile); missing: the native columns only
#     DEMO_ROUNDS    rounds, native and green in turn; the table shows medians (3)
#     DEMO_SECONDS   how long requests are counted in each run (1)
#     DEMO_PIN       0: don't pin the server to the first processor and the load generator to the second
#     DEMO_RAW       a file that gets every run's own numbers
#     GREEN_*        is passed on to the library
#
# Exit status: 0; 1 when a reply was wrong or lost, the connections were not all held at once, or green wasn't green.
# Where the native server cannot have that many threads (ulimit -u, a cgroup's pids.max) the table shows it, and only
# green must hold.
# Needs bash, coreutils, awk and gcc.
set -u
cd "$(dirname "$0")/.." || exit 1

most=${1:-${DEMO_CONNECTIONS:-10000}}
rounds=${DEMO_ROUNDS:-3}
seconds=${DEMO_SECONDS:-1}
library=${GREEN_LIB:-$PWD/libgreen.so}
build=build/demo
server=

case $most in '' | *[!0-9]*) echo "demo: not a number of connections: $most" >&2; exit 2 ;; esac

work=$(mktemp -d)
stop_server() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null
        for _ in {1..250}; do
            kill -0 "$server" 2>/dev/null || break
            sleep 0.02
        done
        kill -KILL "$server" 2>/dev/null && echo "demo: the server does not end at SIGTERM" >&2
        { wait "$server"; } 2>/dev/null
        server=
    fi
}
generator=
clean_up() {
    [ -n "$generator" ] && kill "$generator" 2>/dev/null
    stop_server
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p $build
gcc -O2 -Wall -Wextra -pthread c-tests/demo/httpd.c -o $build/httpd || exit 1
gcc -O2 -Wall -Wextra c-tests/demo/load.c -o $build/load || exit 1

# Pinned, a run measures the server on one processor and the generator doesn't steal from it.
pin_server=() pin_load=()
cpus=$(awk '/^Cpus_allowed_list:/ {
    n = split($2, part, ",")
    for (i = 1; i <= n; i++) { split(part[i] "-" part[i], r, "-"); for (c = r[1]; c <= r[2]; c++) printf "%d ", c }
}' /proc/self/status)
read -r first second _ <<<"$cpus"
if [ -n "${second:-}" ] && [ "${DEMO_PIN:-1}" != 0 ] && command -v taskset >/dev/null; then
    pin_server=(taskset -c "$first") pin_load=(taskset -c "$second")
fi

# start_server native|green: sets $server and $port. The preload reaches the server alone, not taskset.
start_server() {
    local preload=()
    [ "$1" = green ] && preload=("LD_PRELOAD=$library")
    : >"$work/port"
    ${pin_server[@]+"${pin_server[@]}"} env ${preload[@]+"${preload[@]}"} $build/httpd 0 \
        >"$work/port" 2>"$work/$1.stderr" &
    server=$!
    for _ in {1..250}; do
        read -r port <"$work/port" && return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.02
    done
    echo "demo: the $1 server does not start: $(head -n 3 "$work/$1.stderr")" >&2
    return 1
}

# measure native|green CONNECTIONS ACTIVE: one run, one line in $work/runs
measure() {
    local line=
    if start_server "$1"; then
        ${pin_load[@]+"${pin_load[@]}"} $build/load -c "$2" -a "$3" -t "$seconds" -P "$server" "$port" \
            >"$work/line" 2>"$work/load.stderr" &
        generator=$!
        wait "$generator"
        generator=
        line=$(cat "$work/line")
        sed "s/^/demo: $1, $2 connections: /" "$work/load.stderr" >&2
        kill -0 "$server" 2>/dev/null || { echo "demo: the $1 server died" >&2; line+=" died=1"; }
    fi
    stop_server
    head -n 3 "$work/$1.stderr" | sed "s/^/demo: the $1 server says: /" >&2
    echo "mode=$1 connections=$2 active=$3 ${line:-held=0 died=1}" >>"$work/runs"
}

rows=()
for n in 100 1000; do
    [ "$n" -lt "$most" ] && rows+=("$n $n")
done
rows+=("$most $most")
[ "$most" -gt 100 ] && rows+=("$most 100")

if [ -e "$library" ]; then
    modes=(native green)
else
    modes=(native)
    echo "demo: no library at $library: the green columns are skipped" >&2
fi

: >"$work/runs"
for ((round = 1; round <= rounds; round++)); do
    for row in "${rows[@]}"; do
        for mode in "${modes[@]}"; do
            [ -t 2 ] && printf '\rround %d of %d: %s connections, %s active, %s ... ' "$round" "$rounds" $row "$mode" >&2
            measure "$mode" $row
        done
    done
done
[ -t 2 ] && printf '\r%70s\r' '' >&2
[ -n "${DEMO_RAW:-}" ] && cp "$work/runs" "$DEMO_RAW"

echo "a thread per connection: c-tests/demo/httpd.c, 64 KiB stacks; every byte of every reply checked"
echo "${#pin_server[@]}" "$rounds" "$seconds" | awk '{
    printf "medians of %d round%s of %s s each; %s\n\n", $2, $2 == 1 ? "" : "s", $3, $1 ? "server on one processor, load generator on another" : "not pinned"
}'

awk -v order="$(printf '%s;' "${rows[@]}")" -v most="$most" -v green_ran=$((${#modes[@]} - 1)) '
function median(key, n,    i, j, t, a) {            # of the runs that have a number at all
    n = count[key]
    if (!n) return 0
    for (i = 1; i <= n; i++) a[i] = value[key, i] + 0
    for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j - 1] > a[j]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
    return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
}
function add(key, v) { value[key, ++count[key]] = v }
function commas(n,    s, out) {
    s = sprintf("%.0f", n)
    while (length(s) > 3) { out = "," substr(s, length(s) - 2) out; s = substr(s, 1, length(s) - 3) }
    return s out
}
function show(v, form) { return form == "," ? commas(v) : sprintf(form, v) }
function line(label, name, form,    i, text) {
    text = sprintf("%-24s", label)
    for (i = 1; i <= rows; i++) {
        text = text sprintf(" |%9s", show(get(name, "native", i), form))
        text = text sprintf("%9s", green_ran ? show(get(name, "green", i), form) : "-")
    }
    print text
}
function get(name, mode, i,    key) {
    key = row[i] " " mode " " name
    if (name == "held") return lowest[row[i] " " mode]
    if (name == "wrong" || name == "errors") return total[key] + 0
    return median(key)
}
function ratio(name, i,    n) {
    n = get(name, "native", i)
    return n > 0 ? sprintf("%.2f", get(name, "green", i) / n) : "-"
}
{
    delete f
    for (i = 1; i <= NF; i++) { split($i, kv, "="); f[kv[1]] = kv[2] }
    id = f["connections"] " " f["active"] " " f["mode"]
    if (!(id in lowest) || f["held"] < lowest[id]) lowest[id] = f["held"] + 0
    total[id " wrong"] += f["wrong"]; total[id " errors"] += f["errors"]
    bad = f["wrong"] || f["errors"] || f["died"] || f["held"] < f["connections"]
    if (bad && f["wrong"] == 0 && !f["died"] && f["mode"] == "native" && green_ran && f["held"] < f["connections"]) {
        bad = 0; native_short = 1
    }
    failed += bad
    if (!("rps" in f)) next
    add(id " rps", f["rps"]); add(id " p50", f["p50_us"] / 1000); add(id " p99", f["p99_us"] / 1000)
    add(id " threads", f["threads"]); add(id " rss", f["rss_kib"] / 1024); add(id " cpu", f["cpu_us"])
    add(id " each", (f["rss_kib"] - f["rss0_kib"]) / (f["held"] ? f["held"] : 1)); add(id " busy", f["busy"])
    add(id " kstacks", f["kstacks_kib"] / 1024)
}
END {
    rows = split(order, row, ";") - 1
    head = sprintf("%-24s", "connections"); sub_head = sprintf("%-24s", ""); rule = sprintf("%-24s", "")
    for (i = 1; i <= rows; i++) {
        split(row[i], n, " ")
        head = head sprintf(" |%18s", n[1] == n[2] ? commas(n[1]) : commas(n[1]) ", " commas(n[2]) " busy")
        sub_head = sub_head sprintf(" |%9s%9s", "native", "green")
        rule = rule "-+------------------"
    }
    gsub(/ /, "-", rule)
    print head; print sub_head; print rule
    line("held at once", "held", ",")
    line("requests per second", "rps", ",")
    line("latency p50, ms", "p50", "%.2f")
    line("latency p99, ms", "p99", "%.1f")
    line("CPU us per request", "cpu", "%.1f")
    line("kernel threads", "threads", ",")
    line("resident, MiB", "rss", "%.1f")
    line("KiB per idle connection", "each", "%.1f")
    line("kernel stacks, MiB", "kstacks", "%.1f")
    line("replies wrong", "wrong", ",")
    line("connections failed", "errors", ",")
    line("load generator busy, %", "busy", "%.0f")
    print ""
    for (i = 1; i <= rows; i++) if (row[i] == most " " most) break
    if (native_short) print "The native server could not hold them all here: threads are limited (ulimit -u, pids.max)."
    if (green_ran && get("rps", "green", i) > 0 && get("rps", "native", i) > 0)
        printf "%s connections, green against native: %sx the requests per second, %sx the p99 latency, %sx the processor " \
            "time per request, %sx the resident memory per idle connection; %s kernel thread%s instead of %s.\n", commas(most), \
            ratio("rps", i), ratio("p99", i), ratio("cpu", i), ratio("each", i), \
            commas(get("threads", "green", i)), get("threads", "green", i) == 1 ? "" : "s", commas(get("threads", "native", i))
    else if (!green_ran)
        printf "%s connections: native needs %s kernel threads; no green run to compare with.\n", commas(most), commas(get("threads", "native", i))
    if (failed) printf "FAILED: %d run%s with wrong replies or connections not held\n", failed, failed == 1 ? "" : "s"
    not_green = green_ran && most >= 10 && get("threads", "green", i) > most / 2
    if (not_green) print "FAILED: the green server had kernel threads for its connections: it did not run green"
    exit failed || not_green
}' "$work/runs"
