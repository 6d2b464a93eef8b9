# curl itself: many downloads in parallel from a name that needs a look-up, hence a thread.
needs=(curl) cases=(parallel)

try() {
    local mode=$2 name n=200
    # curl knows "localhost" by heart; another name of 127.0.0.1 goes to the resolver.
    name=$(awk '$1 == "127.0.0.1" { for (i = 2; i <= NF; i++) if ($i != "localhost") { print $i; exit } }' /etc/hosts)
    mkdir -p "$work/files"
    start "$mode" curl.log timeout -k 1 30 curl -sS -m 25 --noproxy '*' --parallel --parallel-max "$n" -o "$work/files/#1" \
        "http://${name:-localhost}:$origin_port/bytes/[1-$n]/20480"
    wait "$pid"
    status=$?
    requests=$(find "$work/files" -type f -size 20480c | wc -l) wrong=$((n - requests))
    [ "$status" = 0 ] || wrong_because "curl exits with $status: $(head -n 1 "$work/curl.log")"
    [ "$wrong" = 0 ] || wrong_because "$wrong files are not as long as they should be"
    said "$(cd "$work/files" && find . -type f -print0 | sort -z | xargs -0 sha256sum)"
    rm -rf "$work/files"
}
