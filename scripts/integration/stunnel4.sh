# stunnel: TLS for what has none, a thread for each connection. As a server (for curl and openssl s_client), as a client of
# another stunnel (for plain load), and as a daemon that reads its configuration again.
needs=(stunnel4 openssl curl) cases=(server client daemon)

certificate() {
    [ -s "$work/cert.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 \
        -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' >"$work/openssl.log" 2>&1 ||
        wrong_because "no certificate: $(tail -n 1 "$work/openssl.log")"
}

# configure NAME LINE...: one service, told of in $work/NAME.log.
configure() {
    local name=$1
    shift
    printf '%s\n' "foreground = yes" "pid =" "output = $work/$name.log" "debug = notice" "[$name]" "libwrap = no" "$@" >"$work/$name.conf"
}
launch() {
    case $service in
    server | daemon)
        configure server "accept = 127.0.0.1:$port" "connect = 127.0.0.1:$origin_port" "cert = $work/cert.pem" \
            "key = $work/key.pem"
        ;;
    client)
        configure client "client = yes" "accept = 127.0.0.1:$port" "connect = 127.0.0.1:$tls" "CAfile = $work/cert.pem" \
            "verifyChain = yes" "checkHost = localhost"
        ;;
    esac
    if [ "$service" = daemon ]; then
        sed -i "s|^foreground.*|foreground = no|; s|^pid =|pid = $work/stunnel.pid|" "$work/server.conf"
        start_daemon "$1" server.stderr.log "$work/stunnel.pid" stunnel4 "$work/server.conf"
    else
        start "$1" "$service.stderr.log" stunnel4 "$work/$service.conf"
    fi
}

# What a service's log says of its connections: how many, and how many bytes each one carried. How a peer that is in a hurry
# went, closed or reset, is a matter of luck.
told() {
    local log=$work/$1.log
    for _ in {1..100}; do # the last ones close after their client has left
        [ "$(grep -c '] accepted connection' "$log")" = "$(grep -c 'Connection \(closed\|reset\)' "$log")" ] && break
        sleep 0.02
    done
    sed -n 's/.*: Connection [a-z/]*: /closed: /p; s/.*\(accepted connection\).*/\1/p' "$log" | sort | uniq -c >"$work/lines"
    said "$1's log: $(cat "$work/lines")"
}

s_client() {
    printf 'GET /bytes/7/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$bytes" |
        bounded 10 openssl s_client -connect "127.0.0.1:$port" -CAfile "$work/cert.pem" -verify_return_error -verify_hostname localhost \
            -quiet >"$work/got" 2>"$work/s_client.stderr"
    tail -c "$bytes" "$work/got" | cmp -s - "$work/expected" ||
        wrong_because "openssl s_client gets something else: $(tail -n 1 "$work/s_client.stderr")"
    rm -f "$work/got"
}

try() {
    local mode=$2 service=server server tls
    [ "$1" = daemon ] && service=daemon
    # Hand-shakes compute: on a machine that is busy with other things many are held up for so long that their hub goes on on a
    # spare carrier (11 to 20 in all on a calm one of two processors, 60 under a load of 12).
    most=99
    certificate
    serve "$mode" || return
    server=$pid
    case $1 in
    server)
        watch_threads "$server"
        fetch 100 "$bytes" "https://localhost:$port/bytes/[1-100]/$bytes" --cacert "$work/cert.pem" --no-keepalive
        watched_threads
        s_client
        # One who does not trust it goes away, and one who does not speak TLS is shown the door.
        bounded 10 curl -sS -m 8 --noproxy '*' "https://localhost:$port/" >"$work/got" 2>&1
        said "curl without the certificate: $status"
        bounded 10 curl -sS -m 8 --noproxy '*' "http://localhost:$port/" >"$work/got" 2>&1
        said "curl without TLS: $status"
        told server
        ;;
    client)
        tls=$port
        service=client
        serve "$mode" || { end "$server"; return; }
        load "$pid" -d -c 100 -r "bytes:$bytes" "$port"
        [ "$mode" = green ] || [ "${threads:-0}" -gt 100 ] ||
            wrong_because "only ${threads:-0} threads: not all downloads were under way at once"
        told client
        end "$pid" || wrong_because "the client does not end at SIGTERM"
        said "client ended with $status"
        ;;
    daemon)
        s_client
        printf '%s\n' "[more]" "libwrap = no" "accept = 127.0.0.1:0" "connect = 127.0.0.1:$origin_port" "cert = $work/cert.pem" \
            "key = $work/key.pem" >>"$work/server.conf"
        kill -HUP "$server"
        for _ in {1..100}; do
            [ "$(grep -c 'Configuration successful' "$work/server.log")" = 2 ] && break
            sleep 0.02
        done
        s_client
        said "configured $(grep -c 'Configuration successful' "$work/server.log") times"
        told server
        ;;
    esac
    end "$server" || wrong_because "does not end at SIGTERM"
    [ "$service" = daemon ] || said "server ended with $status"
    said "said in the end: $(sed -n 's/.*LOG5\[main\]: \(Terminated\)/\1/p; s/.*\(Received .*; terminating\)/\1/p' "$work/server.log" | tr '\n' ' ')"
}
