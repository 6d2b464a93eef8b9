//! What is known of a descriptor: looked at when it's first waited on, noted when we saw it being made.

use crate::hub::listeners::{self, mark, Direction, Entry, FileKind};
use crate::hub::{early, wires};
use crate::sys;
use crate::wait::trampoline::note_nonblocking;
use libc::c_int;

const TIMEOUTS: [(Direction, c_int); 2] = [(Direction::Read, libc::SO_RCVTIMEO), (Direction::Write, libc::SO_SNDTIMEO)];

/// The entry and kind of an fd, looking at it now if need be. None: not an fd of ours to wait for (out of range or
/// not open); the native call gives the answer.
#[inline]
pub fn look(fd: c_int) -> Option<(&'static Entry, FileKind)> {
    let e = listeners::entry(fd)?;
    match e.kind() {
        FileKind::Unknown => examine(fd, e),
        kind => Some((e, kind)),
    }
}

#[cold]
fn examine(fd: c_int, e: &'static Entry) -> Option<(&'static Entry, FileKind)> {
    let kind = match sys::file_type(fd).ok()? {
        libc::S_IFSOCK => {
            for (d, name) in TIMEOUTS {
                e.set_timeout(d, sys::socket_timeout(fd, name).unwrap_or(0));
            }
            // Somebody else made it and may hold it too.
            e.set_mark(mark::SHARED);
            let get = |name| sys::socket_option(fd, libc::SOL_SOCKET, name).unwrap_or(0);
            socket_kind(get(libc::SO_DOMAIN), get(libc::SO_TYPE), get(libc::SO_PROTOCOL))
        }
        libc::S_IFIFO => shared(e, FileKind::Pipe),
        // As good as regular ones: there's always room, and always something or nothing at all.
        libc::S_IFCHR if never_waits(fd) => shared(e, FileKind::Regular),
        libc::S_IFCHR => shared(e, FileKind::Device),
        0 => shared(e, FileKind::Anonymous),
        _ => shared(e, FileKind::Regular),
    };
    listeners::note(fd);
    e.set_kind(kind);
    Some((e, kind))
}

/// At activation: the descriptors that the process has made before, and that nobody else has.
pub fn take_over_early() {
    for fd in early::take() {
        let Some(e) = listeners::entry(fd) else { continue };
        let Some((_, kind)) = examine(fd, e) else { continue };
        if kind.is_socket() || kind == FileKind::Pipe {
            e.clear_mark(mark::SHARED);
            let is_set = |level, name, usual| sys::socket_option(fd, level, name).is_ok_and(|value| value != usual);
            if is_set(libc::SOL_SOCKET, libc::SO_RCVLOWAT, 1) || is_set(libc::IPPROTO_TCP, libc::TCP_ULP, 0) {
                e.set_mark(mark::ODD);
            }
            note_nonblocking(e, sys::file_flags(fd).is_ok_and(|flags| flags & libc::O_NONBLOCK != 0));
        }
    }
    // Both ends are there when the pipe is a wire.
    let own = |fd: c_int| {
        let pipe = |e: &&Entry| e.kind() == FileKind::Pipe && !e.marked(mark::SHARED);
        listeners::entry(fd).filter(pipe).and_then(|_| sys::inode(fd).ok())
    };
    for reader in listeners::noted_numbers() {
        if let (Some(inode), Some(writer)) = (own(reader), early::writer_of(reader)) {
            if own(writer) == Some(inode) {
                wires::pipe([reader, writer]);
            }
        }
    }
}

/// Whether a device is /dev/null, zero, full or urandom (admin-guide/devices.txt).
fn never_waits(fd: c_int) -> bool {
    matches!(sys::device(fd), Ok(Some(id)) if libc::major(id) == 1 && matches!(libc::minor(id), 3 | 5 | 7 | 9))
}

fn shared(e: &Entry, kind: FileKind) -> FileKind {
    e.set_mark(mark::SHARED);
    kind
}

fn socket_kind(domain: c_int, kind: c_int, protocol: c_int) -> FileKind {
    let inet = domain == libc::AF_INET || domain == libc::AF_INET6;
    match kind & 0xf {
        libc::SOCK_STREAM if inet && (protocol == 0 || protocol == libc::IPPROTO_TCP) => FileKind::Tcp,
        libc::SOCK_STREAM => FileKind::Stream,
        _ => FileKind::Datagram,
    }
}

/// Notes a socket that the program has just made through us.
pub fn made_socket(fd: c_int, domain: c_int, kind: c_int, protocol: c_int) {
    if let Some(e) = listeners::fresh(fd) {
        e.set_kind(socket_kind(domain, kind, protocol));
        note_nonblocking(e, kind & libc::SOCK_NONBLOCK != 0);
    }
}

/// Notes a pipe that the program has just made through us.
pub fn made_pipe(ends: [c_int; 2], flags: c_int) {
    ends.iter().for_each(|&fd| made_pipe_end(fd, flags));
    wires::pipe(ends);
}

/// Notes two sockets that are connected with each other, likewise.
pub fn made_pair(ends: [c_int; 2], domain: c_int, kind: c_int, protocol: c_int) {
    ends.iter().for_each(|&fd| made_socket(fd, domain, kind, protocol));
    if socket_kind(domain, kind, protocol) == FileKind::Stream {
        wires::pair(ends);
    }
}

/// Notes a pipe end that the program has just made through us.
pub fn made_pipe_end(fd: c_int, flags: c_int) {
    if let Some(e) = listeners::fresh(fd) {
        e.set_kind(FileKind::Pipe);
        note_nonblocking(e, flags & libc::O_NONBLOCK != 0);
    }
}

/// Notes a file that the program has just opened through us, if it's a regular one: nobody else has it yet.
pub fn opened(fd: c_int) {
    if fd >= 0 && sys::file_type(fd) == Ok(libc::S_IFREG) {
        if let Some(e) = listeners::fresh(fd) {
            e.set_kind(FileKind::Regular);
        }
    }
}

/// Notes a socket that came out of `accept`: of the listener's kind, and with those of its settings that
/// the kernel copies.
pub fn accepted(fd: c_int, listener: &Entry, flags: c_int) {
    if let Some(e) = listeners::fresh(fd) {
        e.set_kind(listener.kind());
        if listener.marked(mark::ODD) {
            e.set_mark(mark::ODD);
        }
        for (d, name) in TIMEOUTS {
            // TCP's are copied, a Unix socket's aren't.
            let timeout = match listener.timeout(d) {
                0 => 0,
                copied if listener.kind() == FileKind::Tcp => copied,
                _ => sys::socket_timeout(fd, name).unwrap_or(0),
            };
            e.set_timeout(d, timeout);
        }
        note_nonblocking(e, flags & libc::SOCK_NONBLOCK != 0);
    }
}
