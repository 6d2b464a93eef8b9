#!/usr/bin/env bash
# Whether the drop-in fits a real unit: systemd-analyze verifies the unit with it, as it is and with every setting on.
#
#     scripts/systemd/check.sh [unit file]     (tinyproxy's)
#
# Needs systemd-analyze (Debian: systemd). Exit status 0 if systemd has nothing to say about either.
set -eu
cd "$(dirname "$0")"

unit=${1:-/lib/systemd/system/tinyproxy.service}
[ -f "$unit" ] || { echo "systemd/check: there is no unit $unit" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

name=$(basename "$unit")
cp "$unit" "$work/$name"
mkdir "$work/$name.d"
on='s/^#\([A-Z][A-Za-z]*=\)/\1/'
for edit in '' "$on"; do
    sed "$edit" libgreen.conf >"$work/$name.d/libgreen.conf"
    said=$(systemd-analyze verify --man=no "$work/$name" 2>&1) || { echo "$said" >&2; exit 1; }
    case $said in *libgreen.conf*) echo "$said" >&2; exit 1 ;; esac
    echo "ok: $name with $(grep -c '^[A-Z].*=' "$work/$name.d/libgreen.conf") settings"
done
