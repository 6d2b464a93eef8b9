# python3 -m http.server: CPython, a thread for each request. Files, a listing, errors, and many at once.
needs=(python3:/usr/bin/python3 curl) cases=(files)

launch() {
    # python3 -m http.server, but for its listen(5): that many at once would wait for their connect to be tried again, natively too.
    # Ctrl-C is how one ends it; a shell that runs no jobs lets its background ignore that.
    start "$1" http.server.log env --default-signal=INT /usr/bin/python3 -u -c \
        'import runpy, socketserver; socketserver.TCPServer.request_queue_size = 1000; runpy.run_module("http.server", run_name="__main__")' \
        --bind 127.0.0.1 --directory "$work/http" "$port"
}

ask() {
    bounded 10 curl -sS -m 8 --noproxy '*' "$@" 2>&1
    echo " ($status)"
}

try() {
    local n=300 i url
    mkdir -p "$work/http/some folder"
    for ((i = 1; i <= n; i++)); do [ -e "$work/http/$i" ] || head -c $((10000 + i)) "$build/httpd" >"$work/http/$i"; done
    echo hello >"$work/http/some folder/<a&b>"
    serve "$2" || return
    url=http://127.0.0.1:$port
    watch_threads "$pid"
    rm -rf "$work/files"
    mkdir "$work/files"
    bounded 30 curl -sS -m 25 --noproxy '*' --parallel --parallel-immediate --parallel-max "$n" \
        -o "$work/files/#1" "$url/[1-$n]" >/dev/null 2>"$work/curl.stderr"
    [ "$status" = 0 ] || wrong_because "curl exits with $status: $(head -n 1 "$work/curl.stderr")"
    watched_threads
    requests=$(same_as "$work/http")
    wrong=$((n - requests))
    [ "$wrong" = 0 ] || wrong_because "$wrong of $n files differ"
    said "$(ask -o /dev/null -w '%{http_code} %{content_type}' "$url/nothing")"
    said "$(ask -I "$url/7" | grep -vE '^(Date|Last-Modified)')"
    said "$(ask "$url/some%20folder/")"
    said "$(ask "$url/some%20folder/%3Ca%26b%3E")"
    said "$(ask -o /dev/null -w '%{http_code} %{redirect_url}' "$url/some%20folder" | sed "s/:$port/:PORT/")"
    said "$(ask -o /dev/null -w '%{http_code}' -d x=y "$url/7")"
    end "$pid" INT || wrong_because "does not end at SIGINT"
    # Its log goes line by line, who was first is open, and the first look at the port left nothing there.
    sed "s/\[[^]]*\]/[time]/; s/port $port/port PORT/; s/:$port/:PORT/" "$work/http.server.log" | sort >"$work/lines"
    said "ended with $status: $(cat "$work/lines")"
}
