#!/usr/bin/env bash
# What `make install` and `make uninstall` do: one list of what goes where, for both. Neither builds, nor writes anything into
# the repository: root does this, of what a user has built.
#
#     scripts/install.sh install|uninstall     (from the repository; install: after make)
#
#     PREFIX   /usr/local
#     LIBDIR   $PREFIX/lib
#     DESTDIR  put in front of all: for packages; then ldconfig isn't run
#
# To install another file, add a `file` line to list().
set -eu
cd "$(dirname "$0")/.."

prefix=${PREFIX:-/usr/local}
libdir=${LIBDIR:-$prefix/lib}
root=${DESTDIR:-}
verb=${1:-}
generated=

prefix=${prefix%/} libdir=${libdir%/}
doc=$prefix/share/doc/libgreen
for path in "$prefix" "$libdir"; do
    case $path in '' | /*) ;; *) echo "install: not an absolute path: $path" >&2; exit 2 ;; esac
done
case $verb in install | uninstall) ;; *) echo "usage: scripts/install.sh install|uninstall" >&2; exit 2 ;; esac

list() {
    file 0644 libgreen.so "$libdir/libgreen.so"
    file 0755 green "$prefix/bin/green"
    # Where gdb looks by itself: its own folder trusts what is in it, elsewhere it wants `add-auto-load-safe-path`.
    case $prefix in
    /usr) file 0644 scripts/gdb/libgreen-gdb.py "/usr/share/gdb/auto-load$libdir/libgreen.so-gdb.py" ;;
    *) file 0644 scripts/gdb/libgreen-gdb.py "$libdir/libgreen.so-gdb.py" ;;
    esac
    pages
    file 0644 "$generated/bash/green.bash" "$prefix/share/bash-completion/completions/green"
    file 0644 "$generated/zsh/_green" "$prefix/share/zsh/site-functions/_green"
    file 0644 "$generated/fish/green.fish" "$prefix/share/fish/vendor_completions.d/green.fish"
    # What the README leads to lies beside it as here, so that its links hold.
    local name
    for name in README.md LIMITATIONS.md CHANGELOG.md LICENSE docs/{hangs,tuning,benchmarks}.md c-tests/demo/bank.c \
        docs/{cpu,memory-connection,memory-thread,micro,p99,throughput,top,trace}.svg; do
        file 0644 "$name" "$doc/$name"
    done
    file 0644 scripts/systemd/libgreen.conf "$doc/examples/libgreen.conf"
    file 0644 scripts/container/Containerfile "$doc/examples/Containerfile"
}

# The manual. Which pages an installed command had only their folder knows: ours are those that name libgreen(7).
pages() {
    local page
    if [ "$verb" = install ]; then
        for page in "$generated"/man1/*; do
            file 0644 "$page" "$prefix/share/man/man1/${page##*/}"
        done
    else
        for page in "$root$prefix"/share/man/man1/green{,-*}.1; do
            ! grep -qs '^\.BR libgreen (7)' "$page" || file 0644 '' "$prefix/share/man/man1/${page##*/}"
        done
    fi
    file 0644 "$generated/man7/libgreen.7" "$prefix/share/man/man7/libgreen.7"
}

# file MODE SOURCE DESTINATION. `install` makes a new file: a running program may have the old one mapped.
file() {
    if [ "$verb" = install ]; then
        install -D -m "$1" "$2" "$root$3"
    else
        rm -f "$root$3"
        prune "$(dirname "$3")"
    fi
}

# Takes away a folder that nothing is left in, and those around it, up to $prefix; but not those that a system has anyhow.
prune() {
    local folder=$1
    while :; do
        case $folder in /usr/share | /usr/local/bin | /usr/local/lib | /usr/local/share | /usr/local/share/man) return 0 ;; esac
        rmdir "$root$folder" 2>/dev/null || [ ! -e "$root$folder" ] || return 0
        case $folder in "$prefix" | "$libdir" | '') return 0 ;; esac
        folder=${folder%/*}
    done
}

if [ "$verb" = install ]; then
    for built in libgreen.so green; do
        [ -e $built ] || { echo "install: there is no $built: run make first, as yourself" >&2; exit 2; }
    done
    generated=$(mktemp -d)
    trap 'rm -rf "$generated"' EXIT
    env -u LD_PRELOAD ./green generate "$generated" --doc "$doc"
fi
list

# So that LD_PRELOAD=libgreen.so works by name. What goes wrong here is told, and fails nothing.
[ -z "$root" ] || exit 0
PATH=$PATH:/sbin:/usr/sbin
[ "$(id -u)" != 0 ] || ldconfig || :
[ "$verb" = install ] || exit 0
ldconfig -p 2>/dev/null | sed -n 's/.* => //p' | grep '/libgreen\.so$' | while read -r known; do
    [ ! "$known" -ef "$libdir/libgreen.so" ] || echo known
done | grep -q known || echo "The loader doesn't know libgreen.so by name. If $libdir is in its path (/etc/ld.so.conf), run ldconfig" \
    "as root; else use LD_PRELOAD=$libdir/libgreen.so, or green run"
