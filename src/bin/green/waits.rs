//! What a thread waits for, in words: the same in every subcommand.

use crate::escape::escaped;
use crate::memory::Memory;
use crate::process::{State, Thread};
use crate::sockets::Sockets;
use crate::table::{Cause, Polled};
use std::collections::HashMap;
use std::fs;
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;

/// All threads, and what else is needed to say what they wait for.
pub struct Waits<'a> {
    memory: &'a Memory,
    pub by_tid: HashMap<u32, &'a Thread>,
    pub by_id: HashMap<u64, &'a Thread>,
    sockets: Sockets,
}

impl<'a> Waits<'a> {
    pub fn new(memory: &'a Memory, threads: &'a [Thread]) -> Self {
        Waits {
            memory,
            by_tid: threads.iter().map(|t| (t.tid, t)).collect(),
            by_id: threads.iter().map(|t| (t.id, t)).collect(),
            sockets: Sockets::of(memory.pid),
        }
    }

    /// What it does: a word for its state, for how many seconds it has waited, and more about it.
    pub fn state(&self, thread: &Thread) -> (&'static str, Option<f64>, String) {
        match &thread.state {
            State::Running { kernel_thread } => ("running", None, format!("on kernel thread {kernel_thread}")),
            State::Ready => ("ready", None, String::new()),
            State::Ended => ("ended", None, "waits to be joined".to_string()),
            State::Waiting { wait, seconds } => ("waiting", Some(*seconds), self.what(wait.cause, wait.on)),
        }
    }

    fn file(&self, fd: u64) -> String {
        if !self.memory.lives() {
            return format!("fd {fd}");
        }
        match fs::read_link(format!("/proc/{}/fd/{fd}", self.memory.pid)) {
            Ok(path) => {
                let path = escaped(path.as_os_str().as_bytes());
                format!("fd {fd} ({})", self.sockets.describe(&path).unwrap_or(path))
            }
            Err(_) => format!("fd {fd}"),
        }
    }

    /// The first few of the descriptors that a thread polls.
    fn polled(&self, at: u64) -> String {
        const FEW: u64 = 4;
        let word = |offset: usize| self.memory.word(at.wrapping_add(offset as u64)).unwrap_or(0);
        let (array, count) = (word(offset_of!(Polled, at)), word(offset_of!(Polled, count)));
        // struct pollfd: the descriptor, then what is asked and what was answered in 16 bits each; negative ones are passed over.
        let fds = (0..count.min(1 << 16)).filter_map(|n| self.memory.half(array.wrapping_add(8 * n)));
        let fds: Vec<u32> = fds.filter(|&fd| (fd as i32) >= 0).collect();
        let mut text: Vec<String> = fds.iter().take(FEW as usize).map(|&fd| self.file(fd.into())).collect();
        match fds.len().saturating_sub(text.len()) {
            0 => {}
            more => text.push(format!("{more} more")),
        }
        if text.is_empty() {
            "time to pass (polls nothing)".to_string()
        } else {
            format!("an event on {}", text.join(" or "))
        }
    }

    fn what(&self, cause: Option<Cause>, on: u64) -> String {
        match cause {
            Some(Cause::Read) => format!("{} to be readable", self.file(on)),
            Some(Cause::Write) => format!("{} to be writable", self.file(on)),
            Some(Cause::Poll) => self.polled(on),
            Some(Cause::Sleep) => "time to pass".to_string(),
            Some(Cause::Lock) => {
                // A mutex has its owner in the third word; in a read-write lock that word is something else.
                let owner = self.memory.half(on.wrapping_add(8)).and_then(|tid| self.by_tid.get(&tid));
                let owner = owner.map_or(String::new(), |t| format!(", held by {}", t.called()));
                format!("lock {on:#x}{owner}")
            }
            Some(Cause::Cond) => format!("condition variable {on:#x}"),
            Some(Cause::Barrier) => format!("barrier {on:#x}"),
            Some(Cause::Once) => format!("once-control {on:#x}"),
            Some(Cause::Semaphore) => format!("semaphore {on:#x}"),
            Some(Cause::Futex) => format!("futex {on:#x}"),
            Some(Cause::Join) => {
                format!("the end of thread {}", self.by_id.get(&on).map_or(format!("{on:x}"), |t| t.called()))
            }
            Some(Cause::Child) if on as i32 <= 0 => "a child's end".to_string(),
            Some(Cause::Child) => format!("child {on}'s end"),
            Some(Cause::Signal) => "a signal".to_string(),
            Some(Cause::File) => format!("the disk, for fd {}", on as i32),
            Some(Cause::Threads) => "fewer threads (GREEN_MAX_THREADS)".to_string(),
            None => "something that this command doesn't know".to_string(),
        }
    }
}
