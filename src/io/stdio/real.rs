//! libc's functions that the loops need, by pointers found once. (Not in `below`: printf may be called before there are threads.)

use core::ffi::CStr;
use libc::{c_char, c_int, c_void, size_t, FILE};
use once_cell::sync::OnceCell;

/// A va_list of x86-64's ABI: it's passed by its address, and read by whom it's passed to.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VaList([usize; 3]);

type Ask = unsafe extern "C" fn(*mut FILE) -> c_int;
type Put = unsafe extern "C" fn(*mut FILE, c_int) -> c_int;
type Do = unsafe extern "C" fn(*mut FILE);
type Format = unsafe extern "C" fn(*mut c_char, size_t, c_int, size_t, *const c_char, *mut VaList) -> c_int;

/// What the loops call.
pub struct Real {
    pub underflow: Ask,
    pub overflow: Put,
    pub allocate: Do,
    pub try_lock: Ask,
    pub unlock: Do,
    /// With the level of fortification: the plain one if it's 0.
    pub vsnprintf: Format,
}

static REAL: OnceCell<Option<Real>> = OnceCell::new();

fn next(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: a NUL-terminated name.
    let p = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
    (!p.is_null()).then_some(p)
}

macro_rules! found {
    ($name:literal as $type:ty) => {
        // SAFETY: the symbol has the field's type in libc.
        unsafe { core::mem::transmute::<*mut c_void, $type>(next($name)?) }
    };
}

fn find_all() -> Option<Real> {
    Some(Real {
        underflow: found!(c"__underflow" as Ask),
        overflow: found!(c"__overflow" as Put),
        allocate: found!(c"_IO_doallocbuf" as Do),
        try_lock: found!(c"ftrylockfile" as Ask),
        unlock: found!(c"funlockfile" as Do),
        vsnprintf: found!(c"__vsnprintf_chk" as Format),
    })
}

/// They; found on the first call, which is while the library is loaded. None if this libc lacks one.
pub fn find() -> Option<&'static Real> {
    REAL.get_or_init(find_all).as_ref()
}

/// They, once a layout was found right with them.
#[inline]
pub fn get() -> &'static Real {
    match find() {
        Some(real) => real,
        None => crate::report::die(format_args!("this libc has no __underflow or __vsnprintf_chk")),
    }
}
