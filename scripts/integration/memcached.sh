# memcached: four threads of libevent loops, and threads of its own for maintenance. Driven by its text protocol
# (memcached.py), many connections at once; as a daemon too.
needs=(memcached python3:/usr/bin/python3) cases=(text daemon)

launch() {
    local command=(memcached -u root -l 127.0.0.1 -p "$port" -U 0 -t 4 -c 1000 -m 64)
    if [ "$daemon" = yes ]; then
        start_daemon "$1" memcached.log "$work/memcached.pid" "${command[@]}" -d -P "$work/memcached.pid"
    else
        start "$1" memcached.log "${command[@]}"
    fi
}

try() {
    local daemon=no
    [ "$1" = daemon ] && daemon=yes
    serve "$2" || return
    watch_threads "$pid"
    bounded 25 /usr/bin/python3 scripts/integration/memcached.py "$port" >"$work/answers" 2>"$work/client.stderr"
    watched_threads
    requests=$(sed -n 's/^requests //p' "$work/answers")
    [ "$status" = 0 ] || wrong_because "the client exits with $status: $(tail -n 1 "$work/client.stderr")"
    said "$(cat "$work/answers")"
    end "$pid" || wrong_because "does not end at SIGTERM"
    [ "$daemon" = yes ] || said "ended with $status: $(cat "$work/memcached.log")"
}
