# What the proxies share: many downloads at once through one, by load, and one by curl. Sourced by their files.

# proxied MODE SCHEME: SCHEME is load's -x: socks5, http or connect.
proxied() {
    local mode=$1 scheme=$2 curl_scheme=http tunnel=()
    serve "$mode" || return
    load "$pid" -d -c "$downloads" -r "bytes:$bytes" -x "$scheme:$port" "$origin_port"
    # Natively the count proves that all were under way at once; green, that none of them had a thread of its own.
    if [ "$mode" = native ] && [ "${threads:-0}" -lt "$downloads" ]; then
        wrong_because "only ${threads:-0} threads: not all downloads were under way at once"
    fi

    # And once with a client that isn't ours, after the storm.
    [ "$scheme" = socks5 ] && curl_scheme=socks5h
    [ "$scheme" = connect ] && tunnel=(--proxytunnel)
    if command -v curl >/dev/null; then
        bounded 20 curl -sS -m 15 --noproxy '' ${tunnel[@]+"${tunnel[@]}"} -x "$curl_scheme://127.0.0.1:$port" \
            "http://127.0.0.1:$origin_port/bytes/7/$bytes" >"$work/got" 2>"$work/curl.stderr"
        cmp -s "$work/got" "$work/expected" ||
            wrong_because "curl through the proxy gets something else: $(head -n 1 "$work/curl.stderr")"
        rm -f "$work/got"
    fi
    # tinyproxy ends when SIGTERM interrupts main's poll; while it has client threads, one of them may take the signal
    # instead and main polls on, natively too. So let them leave first.
    for _ in {1..25}; do
        [ "$(awk '/^Threads:/ { print $2 }' "/proc/$pid/status" 2>/dev/null)" = 1 ] && break
        sleep 0.02
    done
    sleep 0.1
    end "$pid" || wrong_because "does not end at SIGTERM"
    said "ended with $status"
}
