#!/usr/bin/env bash
# What `make install` and `make uninstall` do: one list of what goes where, for both.
#
#     scripts/install.sh install|uninstall     (from the repository, after make)
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
generated=build/share

case $verb in install | uninstall) ;; *) echo "usage: scripts/install.sh install|uninstall" >&2; exit 2 ;; esac

list() {
    file 0644 libgreen.so "$libdir/libgreen.so"
    file 0755 green "$prefix/bin/green"
    local page
    for page in "$generated"/man[17]/*; do
        file 0644 "$page" "$prefix/share/man/${page#"$generated"/}"
    done
    file 0644 $generated/bash/green.bash "$prefix/share/bash-completion/completions/green"
    file 0644 $generated/zsh/_green "$prefix/share/zsh/site-functions/_green"
    file 0644 $generated/fish/green.fish "$prefix/share/fish/vendor_completions.d/green.fish"
    file 0644 README.md "$prefix/share/doc/libgreen/README.md"
    file 0644 LIMITATIONS.md "$prefix/share/doc/libgreen/LIMITATIONS.md"
    file 0644 CHANGELOG.md "$prefix/share/doc/libgreen/CHANGELOG.md"
    file 0644 LICENSE "$prefix/share/doc/libgreen/LICENSE"
    file 0644 scripts/systemd/libgreen.conf "$prefix/share/doc/libgreen/examples/libgreen.conf"
    file 0644 scripts/container/Containerfile "$prefix/share/doc/libgreen/examples/Containerfile"
}

# file MODE SOURCE DESTINATION. `install` makes a new file: a running program may have the old one mapped.
file() {
    if [ "$verb" = install ]; then
        install -D -m "$1" "$2" "$root$3"
    else
        rm -f "$root$3"
    fi
}

# The pages to take away are those that the installed command had.
green=./green
[ "$verb" = install ] || [ ! -x "$root$prefix/bin/green" ] || green=$root$prefix/bin/green
rm -rf $generated
env -u LD_PRELOAD "$green" generate $generated
list
if [ "$verb" = uninstall ]; then
    rmdir "$root$prefix/share/doc/libgreen/examples" "$root$prefix/share/doc/libgreen" 2>/dev/null || :
fi

# So that LD_PRELOAD=libgreen.so works by name. What goes wrong here is told, and fails nothing.
[ -z "$root" ] || exit 0
PATH=$PATH:/sbin:/usr/sbin
[ "$(id -u)" != 0 ] || ldconfig || :
[ "$verb" = install ] || exit 0
ldconfig -p 2>/dev/null | sed -n 's/.* => //p' | grep '/libgreen\.so$' | while read -r known; do
    [ ! "$known" -ef "$libdir/libgreen.so" ] || echo known
done | grep -q known || echo "The loader doesn't know libgreen.so by name. If $libdir is in its path (/etc/ld.so.conf), run ldconfig" \
    "as root; else use LD_PRELOAD=$libdir/libgreen.so, or green run"
