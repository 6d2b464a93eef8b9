//! Mutexes that the kernel knows the owners of: robust ones (it tells the next when an owner has died), and those that inherit or
//! lend priority. Their words hold a kernel thread's id, so a green thread that locks one gets a kernel thread to itself, and
//! makes the real calls there, under that thread's id.

use crate::green::tls;
use crate::hub::carrier::Carrier;
use crate::hub::{thread_pointer, Task};
use crate::sys;
use core::sync::atomic::{AtomicU32, Ordering};
use libc::c_int;

/// Runs `f`, real calls on such a mutex, as the kernel thread. EAGAIN when no kernel thread can be had.
pub fn as_kernel_thread(me: &'static Task, f: impl FnOnce() -> c_int) -> c_int {
    if !Carrier::pin(me) {
        return libc::EAGAIN;
    }
    announce(me.thread_pointer);
    let green = thread_pointer::set_tid(Carrier::of(me).kernel_id());
    let r = f();
    thread_pointer::set_tid(green);
    r
}

/// Tells the kernel where the calling kernel thread's list of robust mutexes is: if the process dies, it looks there.
pub fn announce(tp: usize) {
    if let Some((head, _)) = tls::robust_list(tp) {
        sys::set_robust_list(head);
    }
}

/// A green thread has ended: what the kernel does when a kernel thread does. The robust mutexes that it holds are marked, and one
/// who waits for each is woken.
pub fn let_go(me: &Task) {
    /// As many as the kernel looks at (ROBUST_LIST_LIMIT).
    const MOST: usize = 2048;
    let Some((head, distance)) = tls::robust_list(me.thread_pointer) else { return };
    // SAFETY: the list's head: the first entry, the distance, the operation that was begun. Entries link in mutexes that
    // are there as long as they're held.
    unsafe {
        let begun = *((head + 16) as *const usize);
        let mut entry = *(head as *const usize);
        for _ in 0..MOST {
            if entry & !1 == head || entry & !1 == 0 {
                break;
            }
            // Before its owner can be another, which links it elsewhere.
            let next = *((entry & !1) as *const usize);
            if entry != begun {
                mark(me, entry, distance);
            }
            entry = next;
        }
        if begun & !1 != 0 {
            mark(me, begun, distance);
        }
        *(head as *mut usize) = head;
        *((head + 16) as *mut usize) = 0;
    }
    if me.has_own_carrier() {
        announce(Carrier::of(me).native());
    }
}

/// # Safety
/// `entry` is one of the thread's list.
unsafe fn mark(me: &Task, entry: usize, distance: usize) {
    const OWNER_DIED: u32 = 0x4000_0000;
    const WAITERS: u32 = 0x8000_0000;
    const OWNER: u32 = 0x3fff_ffff;
    let inherits = entry & 1 != 0;
    let word = (entry & !1).wrapping_add(distance) as *mut u32;
    // SAFETY: by this function's contract.
    let state = unsafe { AtomicU32::from_ptr(word) };
    let mine = |owner: u32| owner == thread_pointer::tid() as u32 || owner == Carrier::of(me).kernel_id() as u32;
    let mut now = state.load(Ordering::SeqCst);
    while mine(now & OWNER) {
        if inherits && now & WAITERS != 0 {
            // The kernel hands it on; it finds the mark there.
            state.fetch_or(OWNER_DIED, Ordering::SeqCst);
            sys::futex_unlock_pi(word);
            return;
        }
        match state.compare_exchange(now, now & WAITERS | OWNER_DIED, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => {
                if now & WAITERS != 0 {
                    sys::futex_wake_shared(word, 1);
                }
                return;
            }
            Err(other) => now = other,
        }
    }
}
