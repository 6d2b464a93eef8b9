# microsocks: SOCKS5, a thread for each client.
needs=(microsocks) cases=(socks5)
. scripts/integration/proxied.sh

launch() { start "$1" microsocks.log microsocks -i 127.0.0.1 -p "$port"; }
try() { proxied "$2" "$1"; }
