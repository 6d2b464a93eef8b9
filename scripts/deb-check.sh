#!/usr/bin/env bash
# Whether the Debian package works where nothing else is: installs it in a fresh minimal Debian, checks that
# LD_PRELOAD=libgreen.so works there by name and that `green run` does, and that nothing is left when it's removed.
#
#     scripts/deb-check.sh [package.deb]     (the newest build/libgreen_*_amd64.deb, after make deb)
#
#     DEB_CHECK_SUITE   bookworm
#     DEB_CHECK_MIRROR  where debootstrap gets it (the first http URI of apt's own sources)
#
# Needs root, gcc, and debootstrap (which it installs with apt-get). Exit status 0 if all is well.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "deb-check: $*" >&2
    exit 1
}

package=${1:-$(ls -t build/libgreen_*_amd64.deb 2>/dev/null | head -n 1)}
[ -f "$package" ] || fail "there is no package: make deb"
[ "$(id -u)" = 0 ] || fail "needs root, for debootstrap and chroot"
unset LD_PRELOAD
command -v debootstrap >/dev/null || apt-get install -y debootstrap >/dev/null

suite=${DEB_CHECK_SUITE:-bookworm}
mirror=${DEB_CHECK_MIRROR:-$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    grep -v '^#' | grep -o 'http[s]*://[^ ]*' | head -n 1)}
work=$(mktemp -d)
root=$work/root
# One file system: what debootstrap mounts there, if it dies, isn't ours to remove.
trap 'rm -rf --one-file-system "$work"' EXIT

(umask 022 && mkdir "$root")
debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; fail "debootstrap failed"; }
within() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
all_files() { within find / -xdev -path /proc -prune -o -path /var -prune -o -path /etc -prune -o -print | sort; }

cat >"$root/threads.c" <<'END'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *run(void *n) { usleep(1000); return n; }
int main(void)
{
	pthread_t threads[100];
	long sum = 0;
	void *result;
	for (long n = 0; n < 100; n++)
		if (pthread_create(&threads[n], NULL, run, (void *)n))
			return 1;
	for (int n = 0; n < 100; n++) {
		pthread_join(threads[n], &result);
		sum += (long)result;
	}
	printf("%ld\n", sum);
	return 0;
}
END
gcc -pthread "$root/threads.c" -o "$root/threads"

# $1: what was tried; the rest runs the program, which must be right, and green.
green_is() {
    local what=$1 out
    shift
    out=$(within "$@" 2>"$work/err") || fail "$what: exit status $?: $(cat "$work/err")"
    [ "$out" = 4950 ] || fail "$what: printed $out: $(cat "$work/err")"
    grep -q '^libgreen pid=[0-9]* threads=100 ' "$work/err" || fail "$what: is not green: $(cat "$work/err")"
    echo "ok: $what: $(cut -d ' ' -f 3 "$work/err")"
}

cp "$package" "$root/libgreen.deb"
all_files >"$work/before"
dpkg --root="$root" -i "$root/libgreen.deb"
within ldconfig -p | grep -F libgreen.so || fail "the loader doesn't know libgreen.so"
green_is 'LD_PRELOAD=libgreen.so, by name' LD_PRELOAD=libgreen.so GREEN_STATS=1 /threads
green_is 'green run' green run --stats -- /threads
within green --version
within dpkg --verify libgreen || fail "dpkg --verify finds differences"

dpkg --root="$root" -r libgreen
all_files >"$work/after"
left=$(comm -13 "$work/before" "$work/after")
[ -z "$left" ] || fail "left after its removal: $left"
echo "ok: nothing is left after its removal"
