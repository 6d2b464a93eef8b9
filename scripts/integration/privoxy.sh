# privoxy: a filtering HTTP proxy, a thread for each client; in the foreground, and as a daemon by its own means.
needs=(privoxy) cases=(http connect daemon)
. scripts/integration/proxied.sh

launch() {
    printf '%s\n' "confdir /etc/privoxy" "logdir $work" "logfile privoxy.log" "listen-address 127.0.0.1:$port" "toggle 1" \
        "actionsfile match-all.action" "actionsfile default.action" "filterfile default.filter" "debug 1" "debug 4096" "debug 8192" \
        "max-client-connections $((downloads + 100))" "listen-backlog 4096" "keep-alive-timeout 2" "socket-timeout 60" >"$work/privoxy.conf"
    if [ "$daemon" = yes ]; then
        start_daemon "$1" privoxy.stderr.log "$work/privoxy.pid" privoxy --pidfile "$work/privoxy.pid" "$work/privoxy.conf"
    else
        start "$1" privoxy.stderr.log privoxy --no-daemon "$work/privoxy.conf"
    fi
}

try() {
    local scheme=$1 daemon=no
    [ "$1" = daemon ] && daemon=yes scheme=http
    proxied "$2" "$scheme"
    said "log: $(awk '/ Request: / { n++ } / Error: / { print } END { print n " requests" }' "$work"/privoxy*.log)"
}
