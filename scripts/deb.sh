#!/usr/bin/env bash
# A Debian package from `make install`: build/libgreen_VERSION_amd64.deb. Needs dpkg-deb, which every Debian has, and readelf,
# which is where gcc is.
#
#     scripts/deb.sh     (from the repository, after make)
set -eu
cd "$(dirname "$0")/.."
# What the package holds is for everybody, whoever builds it.
umask 022

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
tree=build/deb
package=build/libgreen_${version}_amd64.deb

# Earlier versions too: scripts/deb-check.sh and scripts/container/Containerfile take the one that is there.
rm -rf $tree build/libgreen_*_amd64.deb
DESTDIR=$tree PREFIX=/usr LIBDIR=/usr/lib scripts/install.sh install

# Debian's places and habits.
mv $tree/usr/share/zsh/site-functions $tree/usr/share/zsh/vendor-completions
mv $tree/usr/share/doc/libgreen/LICENSE $tree/usr/share/doc/libgreen/copyright
find $tree/usr/share/man -type f -exec gzip -9n {} +

mkdir $tree/DEBIAN
# What the versions of the symbols ask for, and 2.34 at least: before that, libpthread was a library of its own.
needed=$(LC_ALL=C readelf -V --wide libgreen.so green)
glibc=$(sed -n 's/.* Name: GLIBC_\([0-9.]*\) .*/\1/p; s/.* Name: GLIBC_ABI_DT_RELR .*/2.36/p; $a 2.34' <<<"$needed" | sort -V | tail -n 1)
# libgcc-s1 has the unwinder, for pthread_exit and cancellation.
cat >$tree/DEBIAN/control <<END
Package: libgreen
Version: $version
Architecture: amd64
Maintainer: The libgreen authors <root@localhost>
Section: libs
Priority: optional
Depends: libc6 (>= $glibc), libgcc-s1
Installed-Size: $(du -k -s --apparent-size $tree/usr | cut -f 1)
Description: runs the threads of unmodified pthread programs as coroutines
 LD_PRELOAD=libgreen.so turns an unmodified, blocking, thread-per-connection
 program into one whose threads are coroutines on epoll hubs. The command green
 runs programs so, and looks at processes that run so.
END
echo 'activate-noawait ldconfig' >$tree/DEBIAN/triggers
(cd $tree && find usr -type f -exec md5sum {} +) >$tree/DEBIAN/md5sums
# Five digits: a folder that is the group's (setgid) gives that to those within, and dpkg-deb wouldn't have it.
find $tree -type d -exec chmod 00755 {} +

dpkg-deb --root-owner-group --build $tree "$package"
