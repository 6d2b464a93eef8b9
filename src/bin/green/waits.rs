//! What a thread waits for, in words: the same in every subcommand.

use crate::blocked::Blocked;
use crate::escape::escaped;
use crate::lock::Lock;
use crate::process::Process;
use crate::sockets::Sockets;
use crate::status::called;
use crate::symbols::Symbols;
use crate::table::{Cause, Polled};
use crate::thread::{State, Thread};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

/// All threads, and what else is needed to say what they wait for.
pub struct Waits<'a> {
    pub process: &'a Process<'a>,
    pub symbols: &'a Symbols<'a>,
    pub threads: &'a [Thread],
    pub by_tid: HashMap<u32, &'a Thread>,
    pub by_id: HashMap<u64, &'a Thread>,
    sockets: Sockets,
    locks: RefCell<HashMap<u64, Rc<Lock<'a>>>>,
}

impl<'a> Waits<'a> {
    pub fn new(process: &'a Process<'a>, symbols: &'a Symbols<'a>, threads: &'a [Thread]) -> Self {
        Waits {
            process,
            symbols,
            threads,
            by_tid: threads.iter().map(|t| (t.tid, t)).collect(),
            by_id: threads.iter().map(|t| (t.id, t)).collect(),
            sockets: Sockets::of(process.memory.pid),
            locks: RefCell::default(),
        }
    }

    /// The lock at an address that a thread waits for; each is looked at once.
    pub fn lock(&self, waiter: &Thread, at: u64) -> Rc<Lock<'a>> {
        if let Some(known) = self.locks.borrow().get(&at) {
            return known.clone();
        }
        let lock = Rc::new(Lock::of(self, waiter, at));
        self.locks.borrow_mut().insert(at, lock.clone());
        lock
    }

    /// What it does: a word for its state, for how many seconds it has waited, and more about it.
    pub fn state(&self, thread: &Thread) -> (&'static str, Option<f64>, String) {
        match &thread.state {
            State::Running { kernel_thread } => self.running(thread, *kernel_thread),
            State::Ready => ("ready", None, String::new()),
            State::Ended => ("ended", None, "waits to be joined".to_string()),
            State::Waiting { wait, seconds } => ("waiting", Some(*seconds), self.what(thread, wait.cause, wait.on)),
        }
    }

    /// One that has a kernel thread: it may sleep there, past libgreen's hooks.
    fn running(&self, thread: &Thread, kernel_thread: u32) -> (&'static str, Option<f64>, String) {
        let memory = self.process.memory;
        let mut where_to = format!("on kernel thread {kernel_thread}");
        if let Some(signal) = memory.dumped(kernel_thread, thread.id).and_then(|dumped| memory.ending_by(dumped)) {
            where_to += &format!(", {signal}");
        }
        let blocked = memory.lives().then(|| Blocked::look(memory.pid, kernel_thread)).flatten();
        match blocked {
            Some(blocked) => ("blocked", None, format!("in {}, {where_to}", blocked.text(|fd| self.file(fd)))),
            None => ("running", None, where_to),
        }
    }

    /// The process whose end a thread waits for: by its id, or a pidfd (libgreen's own, for that).
    pub fn awaited_process(&self, cause: Option<Cause>, on: u64) -> Option<i32> {
        match cause {
            Some(Cause::Child) => Some(on as i32).filter(|&pid| pid > 0),
            Some(Cause::Read) if self.process.memory.lives() => {
                let proc = format!("/proc/{}", self.process.memory.pid);
                let link = fs::read_link(format!("{proc}/fd/{on}")).ok();
                link.filter(|link| link.as_os_str() == "anon_inode:[pidfd]")?;
                let info = fs::read_to_string(format!("{proc}/fdinfo/{on}")).ok()?;
                info.lines().find_map(|line| line.strip_prefix("Pid:"))?.trim().parse().ok()
            }
            _ => None,
        }
    }

    fn file(&self, fd: u64) -> String {
        match self.file_and_peer(fd).0 {
            Some(file) => format!("fd {fd} ({file})"),
            None => format!("fd {fd}"),
        }
    }

    /// What a descriptor is of, and the other end's address, as far as that is known.
    pub fn file_and_peer(&self, fd: u64) -> (Option<String>, Option<String>) {
        let link = format!("/proc/{}/fd/{fd}", self.process.memory.pid);
        let Some(path) = fs::read_link(link).ok().filter(|_| self.process.memory.lives()) else { return (None, None) };
        let path = escaped(path.as_os_str().as_bytes());
        match self.sockets.describe(&path) {
            Some(socket) => (Some(socket.text), socket.peer),
            None => (Some(path), None),
        }
    }

    /// The descriptors that a thread polls, by its `Polled`.
    pub fn polled_fds(&self, at: u64) -> Vec<u64> {
        let memory = self.process.memory;
        let word = |offset: usize| memory.word(at.wrapping_add(offset as u64)).unwrap_or(0);
        let (array, count) = (word(offset_of!(Polled, at)), word(offset_of!(Polled, count)));
        // struct pollfd: the descriptor, then what is asked and what was answered in 16 bits each; negative ones are passed over.
        let fds = (0..count.min(1 << 16)).map_while(|n| memory.half(array.wrapping_add(8 * n)));
        fds.filter(|&fd| (fd as i32) >= 0).map(u64::from).collect()
    }

    /// The first few of the descriptors that a thread polls.
    fn polled(&self, at: u64) -> String {
        const FEW: usize = 4;
        let fds = self.polled_fds(at);
        let mut text: Vec<String> = fds.iter().take(FEW).map(|&fd| self.file(fd)).collect();
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

    fn what(&self, thread: &Thread, cause: Option<Cause>, on: u64) -> String {
        match cause {
            Some(Cause::Read) => match self.awaited_process(cause, on) {
                Some(process) => format!("the end of process {}", called(process)),
                None => format!("{} to be readable", self.file(on)),
            },
            Some(Cause::Write) => format!("{} to be writable", self.file(on)),
            Some(Cause::Poll) => self.polled(on),
            Some(Cause::Sleep) => "time to pass".to_string(),
            Some(Cause::Lock) => {
                let lock = self.lock(thread, on);
                format!("{}, {}", lock.text(), lock.owner.text())
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
