#!/bin/sh
# Draws what measure.sh measured, as SVG files.
#   scripts/bench/plots.sh [JSON [FOLDER]]     (default: build/bench/results.json, docs). Run by `make bench-plots`.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$root/build/bench
json=${1:-$out/results.json}
[ -f "$json" ] || { echo "plots: no $json (make bench writes it)" >&2; exit 2; }
cargo build --quiet --release --locked --manifest-path "$root/scripts/bench/runner/Cargo.toml" --target-dir "$out/target"
exec "$out/target/release/plots" "$json" "${2:-$root/docs}"
