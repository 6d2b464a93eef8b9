# What the files beside this one share; scripts/integration.sh sources it, then one file for each program.
#
# Such a file sets $needs (Debian's packages; with :COMMAND, where the command isn't called so) and $cases (words), and defines
# `try CASE MODE`, which starts the program, drives it, ends it, and tells of it:
#   said LINE             a fact that must be the same natively and green: bytes, answers, log lines, exit statuses
#   wrong_because WORDS   why this row fails; the first one counts
#   requests, threads, wrong, errors    numbers for the row; threads: the most kernel threads seen, or -
#   most                  how many kernel threads it may have green ($few_threads)
#   threaded=no           it creates no threads: no counters are expected

passed=0 failed=0 skipped=0
processors=$(nproc)
# A carrier per processor, the watcher, and spares for whoever kept a hub waiting: nothing that grows with clients.
few_threads=$((processors + 8))
policy= origin= client= watcher=
work=$(mktemp -d)
chmod 711 "$work" # a server that has given up root must reach its files
mark=integration.$$.$RANDOM$RANDOM # in the environment of whatever we start: how we know our own, whoever adopted it

row() { printf '%-22s %-7s %8s %8s %8s %6s %6s %6s   %s\n' "$@"; }
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); printf 'FAILED: %s\n' "$*"; }
skip() { skipped=$((skipped + 1)); printf 'skipped: %s\n' "$*"; }

said() { printf '%s\n' "$*" >>"$work/said"; }
wrong_because() { [ "$verdict" != ok ] || verdict=$*; }

# ---- processes

# The processes that carry $mark and have not ended.
ours() {
    local file pid
    for file in $(grep -lzFx "INTEGRATION_MARK=$mark" /proc/[0-9]*/environ 2>/dev/null); do
        pid=${file#/proc/} pid=${pid%/environ}
        alive "$pid" && echo "$pid"
    done
}

# Neither gone nor a zombie that somebody else has to reap.
alive() {
    local line
    line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    line=${line##*) }
    [ "${line%% *}" != Z ]
}

# end PID [SIGNAL]: only ever a process that we started. 1 when that signal (TERM) alone did not do it within five seconds.
# $status is what a child of ours ended with.
end() {
    status=
    [ -n "$1" ] || return 0
    kill "-${2:-TERM}" "$1" 2>/dev/null
    for _ in {1..250}; do
        if ! alive "$1"; then
            { wait "$1"; } 2>/dev/null
            status=$?
            return 0
        fi
        sleep 0.02
    done
    kill -KILL "$1" 2>/dev/null
    { wait "$1"; } 2>/dev/null # or bash tells the world of it
    return 1
}

clean_up() {
    local pid
    for pid in $client $watcher $origin $(ours); do end "$pid"; done
    [ -n "$policy" ] && rm -f "$policy"
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

# preloaded native|green COMMAND...: runs it in our place, so that $! is the command's own PID.
preloaded() {
    local mode=$1
    shift
    export INTEGRATION_MARK=$mark
    [ "$mode" = native ] && exec "$@"
    exec env LD_PRELOAD="$library" GREEN_STATS="$work/stats" "$@"
}

# start MODE LOG COMMAND...: in the background, its output into $work/LOG; sets $pid.
start() {
    local mode=$1 log=$2
    shift 2
    preloaded "$mode" "$@" >"$work/$log" 2>&1 </dev/null &
    pid=$!
}

# start_daemon MODE LOG PIDFILE COMMAND...: one that goes into the background by itself; sets $pid to what it writes into
# PIDFILE. 1 when it fails.
start_daemon() {
    local file=$3 parent
    rm -f "$file"
    start "$1" "$2" "${@:4}"
    parent=$pid
    pid=
    for _ in {1..250}; do
        alive "$parent" || break
        sleep 0.02
    done
    alive "$parent" && { end "$parent"; return 1; }
    wait "$parent" || return 1
    for _ in {1..250}; do
        read -r pid 2>/dev/null <"$file" && [ -n "$pid" ] && return 0
        sleep 0.02
    done
    pid=
    return 1
}

# listening PORT PID: until somebody listens there, by $transport. 1 when PID dies before, or after five seconds.
transport=tcp
listening() {
    local port
    port=$(printf '0100007F:%04X' "$1")
    for _ in {1..100}; do
        if [ "$transport" = udp ]; then
            grep -q " $port " /proc/net/udp && return 0
        else
            (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
        fi
        [ -z "$2" ] || alive "$2" || return 1
        sleep 0.05
    done
    return 1
}

# serve MODE: starts a server by `launch MODE`, which sets $pid and takes $port. The free port may be taken before the server
# has it: three times.
serve() {
    for _ in 1 2 3; do
        port=$("$build/load" -f)
        pid=
        launch "$1" || continue
        listening "$port" "$pid" && return 0
        end "$pid"
    done
    wrong_because "does not start: $(tail -qn 1 "$work"/*.log 2>/dev/null | tail -n 3 | tr '\n' ' ')"
    return 1
}

# bounded SECONDS COMMAND...: a client. $status is its exit status, 124 when it was out of time.
bounded() {
    local limit=$1
    shift
    timeout -k 1 "$limit" "$@" <&0 &
    client=$!
    { wait "$client"; } 2>/dev/null
    status=$?
    client=
    return "$status"
}

# in_all MODE: whether the library is in each process of ours, as it should be; for those that create no threads.
in_all() {
    local pid
    [ "$1" = native ] && return 0
    for pid in $(ours); do grep -qF "$library" "/proc/$pid/maps" || return 1; done
}

# The most kernel threads that a process has, from watch_threads to watched_threads, which sets $threads.
watch_threads() {
    (
        most=0
        while read -r now < <(awk '/^Threads:/ { print $2 }' "/proc/$1/status" 2>/dev/null); do
            [ "$now" -gt "$most" ] && most=$now && echo "$most" >"$work/threads"
            sleep 0.02
        done
    ) &
    watcher=$!
}
watched_threads() {
    { kill "$watcher" && wait "$watcher"; } 2>/dev/null
    watcher=
    threads=$(cat "$work/threads" 2>/dev/null || echo -)
    rm -f "$work/threads"
}

# ---- packages

# have PACKAGE[:COMMAND]: installs it unless the command is there. Its daemon must not start by itself: policy-rc.d says no.
have() {
    local package=${1%%:*} command=${1#*:}
    command -v "$command" >/dev/null && return 0
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        policy=/usr/sbin/policy-rc.d
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
    fi
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package")
    "${install[@]}" >"$work/apt" 2>&1 || { apt-get update && "${install[@]}"; } >"$work/apt" 2>&1 || tail -n 2 "$work/apt" >&2
    command -v "$command" >/dev/null
}

# ---- a row

# How many green threads the processes of this row had, by what they wrote when they ended.
green_threads() { awk '{ for (i = 1; i <= NF; i++) if (sub(/^threads=/, "", $i)) n += $i } END { print n + 0 }' "$work/stats"; }

# one PROGRAM CASE MODE: tries it, looks at what is left, compares, prints.
one() {
    local program=$1 what=$2 mode=$3 name green=- from left
    name="$program, $what"
    [ "$what" = - ] && name=$program
    requests=- threads=- wrong=0 errors=0 verdict=ok threaded=yes transport=tcp most=$few_threads
    rm -f "$work"/*.log
    : >"$work/said" >"$work/stats"
    chmod 666 "$work/stats"
    [ -t 2 ] && printf '\r%-70s\r' "$name, $mode ..." >&2
    from=${EPOCHREALTIME/[.,]/}
    try "$what" "$mode"
    from=$((${EPOCHREALTIME/[.,]/} - from))
    [ -t 2 ] && printf '\r%70s\r' '' >&2

    left=$(ours)
    if [ -n "$left" ]; then
        wrong_because "left behind: $(for pid in $left; do printf '%s (%s) ' "$(cat "/proc/$pid/comm")" "$pid"; done)"
        for pid in $left; do end "$pid"; done
    fi
    if [ "$mode" = native ]; then
        cp "$work/said" "$work/said.native"
    else
        green=$(green_threads)
        # Who died of a signal could not write its counters; then fewer kernel threads than natively must do.
        if [ "$green" = 0 ]; then
            green=-
            { [ "$threads" != - ] && [ "$native_threads" != - ] && [ "$native_threads" -gt "$most" ]; } ||
                [ "$threaded" = no ] || wrong_because "no counters in GREEN_STATS: was it green?"
        fi
        [ "$threads" = - ] || [ "$threads" -le "$most" ] || wrong_because "$threads kernel threads: more than $most"
        if ! diff "$work/said.native" "$work/said" >"$work/diff"; then
            wrong_because "differs from native: $(grep '^[<>]' "$work/diff" | head -n 2 | cut -c 1-150 | tr '\n' ' ')"
        fi
    fi
    native_threads=$threads
    from=$(awk -v us="$from" 'BEGIN { printf "%.2f", us / 1e6 }')
    row "$name" "$mode" "$requests" "$from" "$threads" "$green" "$wrong" "$errors" "$verdict"
    if [ "$verdict" = ok ]; then pass; else fail "$name, $mode: $verdict"; fi
    if [ -n "${INTEGRATION_KEEP:-}" ]; then
        rm -rf "${INTEGRATION_KEEP:?}/$program.$what.$mode"
        mkdir -p "$INTEGRATION_KEEP" && cp -r "$work" "$INTEGRATION_KEEP/$program.$what.$mode"
    fi
}

# ---- the file server behind the proxies, and what it serves

start_origin() {
    mkdir -p "$build"
    gcc -O2 -Wall -Wextra -pthread c-tests/demo/httpd.c -o "$build/httpd" || exit 1
    gcc -O2 -Wall -Wextra c-tests/demo/load.c -o "$build/load" || exit 1
    : >"$work/port"
    "$build/httpd" 0 >"$work/port" &
    origin=$!
    until read -r origin_port <"$work/port"; do
        alive "$origin" || { echo "integration: the file server does not start" >&2; exit 1; }
        sleep 0.02
    done
    exec 3<>"/dev/tcp/127.0.0.1/$origin_port" # the reference for curl, by neither curl nor load
    printf 'GET /bytes/7/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$bytes" >&3
    tail -c "$bytes" <&3 >"$work/expected"
    exec 3<&-
}

# What a run's key=value line says of $1.
value() { awk -v key="$1" '{ for (i = 1; i <= NF; i++) { split($i, kv, "="); if (kv[1] == key) print kv[2] } }' "$work/line"; }

# load PID OPTION... PORT: c-tests/demo/load.c, with what it counted for the row.
load() {
    local pid=$1
    shift
    bounded 40 "$build/load" -P "$pid" "$@" >"$work/line" 2>"$work/load.stderr"
    requests=$(value requests) threads=$(value threads) wrong=$(value wrong) errors=$(value errors)
    [ "$status" = 0 ] || wrong_because "load exits with $status: $(head -n 1 "$work/load.stderr")"
    alive "$pid" || wrong_because "died: $(tail -qn 1 "$work"/*.log | tail -n 1)"
}

# same_as FOLDER: how many of the files in $work/files are those in FOLDER, by name (up to a dot).
same_as() {
    { (cd "$1" && sha256sum -- *[0-9]); (cd "$work/files" && sha256sum -- * | sed 's/^/got /'); } 2>/dev/null |
        awk '$1 == "got" { sub(/\..*/, "", $3); n += sum[$3] == $2; next } { sum[$2] = $1 } END { print n + 0 }'
}

# fetch COUNT SIZE URL OPTION...: curl gets that URL, with [1-COUNT] in it, all at once. Right are files of SIZE bytes whose
# sums are the same natively and green.
fetch() {
    local count=$1 size=$2 url=$3 n
    shift 3
    rm -rf "$work/files"
    mkdir "$work/files"
    bounded 30 curl -sS -m 25 --noproxy '*' --parallel --parallel-immediate --parallel-max "$count" \
        -o "$work/files/#1" "$@" "$url" >/dev/null 2>"$work/curl.stderr"
    [ "$status" = 0 ] || wrong_because "curl exits with $status: $(head -n 1 "$work/curl.stderr")"
    n=$(find "$work/files" -type f -size "${size}c" | wc -l)
    requests=$n wrong=$((wrong + count - n))
    [ "$n" = "$count" ] || wrong_because "$n of $count downloads have $size bytes"
    said "$(cd "$work/files" && find . -type f -print0 | sort -z | xargs -0 cat | sha256sum)"
}
