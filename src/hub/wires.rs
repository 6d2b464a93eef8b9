//! Pipes and Unix socketpairs with both ends in this process: who writes at one end may wake who reads at the other at once,
//! instead of leaving that to the poller's next look. (Which tells as well: a reader that is woken for nothing tries and waits on.)
//!
//! A wire is a way for bytes, with a number: a pipe is one, a socketpair is two (n and n + 1, there and back). Here stands which
//! descriptor is read at its end; in the entry of each end which wire it is on. A number or a descriptor that is used anew is told
//! by the generation, and by the wire that the entry there is on.

use super::listeners::{self, Entry, FileKind};
use super::Task;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use libc::c_int;

/// So many are known at a time; the oldest are forgotten.
const MOST: usize = 4096;

/// The readers' tokens.
static READERS: [AtomicU64; MOST] = [const { AtomicU64::new(0) }; MOST];

/// The last wire's number. They're even, but for the ways back.
static LAST: AtomicU32 = AtomicU32::new(0);

fn readers(wire: u32) -> &'static AtomicU64 {
    &READERS[wire as usize % MOST]
}

/// A new wire's number: not 0, which is none.
fn new() -> u32 {
    loop {
        match LAST.fetch_add(2, Ordering::Relaxed).wrapping_add(2) {
            0 => {}
            wire => return wire,
        }
    }
}

fn set(fd: c_int, e: &Entry, wire: u32) {
    readers(wire).store(listeners::token(fd, e.generation()), Ordering::Relaxed);
    e.wire.store(wire, Ordering::Relaxed);
}

/// A new pipe's ends.
pub fn pipe(ends: [c_int; 2]) {
    if let [Some(reader), Some(writer)] = ends.map(listeners::entry) {
        let wire = new();
        set(ends[0], reader, wire);
        writer.wire.store(wire, Ordering::Relaxed);
    }
}

/// A new pair of stream sockets.
pub fn pair(ends: [c_int; 2]) {
    if let [Some(a), Some(b)] = ends.map(listeners::entry) {
        let wire = new();
        set(ends[0], a, wire);
        set(ends[1], b, wire | 1);
    }
}

/// The entry behind a token, if it still means that.
fn behind(token: u64) -> Option<&'static Entry> {
    listeners::entry(token as u32 as c_int).filter(|e| e.generation() == (token >> 32) as u32)
}

/// This thread has written at one end.
#[inline]
pub fn written(me: &Task, e: &Entry) {
    match e.wire.load(Ordering::Relaxed) {
        0 => {}
        wire => tell(me, if e.kind() == FileKind::Pipe { wire } else { wire ^ 1 }),
    }
}

fn tell(me: &Task, wire: u32) {
    let token = readers(wire).load(Ordering::Relaxed);
    if let Some(reader) = behind(token).filter(|e| e.wire.load(Ordering::Relaxed) == wire) {
        if !reader.written_here(me.hub()) {
            // Its hub hears of it. But if this thread is about to leave the processor, it may be faster here.
            me.told.set(token);
        }
    }
}

/// This thread is about to wait for a descriptor: whom it has written to may run here instead, if nobody else is to.
#[inline]
pub fn before_waiting(me: &Task) {
    match me.told.replace(0) {
        0 => {}
        token => fetch(me, token),
    }
}

#[cold]
fn fetch(me: &Task, token: u64) {
    let hub = me.hub();
    if let Some(reader) = behind(token).filter(|_| hub.is_idle()) {
        reader.fetch_reader(hub);
    }
}
