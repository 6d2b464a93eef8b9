//! Signals that are pending for one green thread, with what is known of each: standard ones once, real-time ones in a queue,
//! as in signal(7). A task's own word says which there are; what they say lies here, since that's rare.

use super::actions::{bit, FIRST_REALTIME};
use crate::hub::Task;
use crate::lock::Lock;
use crate::sys;
use core::ptr;
use libc::{c_int, siginfo_t};

struct Entry {
    task: *const Task,
    info: siginfo_t,
}

// SAFETY: the pointer is only compared; a task's entries go with it (`forget`).
unsafe impl Send for Entry {}

static QUEUE: Lock<Vec<Entry>> = Lock::new(Vec::new());

/// Makes a signal pending for a task, which lives. False when the queue is full (RLIMIT_SIGPENDING).
pub fn add(task: &Task, info: &siginfo_t) -> bool {
    let number = info.si_signo;
    let mut queue = QUEUE.lock();
    if number < FIRST_REALTIME && task.pending_signals() & bit(number) != 0 {
        return true;
    }
    if queue.len() as u64 >= sys::limit(libc::RLIMIT_SIGPENDING).0 {
        return false;
    }
    queue.push(Entry { task, info: *info });
    task.add_signal(bit(number));
    true
}

/// Makes a signal pending that was before, and is the oldest of its number.
pub fn put_back(task: &Task, info: siginfo_t) {
    let mut queue = QUEUE.lock();
    queue.insert(0, Entry { task, info });
    task.add_signal(bit(info.si_signo));
}

/// Takes one of a set: the lowest number, and of that the oldest.
pub fn take(task: &Task, set: u64) -> Option<siginfo_t> {
    if task.pending_signals() & set == 0 {
        return None;
    }
    let mut queue = QUEUE.lock();
    let number = |e: &Entry| e.info.si_signo;
    let lowest = (task.pending_signals() & set).trailing_zeros() as c_int + 1;
    let mut own = queue.iter().enumerate().filter(|(_, e)| ptr::eq(e.task, task) && number(e) == lowest);
    let first = own.next()?.0;
    if own.next().is_none() {
        task.clear_signal(bit(lowest));
    }
    Some(queue.remove(first).info)
}

/// A signal is ignored from now on, and pending for nobody.
pub fn discard(signal: c_int) {
    let mut queue = QUEUE.lock();
    for entry in queue.iter().filter(|e| e.info.si_signo == signal) {
        // SAFETY: a task's entries go with it, so it's there.
        unsafe { (*entry.task).clear_signal(bit(signal)) };
    }
    queue.retain(|e| e.info.si_signo != signal);
}

/// The task has ended, and what was pending for it is nobody's.
pub fn forget(task: &Task) {
    while take(task, u64::MAX).is_some() {}
}

/// In the child of a fork, in which nothing is pending.
pub fn after_fork() {
    // SAFETY: the child has one thread; a list caught half-way is not trusted but made anew.
    unsafe {
        QUEUE.force_unlock();
        core::mem::forget(core::mem::take(&mut *QUEUE.lock()));
    }
}

/// What kill(2) or pthread_kill(3) of this process say of a signal.
pub fn info_of(number: c_int, code: c_int) -> siginfo_t {
    // SAFETY: zeros are a siginfo_t; si_pid and si_uid follow three ints and a gap.
    unsafe {
        let mut info: siginfo_t = core::mem::zeroed();
        info.si_signo = number;
        info.si_code = code;
        let who = (&mut info as *mut siginfo_t as *mut c_int).add(4);
        *who = sys::getpid();
        *who.add(1) = libc::getuid() as c_int;
        info
    }
}

/// What sigqueue(3) says: a value too, after the sender.
pub fn info_with(number: c_int, value: libc::sigval) -> siginfo_t {
    let mut info = info_of(number, libc::SI_QUEUE);
    // SAFETY: the value's place in the kernel's layout, the fourth word.
    unsafe { *(&mut info as *mut siginfo_t as *mut libc::sigval).add(3) = value };
    info
}
