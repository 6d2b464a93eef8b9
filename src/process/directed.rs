//! Signals for one green thread (pthread_kill): they're its own, not a kernel thread's. The handler runs on that thread: at
//! once if it's running the program's code, after its wait was interrupted if it waits, when it's unblocked if it has it
//! blocked. What has no handler is the process's affair, as natively.

use super::actions::{self, bit, disposition, Disposition};
use super::{masks, pending, relay};
use crate::depth;
use crate::green::{self, from_pthread, Green};
use crate::hub::carrier::Carrier;
use crate::hub::{current, nursery, signal, Kind, Task};
use crate::sys;
use core::ptr;
use core::sync::atomic::{fence, AtomicBool, Ordering};
use libc::{c_int, pthread_t, siginfo_t};

/// Whether a number is a signal that a program may send.
fn is_valid(number: c_int) -> bool {
    (0..actions::SIGNALS as c_int).contains(&number) && number != 32 && number != signal::INTERNAL
}

/// Sends to the green thread with this id, unless `native` is the way. 0, EINVAL (no such signal), EAGAIN (too many are
/// pending), ESRCH (joined); `after_end` for one that has ended.
fn send_to(
    id: pthread_t,
    number: c_int,
    after_end: c_int,
    info: impl FnOnce() -> siginfo_t,
    native: impl FnOnce() -> c_int,
) -> c_int {
    let Some(green) = from_pthread(id) else { return native() };
    nursery::expect_signals(|| number != 0 && disposition(number) == Disposition::Handler);
    let is_main = green.task.kind.get() == Kind::Host;
    if is_main && (!is_valid(number) || kernel_reaches_main(&green.task, number)) {
        return native();
    }
    // While it's locked the thread can't become another.
    let life = green.life_state();
    if life.gone {
        return libc::ESRCH;
    }
    match number {
        _ if life.ended => after_end,
        _ if !is_valid(number) => libc::EINVAL,
        0 => 0,
        _ if send(&green.task, &info()) => 0,
        _ => libc::EAGAIN,
    }
}

/// Whether the kernel may deliver it: main is at home, and if it has it blocked the kernel thread has too.
fn kernel_reaches_main(main: &Task, number: c_int) -> bool {
    let blocked = main.blocked_signals.get() & bit(number.max(1)) != 0;
    !main.busy.load(Ordering::Acquire) && (!blocked || masks::is_blocked_at_home(number))
}

/// pthread_kill(3).
pub unsafe fn pthread_kill(
    real: unsafe extern "C" fn(pthread_t, c_int) -> c_int,
    id: pthread_t,
    number: c_int,
) -> c_int {
    // SAFETY: as for pthread_kill(3).
    send_to(id, number, 0, || pending::info_of(number, libc::SI_TKILL), || unsafe { real(id, number) })
}

/// pthread_sigqueue(3).
pub unsafe fn pthread_sigqueue(
    real: unsafe extern "C" fn(pthread_t, c_int, libc::sigval) -> c_int,
    id: pthread_t,
    number: c_int,
    value: libc::sigval,
) -> c_int {
    // SAFETY: as for pthread_sigqueue(3).
    send_to(id, number, libc::ESRCH, || pending::info_with(number, value), || unsafe { real(id, number, value) })
}

/// raise(3): its handler runs before this returns.
pub unsafe fn raise(me: &'static Task, real: unsafe extern "C" fn(c_int) -> c_int, number: c_int) -> c_int {
    let at_home = me.kind.get() == Kind::Host && Carrier::of(me).is_first();
    if at_home || number == 0 || !is_valid(number) {
        // SAFETY: as for raise(3).
        return unsafe { real(number) };
    }
    let blocked = me.blocked_signals.get() & bit(number) != 0;
    if !blocked && disposition(number) == Disposition::Default {
        // The kernel does it now, and to this thread, so that a core file shows it.
        sys::signal_mask(libc::SIG_UNBLOCK, Some(bit(number)));
        // SAFETY: as above.
        let r = unsafe { real(number) };
        masks::set_here(me);
        return r;
    }
    send(me, &pending::info_of(number, libc::SI_TKILL));
    0
}

/// tgkill(2).
pub unsafe fn tgkill(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, c_int, c_int) -> c_int,
    group: c_int,
    kernel_thread: c_int,
    number: c_int,
) -> c_int {
    // SAFETY: as for tgkill(2).
    to_oneself(me, group, kernel_thread, number).unwrap_or_else(|| unsafe { real(group, kernel_thread, number) })
}

/// A signal for the kernel thread that the caller runs on: that's raise.
pub fn to_oneself(me: &'static Task, group: c_int, kernel_thread: c_int, number: c_int) -> Option<c_int> {
    let to_me = kernel_thread == sys::gettid() && (group == 0 || group == sys::getpid());
    if !to_me || number == 0 || !is_valid(number) {
        return None;
    }
    // SAFETY: raise(3) has no preconditions.
    Some(unsafe { raise(me, libc::raise, number) })
}

/// Sends a signal to a thread that lives. False when too many are pending.
fn send(task: &Task, info: &siginfo_t) -> bool {
    let number = info.si_signo;
    let bit = bit(number);
    let blocked = task.blocked_signals.get() & bit != 0;
    if !blocked {
        match disposition(number) {
            Disposition::Handler => {}
            Disposition::Ignored => return true,
            Disposition::Default => {
                sys::signal_process(number);
                return true;
            }
        }
    }
    if !pending::add(task, info) {
        return false;
    }
    // It may have changed its mask in between; it does so first, and then looks for what's pending.
    fence(Ordering::SeqCst);
    let blocked = task.blocked_signals.get() & bit != 0;
    if current().is_some_and(|me| ptr::eq(me, task)) {
        depth::checkpoint();
    } else if !blocked {
        task.interrupt(actions::restarts_after(number));
        REMINDS.store(true, Ordering::Relaxed);
    } else if task.waits_for.load(Ordering::SeqCst) & bit != 0 && task.waits_for.swap(0, Ordering::SeqCst) != 0 {
        // It waits for just that: so does its kernel thread, or will. One signal is enough.
        if let Some(info) = pending::take(task, bit) {
            sys::forward_signal(task.kernel_id(), &info);
        }
        task.sent_on.store(number, Ordering::SeqCst);
    }
    true
}

/// A thread was interrupted for a signal; it may not have noticed.
static REMINDS: AtomicBool = AtomicBool::new(false);

/// Called by the watcher at each of its looks. Who is interrupted just when it goes to another kernel thread, or is in the library for a
/// moment, notices at its next call only, and might compute until then, or wait for a lock of libc's: it's interrupted once more.
pub fn remind() {
    if !REMINDS.load(Ordering::Relaxed) || !REMINDS.swap(false, Ordering::Relaxed) {
        return;
    }
    for green in green::host().map(Green::of).into_iter().chain(green::coroutines()) {
        if !green.task.has_signals() {
            continue;
        }
        // While it's locked the thread can't become another.
        let life = green.life_state();
        let due = green.task.pending_signals() & !green.task.blocked_signals.get();
        if due != 0 && !life.ended && !life.gone {
            green.task.interrupt(actions::restarts_after(due.trailing_zeros() as c_int + 1));
            REMINDS.store(true, Ordering::Relaxed);
        }
    }
}

/// A coroutine that has a signal unblocked.
pub fn find(signal: u64) -> Option<&'static Green> {
    green::coroutines().find(|g| g.task.blocked_signals.get() & signal == 0)
}

/// Sends a signal of the process to some thread that wants it; false when there's none any more.
pub fn send_on(info: &siginfo_t) -> bool {
    let Some(green) = find(bit(info.si_signo)) else { return false };
    // While it's locked the thread can't become another.
    let life = green.life_state();
    !life.ended && !life.gone && {
        send(&green.task, info);
        true
    }
}

/// Makes a signal pending for the first thread, which has it blocked.
pub fn keep_for(main: &Task, info: &siginfo_t) {
    send(main, info);
}

/// Runs the handlers of what is pending for the running thread, and not blocked.
pub fn run(me: &'static Task) {
    while let Some(info) = pending::take(me, !me.blocked_signals.get()) {
        relay::run_one(me, info, None);
    }
}
