//! Reads, writes, syncs and opens of regular files by io_uring (GREEN_HUB=io_uring): the thread parks until it's done, and no
//! carrier is held meanwhile.
//!
//! As natively nothing interrupts such a wait: the kernel may be using the thread's buffers, so signal handlers and
//! cancellation have their turn when it's over.
//!
//! A read or write at the file's own position takes that position in the ring without the kernel's lock for it, so it's done
//! there only where nobody else may have the description, and one thread at a time.

use super::fail;
use crate::hub::listeners::{self, mark, Entry, FileKind};
use crate::hub::poller::uring::{self, Order};
use crate::hub::Task;
use crate::wait::parking::{self, Spot};
use crate::wait::{Cause, Waiter, NEVER};
use crate::{depth, sys};
use libc::{c_char, c_int, c_uint, iovec, ssize_t};

/// An operation on a regular file.
pub enum Operation<'a> {
    /// As preadv(2) and pwritev(2); -1 is the file's own position.
    Read {
        fd: c_int,
        buffers: &'a [iovec],
        offset: i64,
    },
    Write {
        fd: c_int,
        buffers: &'a [iovec],
        offset: i64,
    },
    /// fsync(2), or fdatasync(2).
    Sync {
        fd: c_int,
        data_only: bool,
    },
    /// openat(2), of what is a regular file, or will be made one.
    Open {
        folder: c_int,
        path: *const c_char,
        flags: c_int,
        mode: c_uint,
    },
}

use Operation::*;

impl Operation<'_> {
    fn order(&self) -> Order {
        let vector = |opcode, fd, buffers: &[iovec], offset: i64| {
            Order::new(opcode, fd).at(offset as u64).on(buffers.as_ptr() as u64, buffers.len() as u32)
        };
        match *self {
            Read { fd, buffers, offset } => vector(uring::OP_READV, fd, buffers, offset),
            Write { fd, buffers, offset } => vector(uring::OP_WRITEV, fd, buffers, offset),
            Sync { fd, data_only } => {
                Order::new(uring::OP_FSYNC, fd).with(if data_only { uring::FSYNC_DATA } else { 0 })
            }
            Open { folder, path, flags, mode } => {
                Order::new(uring::OP_OPENAT, folder).on(path as u64, mode).with(flags as u32)
            }
        }
    }

    /// The descriptor that it's about; a folder's, or AT_FDCWD, for an open.
    fn fd(&self) -> c_int {
        match *self {
            Read { fd, .. } | Write { fd, .. } | Sync { fd, .. } => fd,
            Open { folder, .. } => folder,
        }
    }

    /// The file whose own position it moves.
    fn moves(&self) -> Option<&'static Entry> {
        match *self {
            Read { fd, offset: -1, .. } | Write { fd, offset: -1, .. } => listeners::entry(fd),
            _ => None,
        }
    }

    /// Whether that is what the ring is for.
    ///
    /// # Safety
    /// A path is a string.
    unsafe fn is_regular(&self) -> bool {
        match *self {
            Read { fd, .. } | Write { fd, .. } => {
                listeners::entry(fd).is_some_and(|e| e.kind() == FileKind::Regular)
                    && self.moves().is_none_or(|e| !e.marked(mark::OTHERS))
            }
            // Who opens has looked: a FIFO waits for its other end, and that wait can be interrupted.
            Sync { .. } | Open { .. } => true,
        }
    }
}

/// Does it through the hub's ring; the answer in libc's convention. None: there's no ring, or it's not for this one; then
/// nothing was done, and the caller makes the plain call.
///
/// # Safety
/// Buffers and path must be valid, as for the call that it stands for.
pub unsafe fn through_ring(me: &'static Task, operation: Operation<'_>) -> Option<ssize_t> {
    me.hub().poller.ring()?;
    // SAFETY: by this function's contract.
    if !unsafe { operation.is_regular() } {
        return None;
    }
    let errno = sys::errno();
    let position = operation.moves().map(|e| Position::take(me, e));
    // SAFETY: as above.
    let result = unsafe { submit(me, &operation.order(), operation.fd()) };
    drop(position);
    depth::checkpoint();
    sys::set_errno(errno);
    match result? {
        n if n >= 0 => Some(n as ssize_t),
        // The ring was lost, or it can't wait for this file after all, or the plain call raises a signal too (SIGXFSZ).
        e if matches!(-e, libc::ECANCELED | libc::EINTR | libc::EAGAIN | libc::EFBIG | libc::EINVAL) => None,
        e => Some(fail(-e)),
    }
}

/// # Safety
/// What the order refers to must be valid.
unsafe fn submit(me: &'static Task, order: &Order, fd: c_int) -> Option<i32> {
    let hub = me.hub();
    let waiter = Waiter::new(Some(me));
    let operation = uring::Operation::new(waiter.as_sleeper());
    // No handler may run, and so jump out of here, before it's over.
    depth::enter();
    // SAFETY: operation and waiter are in this frame, which goes on when the operation is over and not before.
    let submitted = hub.poller.ring().is_some_and(|ring| unsafe { ring.submit(order, &operation) }.is_ok());
    if submitted {
        hub.heed();
        waiter.wait(NEVER, Cause::File, fd as usize);
    }
    depth::leave_quietly();
    submitted.then(|| operation.result())
}

/// A file's own position, while an operation moves it.
struct Position(&'static Entry);

impl Position {
    fn take(me: &'static Task, e: &'static Entry) -> Self {
        let address = e as *const Entry as usize;
        while !e.take_position() {
            let spot = Spot::new(Some(me));
            // SAFETY: the spot is left or woken before it goes.
            unsafe { spot.enter(address, false) };
            if e.take_position() {
                spot.leave();
                if spot.woken() {
                    parking::unpark_one(address);
                }
                break;
            }
            spot.wait(NEVER, Cause::Lock);
            depth::checkpoint();
        }
        Position(e)
    }
}

impl Drop for Position {
    fn drop(&mut self) {
        self.0.clear_mark(mark::POSITION);
        parking::unpark_one(self.0 as *const Entry as usize);
    }
}
