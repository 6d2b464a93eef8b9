# iperf, version 2: a thread for each stream, on both sides; server and client run under the same regime. TCP and UDP, to, fro
# and both ways at once.
needs=(iperf) cases=(tcp udp reverse dual duplex)

launch() { start "$1" server.log iperf -s -B 127.0.0.1 -p "$port" -y C ${udp[@]+"${udp[@]}"}; }

# A report is a line for each stream (and direction): when, from, to, its number, interval, bytes, bits per second; of UDP also
# jitter, lost, sent, ...
streams_of() { awk -F, 'NF >= 9 && $6 > 0' "$work/$1" 2>/dev/null | wc -l; }
bytes_of() { awk -F, 'NF >= 9 && $6 > 0 { print $8 }' "$work/$1" | sort | uniq -c; }

try() {
    local mode=$2 udp=() lines=8 options=() server
    case $1 in
    tcp) options=(-P 8 -n 16M) ;;
    udp) transport=udp udp=(-u) options=(-u -P 8 -b 8M -l 1000 -n 100000) ;;
    reverse) options=(-P 4 -t 0.5 -R) lines=4 ;;
    dual) options=(-P 2 -t 0.5 -d -L "$("$build/load" -f)") lines=4 ;;
    duplex) options=(-P 2 -t 0.5 --full-duplex) lines=4 ;;
    esac
    serve "$mode" || return
    server=$pid
    start "$mode" client.log timeout -k 1 15 iperf -c 127.0.0.1 -p "$port" -y C "${options[@]}"
    { wait "$pid"; } 2>/dev/null
    status=$?
    requests=$(streams_of client.log)
    [ "$status" = 0 ] || wrong_because "the client exits with $status: $(grep -v , "$work/client.log" | tail -n 1)"
    [ "$requests" = "$lines" ] || wrong_because "the client reports $requests streams, not $lines"
    awk -F, 'NF >= 9 && $8 <= 0 { exit 1 }' "$work/client.log" || wrong_because "a stream without a byte"
    said "client: $(grep -iE 'warn|error|fail|refused|unable' "$work/client.log" | sort -u)"
    # The server reports when it has read the end of each, and when it ends.
    sleep 0.2
    end "$server" || wrong_because "the server does not end at SIGTERM"
    # Whether some thread of its is still waiting for its client to go, which it tells of, is a matter of luck; so is how far the kernel
    # has enlarged a connection's buffer when its size is told.
    said "server ended with $status: $(grep -vE ',|^$|^Waiting for server threads' "$work/server.log" |
        sed 's/^\(TCP window size:\).*(default)/\1 (default)/' | sort -u)"
    case $1 in
    tcp) said "streams, bytes: client $(bytes_of client.log), server $(bytes_of server.log)" ;;
    udp)
        said "streams, bytes: client $(bytes_of client.log), server $(streams_of server.log) streams"
        # Datagrams may be lost when the server's processor is busy elsewhere; not most of them.
        awk -F, 'NF >= 12 { lost += $11; sent += $12 } END { exit !(sent > 0 && lost < sent / 2) }' "$work/server.log" ||
            wrong_because "most datagrams were lost"
        ;;
    esac
}
