//! glibc's internal signal 33 (SIGSETXID), by which setuid(2) and its relatives reach every kernel thread. Programs can't
//! block it, so it's also how our own kernel threads are told something at once (`signal::poke`).
//!
//! glibc's handler works on THREAD_SELF, and expects the control block that it made for this kernel thread; a carrier
//! mostly runs with another. So ours stands in front, and puts the right block under it.

use super::{actions, masks, relay};
use crate::depth;
use crate::green::cancel;
use crate::hub::carrier::{self, Carrier};
use crate::hub::{current, signal, spares, Kind};
use crate::sys;
use core::sync::atomic::{AtomicUsize, Ordering};
use libc::{c_int, c_void, siginfo_t};

type Handler = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// glibc's own handler.
static THEIRS: AtomicUsize = AtomicUsize::new(0);

/// Puts ours before glibc's, which is there once a native thread has been created.
pub fn install() {
    let ours = on_internal as Handler as usize;
    let Ok(mut action) = sys::raw_action(signal::INTERNAL, None) else { return };
    if action.handler == ours || action.handler == libc::SIG_DFL || action.handler == libc::SIG_IGN {
        return;
    }
    THEIRS.store(action.handler, Ordering::Release);
    action.handler = ours;
    // Handlers of the program's may run in there, and wait: on their thread's stack, not on the kernel thread's.
    action.flags &= !(libc::SA_ONSTACK as usize);
    let _ = sys::raw_action(signal::INTERNAL, Some(&action));
}

unsafe extern "C" fn on_internal(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel's record.
    if signal::is_poke(unsafe { &*info }) {
        let errno = sys::errno();
        poked(context);
        return sys::set_errno(errno);
    }
    // SAFETY: what `install` found, of this type.
    let theirs = unsafe { core::mem::transmute::<usize, Handler>(THEIRS.load(Ordering::Acquire)) };
    let me = sys::gettid();
    // SAFETY: the kernel's arguments.
    let call = || unsafe { theirs(signal, info, context) };
    match spares::all().find(|c| c.kernel_id() == me) {
        Some(carrier) => carrier::with_block(carrier.native(), call),
        None => call(),
    }
}

/// Our signal restarts the system call that it interrupted, if that's of the kind (signal(7)): the kernel has put the thread
/// back before it. A handler without SA_RESTART has run meanwhile, so the call ends with EINTR instead. (It would also if it hasn't begun, which
/// nobody can tell from a signal that came a moment later.)
fn end_call(context: *mut c_void) {
    const SYSCALL: [u8; 2] = [0x0f, 0x05];
    // SAFETY: the kernel's context; the thread's own code, where two bytes can be read: a call ends behind them.
    unsafe {
        let registers = &mut (*(context as *mut libc::ucontext_t)).uc_mcontext.gregs;
        let next = registers[libc::REG_RIP as usize];
        if *(next as *const [u8; 2]) == SYSCALL {
            registers[libc::REG_RIP as usize] = next + SYSCALL.len() as i64;
            registers[libc::REG_RAX as usize] = -i64::from(libc::EINTR);
        }
    }
}

/// Somebody has something for this kernel thread: main's new signal mask, if it's the first one; or handlers that were put
/// off, if main runs here and could have run them itself.
fn poked(context: *mut c_void) {
    signal::host_is_poked();
    // What the kernel restores when this handler returns.
    let mask = relay::mask_of(context);
    let shows_own_mask = current().is_some_and(|me| me.shows_own_mask.get());
    if !shows_own_mask && signal::home_mask_asked(sys::gettid()) {
        if let Some(home) = spares::first() {
            *mask = masks::of_kernel_thread(home);
        }
        signal::home_mask_done();
    }
    let here = &mask as *const _ as usize;
    let Some(me) = current().filter(|me| me.runs_at(here) && depth::get() == 0) else { return };
    if cancel::is_due_at_once(me) {
        // Unwinding does not come back here.
        masks::set_here(me);
        cancel::act();
    }
    let is_in_mains_way = signal::is_home_wanted() && me.kind.get() == Kind::Coroutine && Carrier::of(me).is_first();
    if is_in_mains_way {
        me.is_not_for_home();
    }
    if me.belongs_elsewhere() || is_in_mains_way {
        // It's computing, and has been given a kernel thread of its own.
        masks::set_here(me);
        me.yield_now();
        relay::leave_with(context, 0);
    }
    if me.has_signals() || (me.kind.get() == Kind::Host && depth::is_put_off()) {
        // A handler may wait, and the thread go on on another kernel thread: this one has its own mask back meanwhile, and at
        // the end the mask is that of where the thread is.
        masks::set_here(me);
        let due = (me.pending_signals() | relay::put_off_signals()) & !me.blocked_signals.get();
        // A handler that jumps out of the call ends it too.
        let in_call = me.in_native_call.replace(false);
        depth::run();
        me.in_native_call.set(in_call);
        if in_call && actions::any_ends_calls(due) {
            end_call(context);
        }
        relay::leave_with(context, 0);
    }
}
