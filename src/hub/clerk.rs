//! The clerk: a kernel thread that looks up for the watcher whether another kernel thread is able to run. Who is able, and
//! hasn't had a processor, is not stuck in a call: the machine is slow, and one more carrier would make it slower.
//!
//! The kernel tells this only through files in /proc, and a descriptor opened beside the program's own threads could take the
//! number that the program's next open(2) is bound to get. So the clerk has a descriptor table to itself, an empty one. It's
//! started when there's a first question.
//!
//! To have it empty it has to close copies of the program's descriptors, and a close of any descriptor of a message queue
//! takes back what the process has asked of mq_notify(3), as it would the program's own. So it doesn't begin after that (`forgo`).

use super::nursery;
use crate::{depth, report::Line, sys};
use core::fmt::Write;
use core::sync::atomic::{AtomicU32, AtomicU8, Ordering};

/// 0, or the id of the kernel thread that is to be looked up.
static QUESTION: AtomicU32 = AtomicU32::new(0);

/// 0, or the id that was looked up and, in the low bits, its state's letter (proc_pid_stat(5)). An id has 22 bits.
static ANSWER: AtomicU32 = AtomicU32::new(0);
const LETTER: u32 = 8;

/// Whether there's a clerk.
static STATE: AtomicU8 = AtomicU8::new(NONE);
const NONE: u8 = 0;
/// It's about to leave the program's descriptors.
const BEGINS: u8 = 1;
const THERE: u8 = 2;
/// There can't be one, or mustn't, or it hasn't answered for long.
const GONE: u8 = 3;
/// The watcher has asked for it.
const WANTED: u8 = 4;

/// From one state to another; whether it was in that.
fn step(from: u8, to: u8) -> bool {
    STATE.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

/// How long is waited for its beginning (ns).
const BEGINNING: u64 = 100_000_000;

/// How long an answer may take (ns). On a machine so slow that it takes longer the thread in question is taken for slow, too.
const SOON: u64 = 2_000_000;

/// So many answers in a row that were late: somebody keeps the clerk from answering (seccomp(2)).
const LATE: u32 = 100;
static LATE_ANSWERS: AtomicU32 = AtomicU32::new(0);

/// Starts the kernel thread; given by `runtime`, which knows what such a thread needs.
pub type Starter = fn() -> sys::Result<()>;

static STARTER: once_cell::sync::OnceCell<Starter> = once_cell::sync::OnceCell::new();

/// Says how the clerk is started.
pub fn set_starter(starter: Starter) {
    let _ = STARTER.set(starter);
}

/// Whether a kernel thread is able to run, for all that is known. For the watcher alone.
pub(super) fn is_able(id: i32) -> bool {
    match STATE.load(Ordering::Acquire) {
        THERE => {}
        NONE if step(NONE, WANTED) => {
            if nursery::is_there() {
                nursery::ask();
            } else {
                begin();
            }
            // At the next look there's one.
            return true;
        }
        // There can't be one; or who starts it is kept from that, and maybe by the thread in question.
        _ => return false,
    }
    ANSWER.store(0, Ordering::Relaxed);
    QUESTION.store(id as u32, Ordering::Release);
    sys::futex_wake(QUESTION.as_ptr(), 1);
    let _ = sys::futex_wait(&ANSWER, 0, SOON);
    let answer = ANSWER.load(Ordering::Acquire);
    if answer >> LETTER == id as u32 {
        LATE_ANSWERS.store(0, Ordering::Relaxed);
        return answer as u8 == b'R';
    }
    if LATE_ANSWERS.fetch_add(1, Ordering::Relaxed) == LATE {
        STATE.store(GONE, Ordering::Release);
    }
    true
}

/// Starts it, if it's wanted. By the nursery, since the watcher mustn't wait for what that takes.
pub(super) fn begin() {
    if step(WANTED, BEGINS) && STARTER.get().is_none_or(|start| start().is_err()) {
        STATE.store(GONE, Ordering::Release);
    }
}

/// The process is about to call mq_notify(3): from now on the clerk doesn't begin. If it does so just now, waits until it has.
pub fn forgo() {
    let until = sys::now() + BEGINNING;
    let _ = step(NONE, GONE) || step(WANTED, GONE);
    while STATE.load(Ordering::Acquire) == BEGINS && sys::now() < until {
        sys::yield_processor();
    }
}

/// mq_notify(3), before the process is active, too.
pub unsafe fn mq_notify(
    real: unsafe extern "C" fn(libc::mqd_t, *const libc::sigevent) -> libc::c_int,
    queue: libc::mqd_t,
    event: *const libc::sigevent,
) -> libc::c_int {
    forgo();
    // SAFETY: as for mq_notify(3).
    unsafe { real(queue, event) }
}

/// The clerk's whole life, on a kernel thread of its own.
pub fn work() -> ! {
    // No handler of the program's runs here.
    depth::enter();
    let has_left = sys::leave_descriptors().is_ok();
    STATE.store(if has_left { THERE } else { GONE }, Ordering::Release);
    if !has_left {
        loop {
            let _ = sys::futex_wait(&AtomicU32::new(0), 0, u64::MAX);
        }
    }
    loop {
        let _ = sys::futex_wait(&QUESTION, 0, u64::MAX);
        let id = QUESTION.swap(0, Ordering::Acquire);
        if id != 0 {
            ANSWER.store(id << LETTER | u32::from(letter_of(id)), Ordering::Release);
            sys::futex_wake(ANSWER.as_ptr(), 1);
        }
    }
}

/// The letter for a thread's state; '?' if it can't be told.
fn letter_of(id: u32) -> u8 {
    let mut path = Line::new();
    let _ = write!(path, "/proc/self/task/{id}/stat\0");
    let mut text = [0; 128];
    let Ok(file) = sys::open(path.as_bytes(), libc::O_RDONLY, 0) else { return b'?' };
    let len = sys::read(file, &mut text).unwrap_or(0);
    sys::close(file);
    after_name(&text[..len]).unwrap_or(b'?')
}

/// What stands behind "ID (NAME) ", where NAME may be anything.
fn after_name(text: &[u8]) -> Option<u8> {
    let name_end = text.iter().rposition(|&c| c == b')')?;
    text.get(name_end + 2).copied()
}

/// In the child of a fork, which has no clerk.
pub(super) fn after_fork() {
    STATE.store(NONE, Ordering::Relaxed);
    QUESTION.store(0, Ordering::Relaxed);
    ANSWER.store(0, Ordering::Relaxed);
    LATE_ANSWERS.store(0, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_found_behind_any_name() {
        assert_eq!(after_name(b"17 (a) R 1 17"), Some(b'R'));
        assert_eq!(after_name(b"17 (a) R (b)) S 1 17"), Some(b'S'));
        assert_eq!(after_name(b"17 (a)"), None);
        assert_eq!(after_name(b""), None);
    }

    #[test]
    fn the_caller_is_able_to_run() {
        assert_eq!(letter_of(sys::gettid() as u32), b'R');
        assert_eq!(letter_of(u32::MAX >> LETTER), b'?');
    }
}
