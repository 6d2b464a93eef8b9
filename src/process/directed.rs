//! Signals for one green thread (pthread_kill): they're its own, not a kernel thread's. The handler runs on that thread: at
//! once if it's running the program's code, after its wait was interrupted if it waits, when it's unblocked if it has it
//! blocked. What has no handler is the process's affair, as natively.

use super::signals;
use crate::green::{from_pthread, Green};
use crate::hub::carrier::Carrier;
use crate::hub::{current, signal, Kind, Task};
use crate::sys;
use core::sync::atomic::Ordering;
use libc::{c_int, pthread_t, siginfo_t};

/// pthread_kill(3). 0, EINVAL (no such signal), ESRCH (joined).
pub unsafe fn pthread_kill(
    real: unsafe extern "C" fn(pthread_t, c_int) -> c_int,
    id: pthread_t,
    number: c_int,
) -> c_int {
    let Some(green) = from_pthread(id).filter(|g| g.task.kind.get() == Kind::Coroutine) else {
        // The first thread has a kernel thread of its own. If it isn't there, and means itself, the handler runs before this
        // returns all the same.
        let away = current().filter(|me| me.thread_pointer as pthread_t == id && !Carrier::of(me).is_first());
        return match away {
            Some(me) if (1..=64).contains(&number) => signals::raise_here(me, number, || {
                sys::raise(number);
                0
            }),
            // SAFETY: as for pthread_kill(3).
            _ => unsafe { real(id, number) },
        };
    };
    if number == 32 || number == signal::INTERNAL {
        return libc::EINVAL;
    }
    // While it's locked the thread can't become another.
    let life = green.life_state();
    if life.gone {
        return libc::ESRCH;
    }
    match number {
        _ if life.ended => 0,
        0 => 0,
        1..=64 => {
            send(green, number);
            0
        }
        _ => libc::EINVAL,
    }
}

fn send(green: &'static Green, number: c_int) {
    let task = &green.task;
    let bit = signals::bit(number);
    let blocked = task.blocked_signals.get() & bit != 0;
    if !blocked && !signals::has_handler(number) {
        return sys::signal_process(number);
    }
    task.add_signal(bit);
    if !blocked {
        return task.interrupt(signals::restarts_after(number));
    }
    // If it waits for just that, its kernel thread does so too.
    if task.waits_for.load(Ordering::SeqCst) & bit != 0 && task.take_signal(bit).is_some() {
        sys::signal_thread(task.kernel_id(), number);
    }
}

/// Runs the handlers of what is pending for the running thread, and not blocked.
pub fn run(me: &Task) {
    while let Some(number) = me.take_signal(!me.blocked_signals.get()) {
        let before = me.blocked_signals.get();
        me.blocked_signals.set(before | signals::blocked_in_handler(number));
        // SAFETY: a siginfo_t of zeros is one; pending says that it has a handler.
        unsafe {
            let mut info: siginfo_t = core::mem::zeroed();
            info.si_signo = number;
            info.si_code = libc::SI_TKILL;
            // si_pid and si_uid follow the three ints and a gap.
            let who = (&mut info as *mut siginfo_t as *mut c_int).add(4);
            *who = sys::getpid();
            *who.add(1) = libc::getuid() as c_int;
            let mut context: libc::ucontext_t = core::mem::zeroed();
            signals::call(number, &mut info, &mut context as *mut _ as *mut libc::c_void);
        }
        me.blocked_signals.set(before);
    }
}
