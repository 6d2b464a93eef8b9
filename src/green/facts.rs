//! What a program may ask about a green thread.

use super::{native, scheduling, thread, Green};
use crate::hub::carrier::Carrier;
use crate::hub::{Kind, Task};
use crate::sys;
use libc::{c_char, c_int, pthread_attr_t, pthread_t, size_t};

/// The green thread with this pthread_t, if its stack is ours to know. The first thread's is the kernel's; libc answers.
fn on_own_block(id: pthread_t) -> Option<&'static Green> {
    thread::from_pthread(id).filter(|g| g.block.size != 0)
}

/// pthread_getattr_np(3): its real stack bounds, guard and detach state. Garbage collectors scan what this says.
pub unsafe fn pthread_getattr_np(
    real: unsafe extern "C" fn(pthread_t, *mut pthread_attr_t) -> c_int,
    id: pthread_t,
    attr: *mut pthread_attr_t,
) -> c_int {
    let Some(green) = on_own_block(id) else {
        // SAFETY: as for pthread_getattr_np(3).
        return unsafe { real(id, attr) };
    };
    let block = &green.block;
    let low = block.low + block.guard;
    let state = if green.life.lock().detached { libc::PTHREAD_CREATE_DETACHED } else { libc::PTHREAD_CREATE_JOINABLE };
    // SAFETY: attr is the caller's; these functions are libc's own.
    unsafe {
        match libc::pthread_attr_init(attr) {
            0 => {}
            e => return e,
        }
        libc::pthread_attr_setstack(attr, low as *mut _, block.low + block.size - low);
        libc::pthread_attr_setguardsize(attr, block.guard);
        libc::pthread_attr_setdetachstate(attr, state)
    }
}

/// The longest name and its NUL (the kernel's TASK_COMM_LEN).
const NAME: usize = 16;

/// pthread_setname_np(3). ERANGE when it's too long.
pub unsafe fn pthread_setname_np(
    real: unsafe extern "C" fn(pthread_t, *const c_char) -> c_int,
    id: pthread_t,
    name: *const c_char,
) -> c_int {
    let Some(green) = on_own_block(id) else {
        // SAFETY: as for pthread_setname_np(3).
        return unsafe { real(id, name) };
    };
    // SAFETY: name is the caller's C string.
    let bytes = unsafe { core::ffi::CStr::from_ptr(name) }.to_bytes();
    if bytes.len() >= NAME {
        return libc::ERANGE;
    }
    let mut new = [0; NAME];
    new[..bytes.len()].copy_from_slice(bytes);
    green.give_name(new);
    0
}

/// prctl(2): the calling thread's name is a coroutine's own, not its carrier's.
pub unsafe fn prctl(
    me: &'static Task,
    real: unsafe extern "C" fn(c_int, usize, usize, usize, usize) -> c_int,
    option: c_int,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
) -> c_int {
    let green = Green::of(me);
    if me.kind.get() == Kind::Coroutine && a != 0 {
        if option == libc::PR_SET_NAME {
            let mut name = [0; NAME];
            // SAFETY: the caller's C string, of which the kernel takes 15 bytes.
            let bytes = unsafe { core::ffi::CStr::from_ptr(a as *const c_char) }.to_bytes();
            let n = bytes.len().min(NAME - 1);
            name[..n].copy_from_slice(&bytes[..n]);
            green.give_name(name);
            return 0;
        }
        if option == libc::PR_GET_NAME {
            let name = green.shown_name();
            // SAFETY: the caller's 16 bytes.
            unsafe { core::ptr::copy_nonoverlapping(name.as_ptr(), a as *mut u8, NAME) };
            return 0;
        }
    }
    // SAFETY: as for prctl(2).
    unsafe { real(option, a, b, c, d) }
}

impl Green {
    /// Names the thread.
    fn give_name(&'static self, name: [u8; NAME]) {
        self.name.set(name);
        self.is_named.set(true);
        let len = name.iter().position(|&b| b == 0).unwrap_or(NAME);
        if native::is_chosen_name(&name[..len]) && Carrier::reserve(&self.task).is_some() {
            scheduling::move_in(self);
        }
    }

    /// The thread's name, padded with NULs: its own or, as natively, the process's.
    pub fn shown_name(&self) -> [u8; NAME] {
        if self.is_named.get() {
            self.name.get()
        } else {
            sys::process_name()
        }
    }
}

/// pthread_getname_np(3). ERANGE when the buffer is too small. A thread without a name of its own has the process's,
/// as natively.
pub unsafe fn pthread_getname_np(
    real: unsafe extern "C" fn(pthread_t, *mut c_char, size_t) -> c_int,
    id: pthread_t,
    buffer: *mut c_char,
    len: size_t,
) -> c_int {
    let Some(green) = on_own_block(id) else {
        // SAFETY: as for pthread_getname_np(3).
        return unsafe { real(id, buffer, len) };
    };
    if len < NAME {
        return libc::ERANGE;
    }
    let name = green.shown_name();
    // SAFETY: the buffer holds at least NAME bytes.
    unsafe { core::ptr::copy_nonoverlapping(name.as_ptr() as *const c_char, buffer, NAME) };
    0
}
