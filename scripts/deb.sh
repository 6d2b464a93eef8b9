#!/usr/bin/env bash
# A Debian package from `make install`: build/libgreen_VERSION_amd64.deb. Needs dpkg-deb, which every Debian has.
#
#     scripts/deb.sh     (from the repository, after make)
set -eu
cd "$(dirname "$0")/.."

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
tree=build/deb
package=build/libgreen_${version}_amd64.deb

rm -rf $tree
DESTDIR=$tree PREFIX=/usr LIBDIR=/usr/lib scripts/install.sh install

# Debian's places and habits.
mv $tree/usr/share/zsh/site-functions $tree/usr/share/zsh/vendor-completions
mv $tree/usr/share/doc/libgreen/LICENSE $tree/usr/share/doc/libgreen/copyright
find $tree/usr/share/man -type f -exec gzip -9n {} +
find $tree -type d -exec chmod 0755 {} +

mkdir $tree/DEBIAN
# libgcc-s1 has the unwinder, for pthread_exit and cancellation.
cat >$tree/DEBIAN/control <<END
Package: libgreen
Version: $version
Architecture: amd64
Maintainer: The libgreen authors <root@localhost>
Section: libs
Priority: optional
Depends: libc6 (>= 2.34), libgcc-s1
Installed-Size: $(du -k -s --apparent-size $tree/usr | cut -f 1)
Description: runs the threads of unmodified pthread programs as coroutines
 LD_PRELOAD=libgreen.so turns an unmodified, blocking, thread-per-connection
 program into one whose threads are coroutines on epoll hubs. The command green
 runs programs so, and looks at processes that run so.
END
echo 'activate-noawait ldconfig' >$tree/DEBIAN/triggers
(cd $tree && find usr -type f -exec md5sum {} +) >$tree/DEBIAN/md5sums
chmod 0644 $tree/DEBIAN/*

dpkg-deb --root-owner-group --build $tree "$package"
