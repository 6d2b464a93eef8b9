#!/usr/bin/env bash
# Installs or builds the peers that the benchmark measures against, into build/bench/peers: gevent and eventlet from PyPI, Go
# programs with the Go compiler (Debian's golang-go, installed when we're root and there is none), may and tokio from crates.io.
#   scripts/bench/peers/install.sh      prints, for each peer: NAME ok COMMAND... or NAME missing REASON
# What it says on stdout is all that the runner needs; what the installers say is in build/bench/peers/*.log, and what was
# installed in versions.txt. Quick when nothing is to do. A peer that can't be had doesn't stop the others: the exit status is 0.
# PYTHON: the interpreter (default python3, 3.8 or later). PEERS_OUT: another folder than build/bench/peers.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${PEERS_OUT:-$(cd "$here/../../.." && pwd)/build/bench/peers}
mkdir -p "$out"
cd "$out" # away from gevent.py, which Python would import as the library
out=$PWD

# logged LOG COMMAND...: not for longer than ten minutes.
logged() {
	local log=$out/$1.log
	shift
	timeout 600 "$@" >>"$log" 2>&1 </dev/null
}

# The line of a log that says most about why it failed.
reason() { { grep -im 1 error "$1" || tail -n 1 "$1"; } 2>/dev/null | cut -c 1-200 | grep . || echo "see $1"; }

missing() { echo "$1 missing ${2:-$(reason "$out/$1.log")}"; }

# ---- Python

# as_python LIBRARY: sets $run, the words that run Python with what is installed, if that library is.
as_python() {
	if [ -d "$out/site" ]; then
		run=(env "PYTHONPATH=$out/site" "$python" -B)
	else
		run=("$out/venv/bin/python" -B)
	fi
	"${run[@]}" -W ignore -c "import $1, importlib.metadata as m; print('$1', m.version('$1'))" >>"$out/versions.txt" 2>/dev/null
}

# python_peer LIBRARY: into a venv, or where venv isn't installed (Debian has it as a package of its own) into a folder.
python_peer() {
	: >"$out/$1.log"
	python=$("${PYTHON:-python3}" -c 'import sys; print(sys.executable)' 2>>"$out/$1.log") || { missing "$1" "no Python"; return; }
	if ! as_python "$1"; then
		if [ ! -d "$out/site" ] && { [ -x "$out/venv/bin/pip" ] || logged "$1" "$python" -m venv --clear "$out/venv"; }; then
			logged "$1" "$out/venv/bin/pip" install --disable-pip-version-check "$1" || true
		else
			mkdir -p "$out/site"
			logged "$1" "$python" -m pip install --disable-pip-version-check --target "$out/site" "$1" || true
		fi
		as_python "$1" || { missing "$1"; return; }
	fi
	echo "$1 ok ${run[*]} $here/$1.py"
}

# ---- Go

go_peer() {
	: >"$out/go.log"
	if ! command -v go >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends golang-go)
		logged go "${install[@]}" || { logged go apt-get update && logged go "${install[@]}"; } || { missing go; return; }
	fi
	command -v go >/dev/null || { missing go "no Go compiler (package golang-go)"; return; }
	logged go env -C "$here/go" GOFLAGS=-buildvcs=false go build -o "$out/go" . || { missing go; return; }
	go version | sed 's/^go version go/go /; s/ linux.*//' >>"$out/versions.txt"
	echo "go ok $out/go"
}

# ---- Rust

rust_peers() {
	local peer
	for peer in may tokio; do
		: >"$out/$peer.log"
		if ! command -v cargo >/dev/null; then
			missing "$peer" "no cargo"
		elif logged "$peer" cargo build --release --locked --manifest-path "$here/rust/Cargo.toml" --target-dir "$out/target" --bin "$peer"; then
			grep -A 1 "^name = \"$peer\"" "$here/rust/Cargo.lock" | sed -n "s/^version = \"\(.*\)\"/$peer \1/p" >>"$out/versions.txt"
			echo "$peer ok $out/target/release/$peer"
		else
			missing "$peer"
		fi
	done
}

: >"$out/versions.txt"
python_peer gevent
python_peer eventlet
go_peer
rust_peers
