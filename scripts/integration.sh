#!/usr/bin/env bash
# Debian's own servers and clients, unmodified, natively and under libgreen: 500 downloads at once through microsocks
# (SOCKS5) and tinyproxy (HTTP GET and CONNECT), which start a thread per client; and curl, which starts one per
# name look-up. Every byte is checked; the proxy's kernel threads are counted while all downloads are under way.
#
#     scripts/integration.sh [downloads]     (500)
#
#     GREEN_LIB          the library (libgreen.so beside Makefile); missing: the green rows are skipped
#     INTEGRATION_BYTES  size of each download (204800)
#
# Installs what is missing with apt-get when run by root; otherwise what needs it is skipped, and says so.
# Ends with "N passed, N failed, N skipped"; exit status 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit 1

downloads=${1:-500}
bytes=${INTEGRATION_BYTES:-204800}
library=${GREEN_LIB:-$PWD/libgreen.so}
most_green_threads=$(($(nproc) + 8))    # a carrier per processor, the watcher, and spares for whoever kept a hub waiting: nothing that grows with clients
build=build/demo
passed=0 failed=0 skipped=0
origin= proxy= client= policy=

work=$(mktemp -d)
# end PID: only ever a process that we started. 1 when SIGTERM alone did not do it within five seconds.
end() {
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null
    for _ in {1..250}; do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.02
    done
    kill -KILL "$1" 2>/dev/null
    { wait "$1"; } 2>/dev/null          # or bash tells the world of it
    return 1
}
clean_up() {
    end "$client"
    end "$proxy"
    end "$origin"
    [ -n "$policy" ] && rm -f "$policy"
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

row() { printf '%-20s %-7s %9s %8s %8s %6s %6s   %s\n' "$@"; }
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); printf 'FAILED: %s\n' "$*"; }
skip() { skipped=$((skipped + 1)); printf 'skipped: %s\n' "$*"; }

# Installs a program's package unless it's there. Its daemon must not start by itself: policy-rc.d says no.
have() {
    command -v "$1" >/dev/null && return 0
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        policy=/usr/sbin/policy-rc.d
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y "$1" >"$work/apt" 2>&1 ||
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y "$1"; } >"$work/apt" 2>&1 ||
        tail -n 2 "$work/apt" >&2
    command -v "$1" >/dev/null
}

# preloaded native|green COMMAND...: runs it in our place, so that $! is the command's own PID.
preloaded() {
    local mode=$1
    shift
    [ "$mode" = native ] && exec "$@"
    exec env LD_PRELOAD="$library" GREEN_STATS="$work/stats" "$@"
}

# start_proxy microsocks|tinyproxy native|green: sets $proxy and $port.
start_proxy() {
    for _ in 1 2 3; do                  # the free port may be taken before the proxy has it
        port=$($build/load -f)
        case $1 in
        microsocks) preloaded "$2" microsocks -i 127.0.0.1 -p "$port" >"$work/proxy.log" 2>&1 & ;;
        tinyproxy)
            printf '%s\n' "Port $port" "Listen 127.0.0.1" "Timeout 60" "MaxClients $((downloads + 100))" \
                "LogLevel Critical" "LogFile \"$work/tinyproxy.log\"" >"$work/tinyproxy.conf"
            preloaded "$2" tinyproxy -d -c "$work/tinyproxy.conf" >"$work/proxy.log" 2>&1 & ;;
        esac
        proxy=$!
        for _ in {1..100}; do
            (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
            kill -0 "$proxy" 2>/dev/null || break
            sleep 0.05
        done
        end "$proxy"
        proxy=
    done
    fail "$1 $2 does not start: $(tail -n 3 "$work/proxy.log")"
    return 1
}

# What a run's key=value line says of $1.
value() { awk -v key="$1" '{ for (i = 1; i <= NF; i++) { split($i, kv, "="); if (kv[1] == key) print kv[2] } }' "$work/line"; }

# proxied PROGRAM SCHEME MODE: one row. SCHEME is load's -x.
proxied() {
    local program=$1 scheme=$2 mode=$3 threads status curl_scheme tunnel=() verdict=ok
    start_proxy "$program" "$mode" || return
    $build/load -d -c "$downloads" -r "bytes:$bytes" -x "$scheme:$port" -P "$proxy" "$origin_port" \
        >"$work/line" 2>"$work/load.stderr" &
    client=$!
    wait "$client"
    status=$?
    client=
    threads=$(value threads)

    [ "$status" = 0 ] || verdict="load exits with $status: $(head -n 1 "$work/load.stderr")"
    kill -0 "$proxy" 2>/dev/null || verdict="the proxy died: $(tail -n 1 "$work/proxy.log")"
    # Natively the count proves that all were under way at once; green, that none of them had a thread of its own.
    if [ "$mode" = native ] && [ "${threads:-0}" -lt "$downloads" ]; then
        verdict="only ${threads:-0} threads: not all downloads were under way at once"
    elif [ "$mode" = green ] && [ "${threads:-0}" -gt "$most_green_threads" ]; then
        verdict="${threads:-0} kernel threads: more than $most_green_threads"
    fi

    # And once with a client that isn't ours, after the storm.
    if [ "$verdict" = ok ] && command -v curl >/dev/null; then
        curl_scheme=http
        [ "$scheme" = socks5 ] && curl_scheme=socks5h
        [ "$scheme" = connect ] && tunnel=(--proxytunnel)
        curl -sS -m 20 --noproxy '' ${tunnel[@]+"${tunnel[@]}"} -x "$curl_scheme://127.0.0.1:$port" \
            "http://127.0.0.1:$origin_port/bytes/7/$bytes" 2>"$work/curl.stderr" | cmp -s - "$work/expected" ||
            verdict="curl through the proxy gets something else: $(head -n 1 "$work/curl.stderr")"
    fi
    # tinyproxy ends when SIGTERM interrupts main's poll; while it has client threads, one of them may take the signal
    # instead and main polls on, natively too. So let them leave first.
    for _ in {1..100}; do
        [ "$(awk '/^Threads:/ { print $2 }' "/proc/$proxy/status" 2>/dev/null)" = 1 ] && break
        sleep 0.02
    done
    sleep 0.1
    if ! end "$proxy" && [ "$verdict" = ok ]; then
        verdict="does not end at SIGTERM"
    fi
    proxy=
    row "$program, $scheme" "$mode" "$(value requests)" "$(value seconds)" "$threads" "$(value wrong)" "$(value errors)" "$verdict"
    if [ "$verdict" = ok ]; then pass; else fail "$program, $scheme, $mode: $verdict"; fi
}

# curl itself: many downloads in parallel from a name that needs a look-up, hence a thread.
curl_itself() {
    local mode=$1 name dir="$work/curl.$1" status threads=- verdict=ok from wrong=0 i n=200
    mkdir "$dir"
    # curl knows "localhost" by heart; another name of 127.0.0.1 goes to the resolver.
    name=$(awk '$1 == "127.0.0.1" { for (i = 2; i <= NF; i++) if ($i != "localhost") { print $i; exit } }' /etc/hosts)
    rm -f "$work/stats"
    from=${EPOCHREALTIME/[.,]/}
    preloaded "$mode" curl -sS -m 60 --noproxy '*' --parallel --parallel-max "$n" -o "$dir/#1" \
        "http://${name:-localhost}:$origin_port/bytes/[1-$n]/20480" >/dev/null 2>"$work/curl.stderr" &
    client=$!
    wait "$client"
    status=$?
    client=
    from=$((${EPOCHREALTIME/[.,]/} - from))
    if [ "$mode" = native ]; then
        (cd "$dir" && sha256sum -- *) >"$work/curl.sums"
        for ((i = 1; i <= n; i++)); do
            [ "$(stat -c %s "$dir/$i" 2>/dev/null)" = 20480 ] || wrong=$((wrong + 1))
        done
    else
        wrong=$(cd "$dir" && sha256sum -c "$work/curl.sums" 2>/dev/null | grep -vc ': OK$')
        threads=$(sed -n 's/^libgreen .*\<threads=\([0-9]*\).*/green:\1/p' "$work/stats" 2>/dev/null | tail -n 1)
        [ -n "$threads" ] || [ -z "$name" ] || verdict="no line in GREEN_STATS: was it green?"
    fi
    [ "$wrong" = 0 ] || verdict="$wrong files differ"
    [ "$status" = 0 ] || verdict="curl exits with $status: $(head -n 1 "$work/curl.stderr")"
    row "curl, parallel" "$mode" "$n" "$(awk -v us="$from" 'BEGIN { printf "%.2f", us / 1e6 }')" "${threads:--}" "$wrong" 0 "$verdict"
    if [ "$verdict" = ok ]; then pass; else fail "curl, $mode: $verdict"; fi
}

mkdir -p $build
gcc -O2 -Wall -Wextra -pthread c-tests/demo/httpd.c -o $build/httpd || exit 1
gcc -O2 -Wall -Wextra c-tests/demo/load.c -o $build/load || exit 1

: >"$work/port"
$build/httpd 0 >"$work/port" &
origin=$!
until read -r origin_port <"$work/port"; do
    kill -0 "$origin" 2>/dev/null || { echo "integration: the file server does not start" >&2; exit 1; }
    sleep 0.02
done

modes=(native green)
if [ ! -e "$library" ]; then
    modes=(native)
    echo "integration: no library at $library: the green rows are skipped" >&2
fi

have curl
exec 3<>"/dev/tcp/127.0.0.1/$origin_port"       # the reference for curl, by neither curl nor load
printf 'GET /bytes/7/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$bytes" >&3
tail -c "$bytes" <&3 >"$work/expected"
exec 3<&-

row program mode downloads seconds threads wrong failed result
for case in "microsocks socks5" "tinyproxy http" "tinyproxy connect"; do
    read -r program scheme <<<"$case"
    if ! have "$program"; then
        for mode in native green; do skip "$program, $scheme, $mode: not installed (apt-get install $program)"; done
        continue
    fi
    for mode in "${modes[@]}"; do proxied "$program" "$scheme" "$mode"; done
    [ ${#modes[@]} = 2 ] || skip "$program, $scheme, green: no library"
done
if have curl; then
    for mode in "${modes[@]}"; do curl_itself "$mode"; done
    [ ${#modes[@]} = 2 ] || skip "curl, green: no library"
else
    for mode in native green; do skip "curl, $mode: not installed (apt-get install curl)"; done
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
