//! Thread-local storage of a green thread: a real glibc TLS block and thread control block (TCB).
//!
//! glibc's own loader fills them (`_dl_allocate_tls`), and glibc's own tables, kept for debuggers (`_thread_db_*`),
//! say where the fields of `struct pthread` are, so no offset is written down here. Verified on glibc 2.36, x86-64.

use crate::hub::{current, thread_pointer};
use crate::wait::borrow;
use crate::{below, sys};
use core::ffi::CStr;
use core::ptr;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use libc::{c_int, c_void};
use once_cell::sync::OnceCell;

/// Where things are, in bytes from the thread pointer, and the loader's functions.
pub struct Layout {
    /// Static TLS below the thread pointer and `struct pthread` at it.
    pub below: usize,
    pub above: usize,
    pub align: usize,
    allocate: unsafe extern "C" fn(*mut u8) -> *mut u8,
    deallocate: unsafe extern "C" fn(*mut u8, bool),
    ctype_init: unsafe extern "C" fn(),
    /// Runs the calling thread's list of C++ destructors.
    call_destructors: Option<unsafe extern "C" fn()>,
    tid: usize,
    list: usize,
    specific: usize,
    cancelhandling: usize,
    /// The first table of keys' values, inside the TCB.
    first_keys: usize,
    /// From a native thread: its resolver state, its robust list's head.
    resolver: isize,
    robust: Option<(usize, usize)>,
    /// Of the TLS variables `__resp` and `green_self`.
    resolver_pointer: isize,
    green_self: isize,
    rseq: Option<isize>,
}

static LAYOUT: OnceCell<Layout> = OnceCell::new();

impl Layout {
    /// Where the thread's id is, from its thread pointer.
    pub fn tid(&self) -> usize {
        self.tid
    }
}

/// The layout; only after `probe`.
pub fn layout() -> &'static Layout {
    match LAYOUT.get() {
        Some(layout) => layout,
        None => crate::report::die(format_args!("thread layout used before it was probed")),
    }
}

/// Finds out everything, once threads were announced. The name of what is missing, if something is; then no green thread can be made.
pub fn probe() -> Result<(), &'static str> {
    LAYOUT.get_or_try_init(find).map(|l| thread_pointer::set_tid_offset(l.tid))
}

/// Lets a native thread come and go, and hears from it what only a native thread other than the first can tell. It
/// has a second use: from then on glibc itself knows that the process has threads (stdio and malloc lock).
pub fn announce_threads() -> crate::sys::Result<()> {
    let mut native = Native::default();
    let mut id = 0;
    let below = below::get();
    // SAFETY: as for pthread_create(3); `native` outlives the thread, which is joined.
    unsafe {
        match (below.pthread_create)(&mut id, ptr::null(), look_around, &mut native as *mut _ as *mut c_void) {
            0 => {}
            errno => return Err(errno),
        }
        (below.pthread_join)(id, ptr::null_mut());
    }
    let _ = NATIVE.set(native);
    Ok(())
}

static NATIVE: OnceCell<Native> = OnceCell::new();

/// What only a native thread other than the first can tell.
#[derive(Default, Clone, Copy)]
struct Native {
    resolver: isize,
    robust: Option<(usize, usize)>,
}

extern "C" fn look_around(out: *mut c_void) -> *mut c_void {
    extern "C" {
        fn __res_state() -> *mut c_void;
    }
    let tp = thread_pointer::get();
    // SAFETY: `out` is the creator's, which waits for us; the symbols are libc's own for the calling thread.
    unsafe {
        let native = &mut *(out as *mut Native);
        native.resolver = __res_state() as isize - tp as isize;
        let (mut head, mut len) = (0usize, 0usize);
        if sys::syscall(
            libc::SYS_get_robust_list,
            0,
            &mut head as *mut _ as usize,
            &mut len as *mut _ as usize,
            0,
            0,
            0,
        )
        .is_ok()
            && head > tp
            && len == 24
        {
            // struct robust_list_head: the list, then the distance of the futex word.
            native.robust = Some((head - tp, *((head + 8) as *const usize)));
        }
    }
    ptr::null_mut()
}

fn find() -> Result<Layout, &'static str> {
    /// A function or variable by name.
    fn get(name: &'static CStr) -> Result<*mut c_void, &'static str> {
        below::symbol(name).ok_or(name.to_str().unwrap_or("?"))
    }
    /// A field's offset: the third of a debugger's three words (size in bits, count, offset).
    fn offset(name: &'static CStr) -> Result<usize, &'static str> {
        // SAFETY: libc's data of this form.
        get(name).map(|p| unsafe { *(p as *const u32).add(2) } as usize)
    }
    let tp = thread_pointer::get() as isize;
    let (mut size, mut align) = (0usize, 0usize);
    // SAFETY: the symbols have these types in glibc 2.34 and later.
    unsafe {
        let info: unsafe extern "C" fn(*mut usize, *mut usize) = core::mem::transmute(get(c"_dl_get_tls_static_info")?);
        info(&mut size, &mut align);
        let above = *(get(c"_thread_db_sizeof_pthread")? as *const u32) as usize;
        let native = NATIVE.get().copied().ok_or("a first native thread")?;
        Ok(Layout {
            below: size - above,
            above,
            align: align.max(64),
            allocate: core::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut u8) -> *mut u8>(get(
                c"_dl_allocate_tls",
            )?),
            deallocate: core::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut u8, bool)>(get(
                c"_dl_deallocate_tls",
            )?),
            call_destructors: below::symbol(c"__call_tls_dtors")
                .map(|call| core::mem::transmute::<*mut c_void, unsafe extern "C" fn()>(call)),
            ctype_init: core::mem::transmute::<*mut c_void, unsafe extern "C" fn()>(get(c"__ctype_init")?),
            tid: offset(c"_thread_db_pthread_tid")?,
            list: offset(c"_thread_db_pthread_list")?,
            specific: offset(c"_thread_db_pthread_specific")?,
            cancelhandling: offset(c"_thread_db_pthread_cancelhandling")?,
            first_keys: *((tp as usize + offset(c"_thread_db_pthread_specific")?) as *const usize) - tp as usize,
            resolver: native.resolver,
            robust: native.robust,
            resolver_pointer: get(c"__resp")? as isize - tp,
            green_self: current::offset(),
            rseq: below::symbol(c"__rseq_offset").map(|p| *(p as *const isize)),
        })
    }
}

/// Green threads' ids lie between the kernel's largest (2^22) and the futex mask (2^30): mutexes tell owners by them.
const FIRST_ID: u32 = 1 << 22;
const IDS: u32 = (1 << 30) - FIRST_ID - 1;
/// Ids are taken from what all relatives share, so many at a time.
const BATCH: u32 = 64;

/// The next id of this process's batch (the upper half), and how many are left of it.
static BATCH_LEFT: AtomicU64 = AtomicU64::new(0);

/// An id that no kernel thread has, nor a thread of a process that forked from this one or from which this one forked: they
/// may share mutexes. It comes round after a thousand million threads; two that far apart and both alive could then take
/// each other's recursive mutex. (Processes that share memory without being relatives begin at different numbers.)
fn next_id() -> u32 {
    loop {
        let now = BATCH_LEFT.load(Ordering::Relaxed);
        let (next, left) = ((now >> 32) as u32, now as u32);
        let (id, then) = match left {
            0 => {
                let first = borrow::shared_counter().fetch_add(BATCH, Ordering::Relaxed);
                (first, ((first + 1) as u64) << 32 | (BATCH - 1) as u64)
            }
            _ => (next, ((next.wrapping_add(1)) as u64) << 32 | (left - 1) as u64),
        };
        if BATCH_LEFT.compare_exchange(now, then, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            return FIRST_ID + id % IDS;
        }
    }
}

/// Word `i` of a TCB's header.
///
/// # Safety
/// `tp` must be a TCB.
unsafe fn word(tp: usize, i: usize) -> *mut usize {
    (tp + i * 8) as *mut usize
}

/// Makes a new TLS block and TCB at `tp`, in memory that reads as zeros. False when there's no memory for the vector
/// of dynamic modules (ENOMEM).
///
/// # Safety
/// `layout().below` bytes below `tp` and `layout().above` from it on must be writable and unused; `tp` aligned.
pub unsafe fn build(tp: usize, task: usize) -> bool {
    let l = layout();
    // SAFETY: by this function's contract.
    unsafe {
        if (l.allocate)(tp as *mut u8).is_null() {
            return false;
        }
        dress(tp, task);
    }
    true
}

/// Fills the TCB's fields as pthread_create does.
///
/// # Safety
/// `tp` must be a TCB whose thread vector is set and whose other fields are zero.
unsafe fn dress(tp: usize, task: usize) {
    let l = layout();
    let creator = thread_pointer::get();
    // SAFETY: all within the TCB, or its own static TLS block.
    unsafe {
        // tcb and self; flags, stack guard and pointer guard as the creator's (tcbhead_t).
        *word(tp, 0) = tp;
        *word(tp, 2) = tp;
        for i in [3, 5, 6] {
            *word(tp, i) = *word(creator, i);
        }
        *((tp + l.tid) as *mut u32) = next_id();
        let list = (tp + l.list) as *mut usize;
        *list = tp + l.list;
        *list.add(1) = tp + l.list;
        *key_tables(tp) = (tp + l.first_keys) as *mut c_void;
        if let Some((head, futex)) = l.robust {
            *((tp + head) as *mut usize) = tp + head;
            *((tp + head + 8) as *mut usize) = futex;
            *((tp + head - 8) as *mut usize) = tp + head;
        }
        if let Some(rseq) = l.rseq {
            // cpu_id: "registration failed", as glibc marks it; sched_getcpu then asks the kernel.
            *((tp as isize + rseq + 4) as *mut i32) = -2;
        }
        *((tp as isize + l.green_self) as *mut usize) = task;
    }
}

/// Marks a thread as cancelled, as pthread_cancel(3) does: its next testcancel acts.
///
/// # Safety
/// `tp` must be a living thread's TCB.
pub unsafe fn mark_cancelled(tp: usize) {
    /// CANCELING and CANCELED of glibc's `cancelhandling`, the same since NPTL began (2003).
    const MARKS: u32 = 4 | 8;
    // SAFETY: by this function's contract; glibc itself changes the word atomically.
    unsafe { AtomicU32::from_ptr((tp + layout().cancelhandling) as *mut u32) }.fetch_or(MARKS, Ordering::SeqCst);
}

/// The bits of `cancelhandling` that say "of the asynchronous type", and "disabled"; 0 if this glibc keeps them elsewhere.
static ASYNCHRONOUS: AtomicU32 = AtomicU32::new(0);
static DISABLED: AtomicU32 = AtomicU32::new(0);

/// Finds those out on the calling thread, by setting them. The real functions.
pub fn probe_cancellation(
    set_type: unsafe extern "C" fn(c_int, *mut c_int) -> c_int,
    set_state: unsafe extern "C" fn(c_int, *mut c_int) -> c_int,
) {
    let own = (thread_pointer::get() + layout().cancelhandling) as *mut u32;
    // SAFETY: the calling thread's own word.
    let word = || unsafe { AtomicU32::from_ptr(own) }.load(Ordering::Relaxed);
    let bit_of = |set: unsafe extern "C" fn(c_int, *mut c_int) -> c_int| {
        let (mut old, mut other) = (0, 0);
        // SAFETY: as for pthread_setcanceltype(3) and pthread_setcancelstate(3), whose values are 0 and 1.
        unsafe {
            set(0, &mut old);
            let before = word();
            set(1, &mut other);
            let after = word();
            set(old, &mut other);
            before ^ after
        }
    };
    DISABLED.store(bit_of(set_state), Ordering::Relaxed);
    ASYNCHRONOUS.store(bit_of(set_type), Ordering::Relaxed);
}

/// Whether a thread is cancelled and may be ended wherever it is: its type is asynchronous, or it's inside of a call of
/// glibc's that is a cancellation point and waits in the kernel.
///
/// # Safety
/// `tp` must be a living thread's TCB.
pub unsafe fn is_cancelled_at_once(tp: usize) -> bool {
    /// CANCELED, and EXITING: it's on its way.
    const CANCELED: u32 = 8;
    const EXITING: u32 = 16;
    let (asynchronous, disabled) = (ASYNCHRONOUS.load(Ordering::Relaxed), DISABLED.load(Ordering::Relaxed));
    // SAFETY: by this function's contract.
    let word = unsafe { AtomicU32::from_ptr((tp + layout().cancelhandling) as *mut u32) }.load(Ordering::SeqCst);
    asynchronous != 0 && word & (asynchronous | CANCELED | disabled | EXITING) == asynchronous | CANCELED
}

/// First thing on the new thread: what glibc does there.
pub fn enter() {
    let l = layout();
    let tp = thread_pointer::get() as isize;
    // SAFETY: the running thread's own TLS and TCB.
    unsafe {
        (l.ctype_init)();
        *((tp + l.resolver_pointer) as *mut isize) = tp + l.resolver;
    }
}

/// Runs the C++ destructors of the calling thread's variables. (The look-up, made once, would take as long as all else that a
/// thread's end takes.)
pub fn call_destructors() {
    if let Some(call) = layout().call_destructors {
        // SAFETY: glibc's function of this type.
        unsafe { call() };
    }
}

/// The variable `green_self` of another thread's TLS block: its task, or null if it isn't green.
///
/// # Safety
/// `tp` must be a living thread's TCB (or a pooled one of ours).
pub unsafe fn task_of(tp: usize) -> usize {
    // SAFETY: by this function's contract; every block of the process has the variable.
    unsafe { *((tp as isize + layout().green_self) as *const usize) }
}

// ---- use again ---------------------------------------------------------------------------------------------------

/// A module's part of the static TLS block.
#[derive(Clone, Copy)]
struct Image {
    /// From the thread pointer.
    offset: isize,
    image: *const u8,
    file_size: usize,
    size: usize,
}

/// The modules whose TLS a reused block gets anew: all but libc's (its malloc cache lives on) and ours.
struct Images {
    list: [Image; 64],
    count: usize,
    /// The loader's count of modules ever loaded, to see that the list is stale.
    loaded: u64,
    /// More modules than the list holds: every reuse takes the slow way.
    overflow: bool,
}

static IMAGES: crate::lock::Lock<Images> = crate::lock::Lock::new(Images {
    list: [Image { offset: 0, image: ptr::null(), file_size: 0, size: 0 }; 64],
    count: 0,
    loaded: u64::MAX,
    overflow: false,
});

/// In the child of a fork, where whoever held the lock does not exist: the list is made anew.
pub fn after_fork() {
    // SAFETY: the child has one thread, and no entry of the list is trusted.
    unsafe { IMAGES.force_unlock() };
    IMAGES.lock().loaded = u64::MAX;
    // The parent goes on with its ids.
    BATCH_LEFT.store(0, Ordering::Relaxed);
}

/// Where a thread's list of robust mutexes begins, and how far from an entry its futex word is; None if this glibc has none.
pub fn robust_list(tp: usize) -> Option<(usize, usize)> {
    layout().robust.map(|(head, futex)| (tp + head, futex))
}

unsafe extern "C" fn note_loaded(info: *mut libc::dl_phdr_info, _: usize, out: *mut c_void) -> c_int {
    // SAFETY: the loader's record; `out` is our caller's variable.
    unsafe { *(out as *mut u64) = (*info).dlpi_adds + ((*info).dlpi_subs << 32) };
    1
}

unsafe extern "C" fn note_image(info: *mut libc::dl_phdr_info, _: usize, out: *mut c_void) -> c_int {
    // SAFETY: the loader's record, valid during the call; `out` is the list, which our caller has locked.
    unsafe {
        let (info, images) = (&*info, &mut *(out as *mut Images));
        let headers = core::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum as usize);
        let Some(tls) = headers.iter().find(|h| h.p_type == libc::PT_TLS) else { return 0 };
        if info.dlpi_tls_data.is_null() {
            return 0;
        }
        let l = layout();
        let tp = thread_pointer::get() as isize;
        let offset = info.dlpi_tls_data as isize - tp;
        let size = tls.p_memsz as usize;
        let holds = |o: isize| (offset..offset + size as isize).contains(&o);
        let is_static = offset < 0 && -offset as usize <= l.below;
        let errno = libc::__errno_location() as isize - tp;
        if !is_static || holds(errno) || holds(l.green_self) {
            return 0;
        }
        if images.count == images.list.len() {
            images.overflow = true;
            return 1;
        }
        let image = (info.dlpi_addr + tls.p_vaddr) as *const u8;
        images.list[images.count] = Image { offset, image, file_size: tls.p_filesz as usize, size };
        images.count += 1;
    }
    0
}

/// Makes a used TLS block as new: each module's image, the TCB, but neither libc's own variables (its malloc cache
/// goes on to the next thread) nor the resolver's state. False when there are too many modules to do that: then the
/// caller makes the block anew.
///
/// # Safety
/// No thread may be running with this TCB.
pub unsafe fn renew(tp: usize, task: usize) -> bool {
    let l = layout();
    let mut loaded = 0u64;
    // SAFETY: the callbacks are as dl_iterate_phdr(3) asks; the list is locked; the ranges are the block's own.
    unsafe {
        let vector = *word(tp, 1);
        free_dynamic_blocks(vector);
        libc::dl_iterate_phdr(Some(note_loaded), &mut loaded as *mut _ as *mut c_void);
        let mut images = IMAGES.lock();
        if images.loaded != loaded {
            (images.count, images.overflow, images.loaded) = (0, false, loaded);
            libc::dl_iterate_phdr(Some(note_image), &mut *images as *mut Images as *mut c_void);
        }
        if images.overflow {
            return false;
        }
        for m in &images.list[..images.count] {
            let at = (tp as isize + m.offset) as *mut u8;
            ptr::copy_nonoverlapping(m.image, at, m.file_size);
            ptr::write_bytes(at.add(m.file_size), 0, m.size - m.file_size);
        }
        drop(images);
        clear_tcb(tp, l);
        *word(tp, 1) = vector;
        dress(tp, task);
    }
    true
}

/// sizeof(struct __res_state), resolv.h: ABI.
const RESOLVER_STATE: usize = 568;

/// Zeroes `struct pthread` but for the resolver's state.
///
/// # Safety
/// As for `renew`.
unsafe fn clear_tcb(tp: usize, l: &Layout) {
    let end = tp + l.above;
    let resolver = (tp as isize + l.resolver) as usize;
    let inside = resolver > tp && resolver + RESOLVER_STATE <= end;
    let (a, b) = if inside { (resolver, resolver + RESOLVER_STATE) } else { (end, end) };
    // SAFETY: within the TCB.
    unsafe {
        ptr::write_bytes(tp as *mut u8, 0, a - tp);
        ptr::write_bytes(b as *mut u8, 0, end - b);
    }
}

/// Frees a thread vector's (dtv's) blocks for modules that were loaded by dlopen, and marks them as not allocated: the
/// next use of such a variable makes a new block.
///
/// # Safety
/// `vector` must be the dtv of a TCB that nobody runs with.
unsafe fn free_dynamic_blocks(vector: usize) {
    /// glibc's TLS_DTV_UNALLOCATED.
    const UNALLOCATED: usize = usize::MAX;
    // dtv[-1] is its length, dtv[0] the generation; then {block, memory to free} for each module.
    let entries = vector as *mut [usize; 2];
    // SAFETY: by this function's contract.
    unsafe {
        let count = (*entries.sub(1))[0];
        for i in 1..=count {
            let [block, memory] = &mut *entries.add(i);
            if *memory != 0 {
                libc::free(*memory as *mut c_void);
                (*block, *memory) = (UNALLOCATED, 0);
            }
        }
    }
}

/// Gives back what `build` took from malloc. In the context of a green thread, since it's the program's malloc.
///
/// # Safety
/// As for `renew`; the block must not be used any more.
pub unsafe fn discard(tp: usize) {
    // SAFETY: by this function's contract.
    unsafe { (layout().deallocate)(tp as *mut u8, false) }
}

/// Where the thread's second-level key tables are: 32 pointers, the first of which is inside the TCB.
pub fn key_tables(tp: usize) -> *mut *mut c_void {
    (tp + layout().specific) as *mut *mut c_void
}
