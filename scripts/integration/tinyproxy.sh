# tinyproxy: HTTP and CONNECT, a thread for each client.
needs=(tinyproxy) cases=(http connect)
. scripts/integration/proxied.sh

launch() {
    printf '%s\n' "Port $port" "Listen 127.0.0.1" "Timeout 60" "MaxClients $((downloads + 100))" \
        "LogLevel Critical" "LogFile \"$work/tinyproxy.log\"" >"$work/tinyproxy.conf"
    start "$1" tinyproxy.stderr.log tinyproxy -d -c "$work/tinyproxy.conf"
}
try() { proxied "$2" "$1"; }
