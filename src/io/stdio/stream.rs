//! The layout of a FILE, as bits/types/struct_FILE.h has it: public ABI, since macros over it are compiled into programs. Behind it
//! lies a table of functions, which tells plain streams from others.

use super::lock::{self, StreamLock};
use crate::below;
use crate::hub::listeners::{Entry, FileKind};
use crate::io::known;
use core::cell::Cell;
use core::ffi::CStr;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};
use libc::{c_int, c_void, FILE};

/// Bits of `flags` (libio.h; stable since programs were linked with it).
pub mod flag {
    use libc::c_int;

    pub const UNBUFFERED: c_int = 0x2;
    pub const NO_READS: c_int = 0x4;
    pub const NO_WRITES: c_int = 0x8;
    pub const EOF_SEEN: c_int = 0x10;
    pub const ERR_SEEN: c_int = 0x20;
    pub const LINKED: c_int = 0x80;
    /// It reads from what was pushed back.
    pub const IN_BACKUP: c_int = 0x100;
    pub const LINE_BUFFERED: c_int = 0x200;
    /// It was written to last, not read.
    pub const PUTTING: c_int = 0x800;
    pub const APPENDING: c_int = 0x1000;
    pub const IS_FILE: c_int = 0x2000;
    /// The program locks it itself (__fsetlocking(3)).
    pub const USER_LOCK: c_int = 0x8000;
}

/// Bit of `flags2`: there are threads, getc and putc take the lock.
const NEED_LOCK: c_int = 128;

type Bytes = Cell<*mut u8>;

/// A FILE. Its lock orders who uses it.
#[repr(C)]
pub struct Stream {
    pub flags: Cell<c_int>,
    pub read_ptr: Bytes,
    pub read_end: Bytes,
    pub read_base: Bytes,
    pub write_base: Bytes,
    pub write_ptr: Bytes,
    pub write_end: Bytes,
    pub buf_base: Bytes,
    pub buf_end: Bytes,
    pub save_base: Bytes,
    backup_base: Bytes,
    pub save_end: Bytes,
    pub markers: Cell<*mut c_void>,
    chain: Cell<*mut c_void>,
    pub fileno: Cell<c_int>,
    flags2: Cell<c_int>,
    old_offset: Cell<i64>,
    pub cur_column: Cell<u16>,
    vtable_offset: Cell<i8>,
    shortbuf: Cell<u8>,
    lock: Cell<*const StreamLock>,
    pub offset: Cell<i64>,
    codecvt: Cell<*mut c_void>,
    wide_data: Cell<*mut c_void>,
    freeres_list: Cell<*mut c_void>,
    freeres_buf: Cell<*mut c_void>,
    pad: Cell<usize>,
    pub mode: Cell<c_int>,
    unused: Cell<[u8; 20]>,
    /// Not in the header: `struct _IO_FILE_plus`. `examine` makes sure of it.
    vtable: Cell<*const [usize; ENTRIES]>,
}

const _: () = assert!(core::mem::offset_of!(Stream, vtable) == 216);

/// How many entries of a table are looked at.
const ENTRIES: usize = 16;

/// Those that decide how a stream reads and writes, and libc's own functions there (struct _IO_jump_t, libioP.h).
const DECISIVE: [(usize, Option<&CStr>); 6] = [
    (3, Some(c"_IO_file_overflow")),
    (4, Some(c"_IO_file_underflow")),
    (7, Some(c"_IO_file_xsputn")),
    (8, None),
    (14, Some(c"_IO_file_read")),
    (15, Some(c"_IO_file_write")),
];

/// The table of plain streams; 0 while it's not known, or if this libc has another layout: then all is left to libc.
static PLAIN: AtomicUsize = AtomicUsize::new(0);

/// Whether the layout is as we know it.
#[inline(always)]
pub fn is_known() -> bool {
    PLAIN.load(Ordering::Relaxed) != 0
}

/// Looks at one of libc's own streams: whether its table and its lock are what we take them for.
extern "C" fn examine() {
    let Some(input) = below::symbol(c"_IO_2_1_stdin_") else { return };
    // SAFETY: libc's stream; there's one thread. Its table is as long as that in libc.
    let stream = unsafe { &*(input as *const Stream) };
    let table = stream.vtable.get();
    // SAFETY: as above.
    let right = !table.is_null() && !stream.lock.get().is_null() && unsafe { is_file_table(&*table) };
    // SAFETY: libc's stream, whose lock nobody has.
    if right && unsafe { lock::examine(input as *mut FILE, stream.lock()) } {
        PLAIN.store(table as usize, Ordering::Relaxed);
    }
}

fn is_file_table(table: &[usize; ENTRIES]) -> bool {
    DECISIVE
        .iter()
        .all(|&(i, name)| name.is_none_or(|name| below::symbol(name).is_some_and(|p| p as usize == table[i])))
}

#[used]
#[link_section = ".init_array"]
static EXAMINE: extern "C" fn() = examine;

impl Stream {
    /// A FILE, if the layout is known.
    ///
    /// # Safety
    /// An open stream, or NULL.
    #[inline(always)]
    pub unsafe fn of<'a>(file: *mut FILE) -> Option<&'a Stream> {
        if !is_known() {
            return None;
        }
        // SAFETY: by this function's contract; all fields are cells.
        unsafe { (file as *const Stream).as_ref() }
    }

    /// It back as a FILE.
    pub fn file(&self) -> *mut FILE {
        self as *const Stream as *mut FILE
    }

    /// Whether it reads and writes by a descriptor, byte by byte, as fopen, fdopen and popen make it.
    #[inline]
    fn is_plain(&self) -> bool {
        let table = self.vtable.get();
        self.flags.get() & flag::IS_FILE != 0
            && self.fileno.get() >= 0
            && (table as usize == PLAIN.load(Ordering::Relaxed) || is_alike(table))
    }

    /// Whether it's ours to handle: a plain one whose descriptor may wait.
    #[inline]
    pub fn waits(&self) -> bool {
        self.is_plain() && self.descriptor().is_some()
    }

    /// What is known of its descriptor, if that may wait.
    #[inline]
    pub fn descriptor(&self) -> Option<(&'static Entry, FileKind)> {
        known::look(self.fileno.get()).filter(|(_, kind)| !matches!(kind, FileKind::Regular | FileKind::Unknown))
    }

    /// Whether calls take its lock.
    #[inline(always)]
    pub fn is_locking(&self) -> bool {
        self.has(flag::USER_LOCK) == 0
    }

    /// From now on getc and putc of libc's take the lock too (flockfile(3)).
    pub fn need_lock(&self) {
        self.flags2.set(self.flags2.get() | NEED_LOCK);
    }

    #[inline(always)]
    pub fn lock(&self) -> &StreamLock {
        // SAFETY: an open stream has a lock, which stays where it is.
        unsafe { &*self.lock.get() }
    }

    /// Those of some flags that are set.
    #[inline(always)]
    pub fn has(&self, flags: c_int) -> c_int {
        self.flags.get() & flags
    }

    pub fn set(&self, flags: c_int) {
        self.flags.set(self.flags.get() | flags);
    }

    pub fn clear(&self, flags: c_int) {
        self.flags.set(self.flags.get() & !flags);
    }

    /// It's byte-oriented from now on, if it wasn't anything (fwide(3)).
    #[inline]
    pub fn orient(&self) {
        if self.mode.get() == 0 {
            self.mode.set(-1);
        }
    }

    /// How many bytes there are to read at once.
    #[inline(always)]
    pub fn readable(&self) -> usize {
        (self.read_end.get() as usize).saturating_sub(self.read_ptr.get() as usize)
    }

    /// How many bytes putc may write at once.
    #[inline(always)]
    pub fn room(&self) -> usize {
        (self.write_end.get() as usize).saturating_sub(self.write_ptr.get() as usize)
    }

    /// How many written bytes wait in the buffer.
    #[inline]
    pub fn unwritten(&self) -> usize {
        (self.write_ptr.get() as usize).saturating_sub(self.write_base.get() as usize)
    }

    /// The buffer's size.
    pub fn size(&self) -> usize {
        self.buf_end.get() as usize - self.buf_base.get() as usize
    }

    /// The buffer holds nothing read (as _IO_setg does for its beginning).
    pub fn nothing_read(&self) {
        let base = self.buf_base.get();
        self.read_base.set(base);
        self.read_ptr.set(base);
        self.read_end.set(base);
    }

    /// The buffer holds nothing written, and has no room for putc (as _IO_setp does for its beginning).
    pub fn nothing_written(&self) {
        let base = self.buf_base.get();
        self.write_base.set(base);
        self.write_ptr.set(base);
        self.write_end.set(base);
    }
}

/// Copies between a buffer and the program's memory. Most copies are short, and take no call.
///
/// # Safety
/// As for `ptr::copy_nonoverlapping`.
#[inline(always)]
pub unsafe fn copy(from: *const u8, to: *mut u8, n: usize) {
    /// Both ends, which may overlap.
    ///
    /// # Safety
    /// At least one `T`, at most two.
    #[inline(always)]
    unsafe fn ends<T>(from: *const u8, to: *mut u8, n: usize) {
        let last = n - size_of::<T>();
        // SAFETY: by this function's contract.
        unsafe {
            let (head, tail) = ((from as *const T).read_unaligned(), (from.add(last) as *const T).read_unaligned());
            (to as *mut T).write_unaligned(head);
            (to.add(last) as *mut T).write_unaligned(tail);
        }
    }
    // SAFETY: by this function's contract.
    unsafe {
        match n {
            8..=16 => ends::<u64>(from, to, n),
            4..=7 => ends::<u32>(from, to, n),
            2..=3 => ends::<u16>(from, to, n),
            1 => *to = *from,
            _ => ptr::copy_nonoverlapping(from, to, n),
        }
    }
}

/// Whether another table reads and writes as the plain one does (popen's only closes otherwise).
#[cold]
fn is_alike(table: *const [usize; ENTRIES]) -> bool {
    // SAFETY: the plain table is libc's; a FILE's table is one too, if it isn't NULL.
    match unsafe { ((PLAIN.load(Ordering::Relaxed) as *const [usize; ENTRIES]).as_ref(), table.as_ref()) } {
        (Some(plain), Some(table)) => DECISIVE.iter().all(|&(i, _)| plain[i] == table[i]),
        _ => false,
    }
}
