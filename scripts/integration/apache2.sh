# Apache: a daemon whose parent listens and whose children accept. With threads (event, worker), and without (prefork).
needs=(apache2-bin:/usr/sbin/apache2 curl) cases=(event worker prefork)

configure() {
    local module modules=/usr/lib/apache2/modules
    printf '%s\n' "ServerRoot $work" "ServerName localhost" "Listen 127.0.0.1:$port" \
        "LoadModule mpm_${1}_module $modules/mod_mpm_$1.so"
    for module in authz_core mime dir autoindex alias; do echo "LoadModule ${module}_module $modules/mod_$module.so"; done
    cat <<END
User www-data
Group www-data
PidFile $work/apache.pid
DefaultRuntimeDir $work
ErrorLog $work/error.log
LogFormat "%r %>s %b" short
CustomLog $work/access.log short
DocumentRoot $work/htdocs
TypesConfig $work/mime.types
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 2
GracefulShutdownTimeout 10
ListenBacklog 1000
<IfModule !mpm_prefork_module>
StartServers 2
ThreadsPerChild 25
MaxRequestWorkers 75
MinSpareThreads 10
MaxSpareThreads 75
</IfModule>
<IfModule mpm_prefork_module>
StartServers 40
MaxSpareServers 60
MaxRequestWorkers 60
</IfModule>
<Directory $work/htdocs>
Options Indexes
Require all granted
</Directory>
END
}
launch() {
    configure "$mpm" >"$work/apache.conf"
    start_daemon "$1" apache.log "$work/apache.pid" /usr/sbin/apache2 -d "$work" -f "$work/apache.conf" -k start
}

# What the error log says, without time, process and thread. Whether it was short of spare ones for a moment depends on the
# machine: those lines are errors of its own kind.
log_lines() { grep -v 'MinSpare\|MaxRequestWorkers' "$work/error.log" | sed -E 's/^\[[^]]*\] //; s/\[pid [^]]*\] //' | sort | uniq; }

try() {
    local mpm=$1 mode=$2 n=250 i url slow server file path
    mkdir -p "$work/htdocs/folder"
    rm -f "$work/access.log" "$work/error.log"
    touch "$work/htdocs/folder/file" "$work/mime.types"
    for ((i = 1; i <= n; i++)); do [ -e "$work/htdocs/$i" ] || head -c 20480 /dev/urandom >"$work/htdocs/$i"; done
    [ -e "$work/htdocs/large" ] || head -c 2000000 /dev/urandom >"$work/htdocs/large"
    [ "$mpm" = prefork ] && threaded=no
    serve "$mode" || return
    server=$pid url=http://127.0.0.1:$port

    # A thousand requests on connections that stay open: one curl, 20 connections, 250 files four times.
    rm -rf "$work/files"
    mkdir "$work/files"
    bounded 30 curl -sS -m 25 --noproxy '*' --parallel --parallel-max 20 -o "$work/files/#1.#2" "$url/[1-$n]?[1-4]" \
        >/dev/null 2>"$work/curl.stderr"
    [ "$status" = 0 ] || wrong_because "curl exits with $status: $(head -n 1 "$work/curl.stderr")"
    requests=$(same_as "$work/htdocs")
    wrong=$((1000 - requests))
    [ "$wrong" = 0 ] || wrong_because "$wrong of 1000 files differ"
    for path in nothing folder/ folder 7; do
        bounded 10 curl -sS -m 8 --noproxy '*' -o "$work/got" -w '%{http_code} %{content_type} %{size_download}' \
            "$url/$path" >"$work/asked" 2>&1
        said "$path: $(cat "$work/asked") ($status)"
    done

    # A graceful restart in the midst of a download: that one comes to its end, and others after it are served by new children.
    rm -f "$work/slow"
    start native slow.log curl -sS -m 20 --noproxy '*' --limit-rate 2M "$url/large" -o "$work/slow"
    slow=$pid
    for _ in {1..100}; do
        [ -s "$work/slow" ] && break
        sleep 0.01
    done
    kill -USR1 "$server"
    for _ in {1..250}; do
        [ "$(grep -c 'resuming normal operations' "$work/error.log")" = 2 ] && break
        sleep 0.02
    done
    fetch 30 20480 "$url/[1-30]" --max-time 10
    requests=1000
    { wait "$slow"; } 2>/dev/null
    said "the slow one: curl ended with $?, $(cmp "$work/slow" "$work/htdocs/large" 2>&1 | sed "s|$work/||g")"

    in_all "$mode" || wrong_because "a child without the library"
    end "$server" || wrong_because "does not end at SIGTERM"
    for _ in {1..100}; do # its children end after it has asked them to
        [ -z "$(ours)" ] && break
        sleep 0.02
    done
    said "log: $(log_lines)"
    said "requests: $(sort "$work/access.log" | sha256sum)"
    said "left: $(cd "$work" && ls apache.pid 2>&1)"
}
