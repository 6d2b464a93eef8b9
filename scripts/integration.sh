#!/usr/bin/env bash
# Debian's own servers and clients, unmodified, natively and under libgreen, each driven by a real client of its own kind.
# Every byte is checked, and what they answer, log, and end with must be the same; kernel threads are counted while they are
# busy. scripts/integration/ holds a file for each program, which says what is done with it.
#
#     scripts/integration.sh [program...]     (all of them)
#
#     GREEN_LIB              the library (libgreen.so beside Makefile); missing: the green rows are skipped
#     INTEGRATION_DOWNLOADS  how many go through a proxy at once (500)
#     INTEGRATION_BYTES      size of each download (204800)
#     INTEGRATION_KEEP       a folder that gets each row's logs
#
# Installs what is missing with apt-get when run by root; otherwise what needs it is skipped, and says so.
# Ends with "N passed, N failed, N skipped"; exit status 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit 1

library=${GREEN_LIB:-$PWD/libgreen.so}
downloads=${INTEGRATION_DOWNLOADS:-500}
bytes=${INTEGRATION_BYTES:-204800}
build=$PWD/build/demo
programs=(microsocks tinyproxy privoxy stunnel4 curl memcached iperf http.server apache2)
[ $# = 0 ] || programs=("$@")

. scripts/integration/common.sh

for program in "${programs[@]}"; do
    [ -f "scripts/integration/$program.sh" ] || { echo "integration: no scripts/integration/$program.sh" >&2; exit 2; }
done
modes=(native green)
if [ ! -e "$library" ]; then
    modes=(native)
    echo "integration: no library at $library: the green rows are skipped" >&2
fi
start_origin
have curl

row program mode requests seconds threads green wrong failed result
for program in "${programs[@]}"; do
    . "scripts/integration/$program.sh"
    missing=
    for need in "${needs[@]}"; do have "$need" || missing=${need%%:*}; done
    for case in "${cases[@]}"; do
        if [ -n "$missing" ]; then
            for mode in native green; do skip "$program, $case, $mode: not installed (apt-get install $missing)"; done
            continue
        fi
        for mode in "${modes[@]}"; do one "$program" "$case" "$mode"; done
        [ ${#modes[@]} = 2 ] || skip "$program, $case, green: no library"
    done
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
