//! libc's functions that the loops need, by pointers found once. (Not in `below`: printf may be called before there are threads.)

use core::ffi::CStr;
use libc::{c_char, c_int, c_void, size_t, FILE};
use once_cell::sync::OnceCell;

/// A va_list of x86-64's ABI: it's passed by its address, and read by whom it's passed to.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VaList([usize; 3]);

pub struct Real {
    pub underflow: unsafe extern "C" fn(*mut FILE) -> c_int,
    pub overflow: unsafe extern "C" fn(*mut FILE, c_int) -> c_int,
    pub allocate: unsafe extern "C" fn(*mut FILE),
    pub try_lock: unsafe extern "C" fn(*mut FILE) -> c_int,
    pub unlock: unsafe extern "C" fn(*mut FILE),
    /// With the level of fortification: the plain one if it's 0.
    pub vsnprintf: unsafe extern "C" fn(*mut c_char, size_t, c_int, size_t, *const c_char, *mut VaList) -> c_int,
}

static REAL: OnceCell<Option<Real>> = OnceCell::new();

fn find(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: a NUL-terminated name.
    let p = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
    (!p.is_null()).then_some(p)
}

macro_rules! found {
    ($name:literal) => {
        // SAFETY: the symbol has the field's type in libc.
        unsafe { core::mem::transmute(find($name)?) }
    };
}

fn find_all() -> Option<Real> {
    Some(Real {
        underflow: found!(c"__underflow"),
        overflow: found!(c"__overflow"),
        allocate: found!(c"_IO_doallocbuf"),
        try_lock: found!(c"ftrylockfile"),
        unlock: found!(c"funlockfile"),
        vsnprintf: found!(c"__vsnprintf_chk"),
    })
}

/// They; found on the first call, which is while the library is loaded.
#[inline]
pub fn get() -> &'static Real {
    match REAL.get_or_init(find_all) {
        Some(real) => real,
        None => crate::report::die(format_args!("this libc has no __underflow or __vsnprintf_chk")),
    }
}

extern "C" fn resolve() {
    let _ = REAL.get_or_init(find_all);
}

#[used]
#[link_section = ".init_array"]
static RESOLVE: extern "C" fn() = resolve;
