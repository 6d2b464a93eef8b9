//! Sockets.

use super::hook;
use crate::io;
use libc::{c_int, c_uint, c_void, mmsghdr, msghdr, size_t, sockaddr, socklen_t, ssize_t, timespec};

hook! { always fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int => io::descriptors::socket }
hook! { always fn socketpair(domain: c_int, kind: c_int, protocol: c_int, pair: *mut c_int) -> c_int => io::descriptors::socketpair }
hook! { active fn shutdown(fd: c_int, how: c_int) -> c_int => io::descriptors::shutdown }
hook! { active fn setsockopt(fd: c_int, level: c_int, name: c_int, value: *const c_void, len: socklen_t) -> c_int => io::descriptors::setsockopt }
hook! { any point fn accept(fd: c_int, address: *mut sockaddr, len: *mut socklen_t) -> c_int => io::descriptors::accept }
hook! { any point fn accept4(fd: c_int, address: *mut sockaddr, len: *mut socklen_t, flags: c_int) -> c_int => io::descriptors::accept4 }
hook! { green point fn connect(fd: c_int, address: *const sockaddr, len: socklen_t) -> c_int => io::connect::connect }
hook! { green point fn __connect(fd: c_int, address: *const sockaddr, len: socklen_t) -> c_int => io::connect::connect }
hook! { green point fn recv(fd: c_int, buf: *mut c_void, len: size_t, flags: c_int) -> ssize_t => io::socket::recv }
hook! { green point fn recvfrom(fd: c_int, buf: *mut c_void, len: size_t, flags: c_int, address: *mut sockaddr, address_len: *mut socklen_t) -> ssize_t => io::socket::recvfrom }
hook! { green point fn recvmsg(fd: c_int, message: *mut msghdr, flags: c_int) -> ssize_t => io::socket::recvmsg, else io::socket::note_message(message) }
hook! { green point fn send(fd: c_int, buf: *const c_void, len: size_t, flags: c_int) -> ssize_t => io::socket::send }
hook! { green point fn __send(fd: c_int, buf: *const c_void, len: size_t, flags: c_int) -> ssize_t => io::socket::send }
hook! { green point fn sendto(fd: c_int, buf: *const c_void, len: size_t, flags: c_int, address: *const sockaddr, address_len: socklen_t) -> ssize_t => io::socket::sendto }
hook! { green point fn sendmsg(fd: c_int, message: *const msghdr, flags: c_int) -> ssize_t => io::socket::sendmsg, else io::socket::note_message(message) }

hook! { green point fn recvmmsg(fd: c_int, messages: *mut mmsghdr, n: c_uint, flags: c_int, timeout: *mut timespec) -> c_int => io::batch::recvmmsg, else io::batch::note_messages(messages, n) }
hook! { green point fn sendmmsg(fd: c_int, messages: *mut mmsghdr, n: c_uint, flags: c_int) -> c_int => io::batch::sendmmsg, else io::batch::note_messages(messages, n) }
hook! { green point fn __sendmmsg(fd: c_int, messages: *mut mmsghdr, n: c_uint, flags: c_int) -> c_int => io::batch::sendmmsg, else io::batch::note_messages(messages, n) }

// The fortified forms check the length as glibc does, then are the plain ones.
hook! { green point fn __recv_chk(fd: c_int, buf: *mut c_void, len: size_t, room: size_t, flags: c_int) -> ssize_t => recv_chk }
hook! { green point fn __recvfrom_chk(fd: c_int, buf: *mut c_void, len: size_t, room: size_t, flags: c_int, address: *mut sockaddr, address_len: *mut socklen_t) -> ssize_t => recvfrom_chk }

type Me = &'static crate::hub::Task;

unsafe fn recv_chk(
    me: Me,
    real: unsafe extern "C" fn(c_int, *mut c_void, size_t, size_t, c_int) -> ssize_t,
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
    room: size_t,
    flags: c_int,
) -> ssize_t {
    // SAFETY: as for recv(2); a length beyond the buffer goes to glibc's own check, which aborts.
    unsafe {
        if len > room {
            real(fd, buf, len, room, flags)
        } else {
            io::socket::recv(me, io::socket::kernel_recv, fd, buf, len, flags)
        }
    }
}

#[allow(clippy::too_many_arguments)] // recvfrom(2) has six
unsafe fn recvfrom_chk(
    me: Me,
    real: unsafe extern "C" fn(c_int, *mut c_void, size_t, size_t, c_int, *mut sockaddr, *mut socklen_t) -> ssize_t,
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
    room: size_t,
    flags: c_int,
    address: *mut sockaddr,
    address_len: *mut socklen_t,
) -> ssize_t {
    // SAFETY: as above.
    unsafe {
        if len > room {
            return real(fd, buf, len, room, flags, address, address_len);
        }
        io::socket::recvfrom(me, io::socket::kernel_recvfrom, fd, buf, len, flags, address, address_len)
    }
}
