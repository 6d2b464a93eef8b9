//! stdio: fgets, fprintf and their like on whatever may wait.
//!
//! libc's stdio calls its own read and write, which no hook sees: a green thread in fgets would hold its carrier. But the layout of
//! a FILE is public (getc and putc are macros over it), so the loops over its buffer are here, step by step as glibc has
//! them, and what fills and empties the buffer are the green read and write. Whatever is not about a descriptor that may wait is
//! left to libc: regular files, cookies, strings, wide-oriented streams.
//!
//! | | |
//! | --- | --- |
//! | `stream` | the layout; which streams are ours to handle |
//! | `lock` | a stream's own lock, which glibc takes for each call: who finds it taken parks |
//! | `input`, `output` | the loops |
//! | `formatted` | printf and scanf |
//! | `fortified` | the forms that check lengths |
//! | `aside` | calls that only must not be caught by the lock, or by what is left to write |

pub mod aside;
pub mod formatted;
pub mod fortified;
pub mod input;
pub mod lock;
pub mod output;
mod real;
mod stream;

use crate::green::cancel;
use crate::hub::Task;
use crate::wait::parking;
use libc::{c_int, FILE};
pub use stream::flag;
use stream::Stream;

extern "C" {
    static stdin: *mut FILE;
    static stdout: *mut FILE;
}

/// What a call gives at the end or on an error (EOF).
const EOF: c_int = libc::EOF;

/// The program's own standard input, which it may set to another stream.
fn standard_input() -> *mut FILE {
    // SAFETY: libc's variable; a program that sets it orders that itself.
    unsafe { stdin }
}

/// The program's own standard output.
fn standard_output() -> *mut FILE {
    // SAFETY: as above.
    unsafe { stdout }
}

/// Does something with a stream, under its lock unless the call is an unlocked form. None from `ours`: it's for libc, which
/// takes the lock itself; so ours is given back before (a cancellation there would leave it taken).
#[inline(always)]
fn under_lock<const LOCKED: bool, R>(
    me: &'static Task,
    stream: &Stream,
    ours: impl FnOnce() -> Option<R>,
    libc: impl FnOnce() -> R,
) -> R {
    let locks = LOCKED && stream.is_locking();
    if locks {
        lock::take(me, stream.lock());
    }
    let result = ours();
    if locks {
        lock::release(stream.lock());
    }
    match result {
        Some(result) => {
            cancel::after(me);
            result
        }
        None if locks => apart(me, stream, libc),
        None => libc(),
    }
}

/// Does something with a stream under its lock, all of it ours.
#[inline(always)]
fn locked<R>(me: &'static Task, stream: &Stream, ours: impl FnOnce() -> R) -> R {
    let locks = stream.is_locking();
    if locks {
        lock::take(me, stream.lock());
    }
    let result = ours();
    if locks {
        lock::release(stream.lock());
    }
    result
}

/// `libcs` where there's no hurry: a buffer is to be filled or emptied.
#[cold]
#[inline(never)]
fn apart<R>(me: &'static Task, stream: &Stream, call: impl FnOnce() -> R) -> R {
    libcs(me, stream, call)
}

/// Something for libc alone: only not while another green thread has the lock. And since libc wakes nobody who parked, that's done
/// after it.
#[inline]
fn libcs<R>(me: &'static Task, stream: &Stream, call: impl FnOnce() -> R) -> R {
    if !stream.is_locking() {
        return call();
    }
    // After a call that closes it's only a key.
    let address = stream.lock().address();
    lock::await_free(me, stream.lock());
    let result = call();
    parking::unpark_one(address);
    result
}

/// Before a read or a write inside a call: those are the cancellation points. True if the thread is to end, which it does when it
/// has given the lock back.
fn is_to_end(me: &'static Task) -> bool {
    let ends = me.is_cancelled();
    if ends {
        me.wait_was_cancelled.set(true);
    }
    ends
}
