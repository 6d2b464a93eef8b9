//! The only way out to the kernel: raw system calls and the few facts of the machine.
//!
//! Everything in the library that is not a hook calls the kernel through this module, never through libc's names
//! (which are ours) and never through Rust's std (which calls those names). No function here touches `errno`:
//! errors come back as `Err(errno)`.

use core::arch::asm;
use core::sync::atomic::{AtomicBool, Ordering};
use libc::{c_int, iovec, pollfd, timespec};

/// What a system call gave: its value, or the error number.
pub type Result<T = usize> = core::result::Result<T, c_int>;

/// One system call with up to six arguments (syscall(2), x86-64 convention).
///
/// # Safety
/// The arguments must be what the call's manual page asks for.
#[inline(always)]
pub unsafe fn syscall(n: i64, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> Result {
    let r: isize;
    // SAFETY: the x86-64 system call convention: number in rax, rcx and r11 clobbered, memory may change.
    unsafe {
        asm!("syscall", inlateout("rax") n as isize => r, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
             in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    if (-4095..0).contains(&r) {
        Err(-r as c_int)
    } else {
        Ok(r as usize)
    }
}

/// `sys!(NAME, a, b)`: the system call `SYS_NAME` with its arguments cast to machine words. Unsafe to use.
macro_rules! sys {
    ($n:ident) => { syscall(libc::$n, 0, 0, 0, 0, 0, 0) };
    ($n:ident, $a:expr) => { syscall(libc::$n, $a as usize, 0, 0, 0, 0, 0) };
    ($n:ident, $a:expr, $b:expr) => { syscall(libc::$n, $a as usize, $b as usize, 0, 0, 0, 0) };
    ($n:ident, $a:expr, $b:expr, $c:expr) => { syscall(libc::$n, $a as usize, $b as usize, $c as usize, 0, 0, 0) };
    ($n:ident, $a:expr, $b:expr, $c:expr, $d:expr) => {
        syscall(libc::$n, $a as usize, $b as usize, $c as usize, $d as usize, 0, 0)
    };
    ($n:ident, $a:expr, $b:expr, $c:expr, $d:expr, $e:expr) => {
        syscall(libc::$n, $a as usize, $b as usize, $c as usize, $d as usize, $e as usize, 0)
    };
    ($n:ident, $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr) => {
        syscall(libc::$n, $a as usize, $b as usize, $c as usize, $d as usize, $e as usize, $f as usize)
    };
}

// ---- errno -----------------------------------------------------------------------------------------------

/// The calling thread's errno.
#[inline]
pub fn errno() -> c_int {
    // SAFETY: __errno_location gives a valid pointer for the calling thread, always.
    unsafe { *libc::__errno_location() }
}

/// Sets the calling thread's errno.
#[inline]
pub fn set_errno(e: c_int) {
    // SAFETY: as for `errno`.
    unsafe { *libc::__errno_location() = e }
}

/// A kernel answer in libc's convention: the value, or -1 with errno set.
#[inline]
pub fn to_libc(r: Result) -> isize {
    match r {
        Ok(v) => v as isize,
        Err(e) => {
            set_errno(e);
            -1
        }
    }
}

/// A libc function's answer as the kernel's: errno is as it was before.
#[inline]
pub fn from_libc(call: impl FnOnce() -> isize) -> Result {
    let before = errno();
    let r = call();
    if r >= 0 {
        return Ok(r as usize);
    }
    let e = errno();
    set_errno(before);
    Err(e)
}

// ---- files -------------------------------------------------------------------------------------------------

/// Writes text to a descriptor, as much as goes at once; for messages, so errors are of no interest.
pub fn put(fd: c_int, text: &[u8]) {
    // SAFETY: text is readable for its length.
    let _ = unsafe { sys!(SYS_write, fd, text.as_ptr(), text.len()) };
}

/// write(2), one attempt. Bytes written, or errno.
pub fn write(fd: c_int, bytes: &[u8]) -> Result {
    // SAFETY: bytes is readable for its length.
    unsafe { sys!(SYS_write, fd, bytes.as_ptr(), bytes.len()) }
}

/// read(2), one attempt. Bytes read (0 at the end), or errno.
pub fn read(fd: c_int, bytes: &mut [u8]) -> Result {
    // SAFETY: bytes is writable for its length.
    unsafe { sys!(SYS_read, fd, bytes.as_mut_ptr(), bytes.len()) }
}

/// open(2) of a NUL-terminated path, close-on-exec added.
pub fn open(path: &[u8], flags: c_int, mode: u32) -> Result<c_int> {
    debug_assert_eq!(path.last(), Some(&0));
    // SAFETY: path is NUL-terminated.
    unsafe { sys!(SYS_openat, libc::AT_FDCWD, path.as_ptr(), flags | libc::O_CLOEXEC, mode) }.map(|fd| fd as c_int)
}

/// close(2) of a descriptor of ours.
pub fn close(fd: c_int) {
    // SAFETY: no memory is involved.
    let _ = unsafe { sys!(SYS_close, fd) };
}

/// The calling kernel thread has a descriptor table to itself from now on, an empty one: no file stays open for its sake.
pub fn leave_descriptors() -> Result<()> {
    // SAFETY: no memory is involved; the table that the others use is left as it is.
    unsafe { sys!(SYS_close_range, 0, u32::MAX, libc::CLOSE_RANGE_UNSHARE) }.map(drop)
}

/// fcntl(2) with an integer argument.
pub fn fcntl(fd: c_int, cmd: c_int, arg: c_int) -> Result<c_int> {
    // SAFETY: only commands with integer arguments are used by us.
    unsafe { sys!(SYS_fcntl, fd, cmd, arg) }.map(|v| v as c_int)
}

/// Takes (F_WRLCK) or gives back (F_UNLCK) this process's record lock on a whole file, which sockets are, too; waits for it. EINTR,
/// EDEADLK, EBADF, ENOLCK.
pub fn record_lock(fd: c_int, kind: c_int) -> Result<()> {
    // SAFETY: an all-zero flock, of type F_RDLCK, is for the whole file; the kernel reads it.
    unsafe {
        let mut lock: libc::flock = core::mem::zeroed();
        lock.l_type = kind as _;
        sys!(SYS_fcntl, fd, libc::F_SETLKW, &lock as *const _).map(drop)
    }
}

/// The file status flags of a descriptor (F_GETFL).
pub fn file_flags(fd: c_int) -> Result<c_int> {
    fcntl(fd, libc::F_GETFL, 0)
}

fn stat(fd: c_int) -> Result<libc::stat> {
    // SAFETY: an all-zero stat is a valid value, and the kernel fills it.
    unsafe {
        let mut st: libc::stat = core::mem::zeroed();
        sys!(SYS_fstat, fd, &mut st as *mut _).map(|_| st)
    }
}

/// Which file a descriptor refers to, by device and inode, and its type bits.
pub fn place(fd: c_int) -> Result<([u64; 2], u32)> {
    let st = stat(fd)?;
    Ok(([st.st_dev, st.st_ino], st.st_mode & libc::S_IFMT))
}

/// The type bits (S_IFMT) of what a descriptor refers to; 0 for an anonymous inode.
pub fn file_type(fd: c_int) -> Result<u32> {
    Ok(stat(fd)?.st_mode & libc::S_IFMT)
}

/// The type bits of what a path names, links followed.
///
/// # Safety
/// As for fstatat(2).
pub unsafe fn file_type_at(folder: c_int, path: *const libc::c_char) -> Result<u32> {
    // SAFETY: by this function's contract; an all-zero stat is a valid value, and the kernel fills it.
    unsafe {
        let mut st: libc::stat = core::mem::zeroed();
        sys!(SYS_newfstatat, folder, path, &mut st as *mut _, 0)?;
        Ok(st.st_mode & libc::S_IFMT)
    }
}

/// Whether a file can be written to, or made if it isn't there, as far as can be said beforehand (faccessat2(2)).
pub fn may_be_written(path: &core::ffi::CStr) -> Result<()> {
    let allowed = |path: *const libc::c_char| {
        // SAFETY: a NUL-terminated string.
        unsafe { sys!(SYS_faccessat2, libc::AT_FDCWD, path, libc::W_OK, libc::AT_EACCESS) }.map(drop)
    };
    // SAFETY: as above.
    if unsafe { file_type_at(libc::AT_FDCWD, path.as_ptr()) } == Ok(libc::S_IFDIR) {
        return Err(libc::EISDIR);
    }
    match allowed(path.as_ptr()) {
        Err(libc::ENOENT) => {
            let bytes = path.to_bytes();
            let slash = bytes.iter().rposition(|&b| b == b'/').unwrap_or(0);
            let mut folder = [0; libc::PATH_MAX as usize];
            // One is left for the end.
            let named = folder[..libc::PATH_MAX as usize - 1].get_mut(..slash + 1).ok_or(libc::ENAMETOOLONG)?;
            named.copy_from_slice(&bytes[..slash + 1]);
            allowed(folder.as_ptr() as *const libc::c_char)
        }
        r => r,
    }
}

/// Whether it's a terminal whose reads end by a count or a time of its own (termios(3), VMIN and VTIME): poll(2) can't tell when one may.
pub fn reads_by_count(fd: c_int) -> bool {
    // SAFETY: an all-zero termios is a valid value, and larger than what the kernel fills, whose first fields are the same.
    unsafe {
        let mut t: libc::termios = core::mem::zeroed();
        let is_terminal = sys!(SYS_ioctl, fd, libc::TCGETS, &mut t as *mut _).is_ok();
        is_terminal && t.c_lflag & libc::ICANON == 0 && (t.c_cc[libc::VMIN], t.c_cc[libc::VTIME]) != (1, 0)
    }
}

/// Which character device a descriptor refers to; None: it's none.
pub fn device(fd: c_int) -> Result<Option<u64>> {
    let st = stat(fd)?;
    Ok((st.st_mode & libc::S_IFMT == libc::S_IFCHR).then_some(st.st_rdev))
}

/// The inode number of what a descriptor refers to: of a socket or a pipe, its own.
pub fn inode(fd: c_int) -> Result<u64> {
    Ok(stat(fd)?.st_ino)
}

/// dup2(2); `onto` is nobody's who waits.
pub fn duplicate(fd: c_int, onto: c_int) {
    // SAFETY: no memory is involved.
    let _ = unsafe { sys!(SYS_dup2, fd, onto) };
}

/// An integer socket option, or errno.
pub fn socket_option(fd: c_int, level: c_int, name: c_int) -> Result<c_int> {
    let (mut value, mut len) = (0 as c_int, 4u32);
    // SAFETY: value and len outlive the call.
    unsafe { sys!(SYS_getsockopt, fd, level, name, &mut value as *mut _, &mut len as *mut _) }.map(|_| value)
}

/// A socket timeout (SO_RCVTIMEO or SO_SNDTIMEO) in nanoseconds; 0 is none.
pub fn socket_timeout(fd: c_int, name: c_int) -> Result<u64> {
    let (mut tv, mut len) = (libc::timeval { tv_sec: 0, tv_usec: 0 }, core::mem::size_of::<libc::timeval>() as u32);
    // SAFETY: tv and len outlive the call.
    unsafe { sys!(SYS_getsockopt, fd, libc::SOL_SOCKET, name, &mut tv as *mut _, &mut len as *mut _) }
        .map(|_| tv.tv_sec as u64 * 1_000_000_000 + tv.tv_usec as u64 * 1000)
}

/// preadv2(2) at the file's own position. `flags` are RWF_*.
///
/// # Safety
/// `iov` must describe `n` valid buffers.
pub unsafe fn readv_flags(fd: c_int, iov: *const iovec, n: c_int, flags: c_int) -> Result {
    // SAFETY: by this function's contract; offset -1 (low and high word) is "the current position".
    unsafe { sys!(SYS_preadv2, fd, iov, n, -1isize, -1isize, flags) }
}

/// pwritev2(2) at the file's own position. `flags` are RWF_*.
///
/// # Safety
/// `iov` must describe `n` valid buffers.
pub unsafe fn writev_flags(fd: c_int, iov: *const iovec, n: c_int, flags: c_int) -> Result {
    // SAFETY: by this function's contract.
    unsafe { sys!(SYS_pwritev2, fd, iov, n, -1isize, -1isize, flags) }
}

/// recvfrom(2) without an address.
///
/// # Safety
/// `buf` must be writable for `len` bytes.
pub unsafe fn recv(fd: c_int, buf: *mut u8, len: usize, flags: c_int) -> Result {
    // SAFETY: by this function's contract.
    unsafe { sys!(SYS_recvfrom, fd, buf, len, flags, 0, 0) }
}

/// sendto(2) without an address.
///
/// # Safety
/// `buf` must be readable for `len` bytes.
pub unsafe fn send(fd: c_int, buf: *const u8, len: usize, flags: c_int) -> Result {
    // SAFETY: by this function's contract.
    unsafe { sys!(SYS_sendto, fd, buf, len, flags, 0, 0) }
}

/// recvmsg(2).
///
/// # Safety
/// `m` must describe valid buffers.
pub unsafe fn recvmsg(fd: c_int, m: &mut libc::msghdr, flags: c_int) -> Result {
    // SAFETY: by this function's contract.
    unsafe { sys!(SYS_recvmsg, fd, m as *mut _, flags) }
}

/// sendmsg(2).
///
/// # Safety
/// `m` must describe valid buffers.
pub unsafe fn sendmsg(fd: c_int, m: &libc::msghdr, flags: c_int) -> Result {
    // SAFETY: by this function's contract.
    unsafe { sys!(SYS_sendmsg, fd, m as *const _, flags) }
}

/// poll(2) of one descriptor, not waiting: its ready events (0 when none).
pub fn poll_now(fd: c_int, events: i16) -> i16 {
    let mut p = [pollfd { fd, events, revents: 0 }];
    match poll_set(&mut p, 0) {
        Ok(n) if n > 0 => p[0].revents,
        _ => 0,
    }
}

/// poll(2) of several descriptors; `timeout` in milliseconds, -1 for ever.
pub fn poll_set(fds: &mut [pollfd], timeout: c_int) -> Result {
    // SAFETY: fds is a valid slice.
    unsafe { sys!(SYS_poll, fds.as_mut_ptr(), fds.len(), timeout) }
}

/// ppoll(2) of several descriptors: each one's events; waits `timeout_ns` nanoseconds, `u64::MAX` for ever.
pub fn poll_for(fds: &mut [pollfd], timeout_ns: u64) -> Result {
    let mut ts = timespec_of(timeout_ns);
    let pts = if timeout_ns == u64::MAX { core::ptr::null_mut() } else { &mut ts as *mut timespec };
    // SAFETY: fds is a valid slice, and ts (which the kernel may write to) outlives the call.
    unsafe { sys!(SYS_ppoll, fds.as_mut_ptr(), fds.len(), pts, 0, 8) }
}

/// pselect6(2) of the first `n` numbers; each set has that many bits at least. Waits as `poll_for`.
pub fn select_for(n: usize, sets: [&mut [u64]; 3], timeout_ns: u64) -> Result {
    debug_assert!(sets.iter().all(|set| set.len() * 64 >= n));
    let mut ts = timespec_of(timeout_ns);
    let pts = if timeout_ns == u64::MAX { core::ptr::null_mut() } else { &mut ts as *mut timespec };
    let [read, write, except] = sets.map(|set| set.as_mut_ptr());
    // SAFETY: the kernel reads and writes n bits of each set, rounded up to words; ts as above.
    unsafe { sys!(SYS_pselect6, n, read, write, except, pts, 0) }
}

// ---- io_uring ------------------------------------------------------------------------------------------------

/// io_uring_setup(2): the ring's descriptor, close-on-exec as all of them.
pub fn uring_setup(entries: u32, params: &mut [u32; 30]) -> Result<c_int> {
    // SAFETY: struct io_uring_params has 120 bytes.
    unsafe { sys!(SYS_io_uring_setup, entries, params.as_mut_ptr()) }.map(|fd| fd as c_int)
}

/// io_uring_enter(2) with a timeout (IORING_ENTER_EXT_ARG must be among the flags; `u64::MAX`: none). How many
/// entries were taken.
pub fn uring_enter(fd: c_int, submit: u32, complete: u32, flags: u32, timeout_ns: u64) -> Result {
    let ts = timespec_of(timeout_ns);
    let pts = if timeout_ns == u64::MAX { 0 } else { &ts as *const timespec as u64 };
    // struct io_uring_getevents_arg: no signal mask, its size, the time.
    let argument = [0u64, 8, pts];
    // SAFETY: 24 bytes are that struct's size; argument and ts outlive the call.
    unsafe { sys!(SYS_io_uring_enter, fd, submit, complete, flags, argument.as_ptr(), 24) }
}

/// Maps a part of a ring, shared with the kernel.
pub fn map_ring(fd: c_int, len: usize, offset: usize) -> Result<*mut u8> {
    let flags = libc::MAP_SHARED | libc::MAP_POPULATE;
    // SAFETY: a fresh mapping aliases nothing.
    unsafe { sys!(SYS_mmap, 0, len, libc::PROT_READ | libc::PROT_WRITE, flags, fd, offset) }.map(|p| p as *mut u8)
}

// ---- epoll, eventfd, timers ---------------------------------------------------------------------------------

/// epoll_create1(2), close-on-exec.
pub fn epoll_create() -> Result<c_int> {
    // SAFETY: no memory is involved.
    unsafe { sys!(SYS_epoll_create1, libc::EPOLL_CLOEXEC) }.map(|fd| fd as c_int)
}

/// epoll_ctl(2).
pub fn epoll_ctl(epfd: c_int, op: c_int, fd: c_int, events: u32, data: u64) -> Result {
    let mut ev = libc::epoll_event { events, u64: data };
    // SAFETY: ev outlives the call.
    unsafe { sys!(SYS_epoll_ctl, epfd, op, fd, &mut ev as *mut _) }
}

/// There's no epoll_pwait2.
static NO_PWAIT2: AtomicBool = AtomicBool::new(false);

/// Does without epoll_pwait2: the kernel has none (Linux before 5.11), or valgrind, which says so each time.
pub fn avoid_pwait2() {
    NO_PWAIT2.store(true, Ordering::Relaxed);
}

/// epoll_pwait2(2): events into `out`; waits `timeout_ns` nanoseconds, `u64::MAX` for ever.
pub fn epoll_wait(epfd: c_int, out: &mut [libc::epoll_event], timeout_ns: u64) -> Result {
    let ts = timespec_of(timeout_ns);
    let pts = if timeout_ns == u64::MAX { core::ptr::null() } else { &ts as *const timespec };
    if !NO_PWAIT2.load(Ordering::Relaxed) {
        // SAFETY: out and ts are valid for the call.
        match unsafe { sys!(SYS_epoll_pwait2, epfd, out.as_mut_ptr(), out.len(), pts, 0, 8) } {
            Err(libc::ENOSYS) => avoid_pwait2(),
            r => return r,
        }
    }
    // Milliseconds, rounded up so that no timer is early.
    let ms = if timeout_ns == u64::MAX { -1 } else { timeout_ns.div_ceil(1_000_000).min(i32::MAX as u64) as isize };
    // SAFETY: as above.
    unsafe { sys!(SYS_epoll_pwait, epfd, out.as_mut_ptr(), out.len(), ms, 0, 8) }
}

/// eventfd2(2), close-on-exec and non-blocking: it's ours alone.
pub fn eventfd() -> Result<c_int> {
    // SAFETY: no memory is involved.
    unsafe { sys!(SYS_eventfd2, 0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) }.map(|fd| fd as c_int)
}

// ---- time ----------------------------------------------------------------------------------------------------

/// Nanoseconds of a clock (clock_gettime(2), from the vdso).
#[inline]
pub fn clock(id: libc::clockid_t) -> u64 {
    let mut ts = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: ts is valid; libc's function is not one of our hooks and reads the vdso.
    unsafe { libc::clock_gettime(id, &mut ts) };
    nanoseconds(&ts)
}

/// Nanoseconds of CLOCK_MONOTONIC: the library's time base.
#[inline]
pub fn now() -> u64 {
    clock(libc::CLOCK_MONOTONIC)
}

/// How long a kernel thread of this process has had a processor (ns). EINVAL: there's none of this id.
pub fn cpu_time_of(id: c_int) -> Result<u64> {
    /// CPUCLOCK_SCHED of a thread, in the low bits of such a clock's number (clock_getres(2)).
    const OF_A_THREAD: c_int = 6;
    let mut ts = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: ts is writable.
    unsafe { sys!(SYS_clock_gettime, !id << 3 | OF_A_THREAD, &mut ts as *mut timespec) }.map(|_| nanoseconds(&ts))
}

/// A timespec as nanoseconds; negative times count as 0.
pub fn nanoseconds(ts: &timespec) -> u64 {
    if ts.tv_sec < 0 {
        return 0;
    }
    (ts.tv_sec as u64).saturating_mul(1_000_000_000).saturating_add(ts.tv_nsec as u64)
}

/// Nanoseconds as a timespec.
pub fn timespec_of(ns: u64) -> timespec {
    timespec { tv_sec: (ns / 1_000_000_000).min(i64::MAX as u64) as i64, tv_nsec: (ns % 1_000_000_000) as i64 }
}

// ---- memory --------------------------------------------------------------------------------------------------

/// Anonymous private memory, committed when touched. Zero-filled; errno (ENOMEM) when there's none.
pub fn map(len: usize) -> Result<*mut u8> {
    /// From here on the kernel is asked whether there's so much memory at all, as for native stacks.
    const LARGE: usize = 1 << 32;
    let reserve = if len < LARGE { libc::MAP_NORESERVE } else { 0 };
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | reserve;
    // SAFETY: a fresh mapping aliases nothing.
    unsafe { sys!(SYS_mmap, 0, len, libc::PROT_READ | libc::PROT_WRITE, flags, -1isize, 0) }.map(|p| p as *mut u8)
}

/// Memory that children share with us.
pub fn map_shared(len: usize) -> Result<*mut u8> {
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    // SAFETY: a fresh mapping aliases nothing.
    unsafe { sys!(SYS_mmap, 0, len, libc::PROT_READ | libc::PROT_WRITE, flags, -1isize, 0) }.map(|p| p as *mut u8)
}

/// Gives a mapping back.
///
/// # Safety
/// Nobody may use the range any more.
pub unsafe fn unmap(p: *mut u8, len: usize) {
    // SAFETY: by this function's contract.
    let _ = unsafe { sys!(SYS_munmap, p, len) };
}

/// madvise(2).
///
/// # Safety
/// The range must be a mapping of ours for which the advice loses nothing that is still needed.
pub unsafe fn advise(p: *mut u8, len: usize, advice: c_int) -> Result {
    // SAFETY: by this function's contract.
    unsafe { sys!(SYS_madvise, p, len, advice) }
}

/// The same for several ranges of this process (process_madvise(2)): how many bytes were done. EINVAL, EBADF or EPERM from a
/// kernel that does this for other processes only (before 6.15).
///
/// # Safety
/// As for `advise`.
pub unsafe fn advise_all(ranges: &[iovec], advice: c_int) -> Result {
    /// PIDFD_SELF_THREAD_GROUP of <linux/pidfd.h>.
    const THIS_PROCESS: c_int = -10002;
    // SAFETY: by this function's contract.
    unsafe { sys!(SYS_process_madvise, THIS_PROCESS, ranges.as_ptr(), ranges.len(), advice, 0) }
}

/// Makes a range inaccessible (mprotect(2)). Splits the mapping it lies in.
///
/// # Safety
/// Nobody may use the range.
pub unsafe fn forbid(p: *mut u8, len: usize) -> Result {
    // SAFETY: by this function's contract.
    unsafe { sys!(SYS_mprotect, p, len, libc::PROT_NONE) }
}

// ---- threads ---------------------------------------------------------------------------------------------------

/// Waits while `*word == expected` (futex(2), private). `timeout_ns` is relative; `u64::MAX` for ever.
pub fn futex_wait(word: &core::sync::atomic::AtomicU32, expected: u32, timeout_ns: u64) -> Result {
    let ts = timespec_of(timeout_ns);
    let pts = if timeout_ns == u64::MAX { core::ptr::null() } else { &ts as *const timespec };
    // SAFETY: word is a live atomic, ts outlives the call.
    unsafe { sys!(SYS_futex, word.as_ptr(), libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG, expected, pts, 0, 0) }
}

/// Wakes up to `n` kernel threads that wait at an address. The address is a key only: nothing is read there.
pub fn futex_wake(word: *const u32, n: u32) {
    // SAFETY: FUTEX_WAKE does not dereference the address in user space.
    let _ = unsafe { sys!(SYS_futex, word, libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, n) };
}

/// A set of up to 1,024 processors, as sched_getaffinity(2) gives it.
pub type Processors = [u64; 16];

/// The processors that a kernel thread (0: the calling one) may run on.
pub fn processors_of(tid: c_int) -> Result<Processors> {
    let mut set = [0; 16];
    // SAFETY: the kernel writes at most the given length.
    unsafe { sys!(SYS_sched_getaffinity, tid, size_of_val(&set), set.as_mut_ptr()) }?;
    Ok(set)
}

/// Makes the calling kernel thread an ordinary one, on these processors.
pub fn be_ordinary(set: &Processors) {
    // SAFETY: the kernel reads the set and the priority, 0.
    unsafe {
        let _ = sys!(SYS_sched_setscheduler, 0, libc::SCHED_OTHER, &0i32 as *const c_int);
        let _ = sys!(SYS_sched_setaffinity, 0, size_of_val(set), set.as_ptr());
    }
}

/// Maps a file, to be read; its address and length.
pub fn map_file(path: &[u8]) -> Result<(*const u8, usize)> {
    let fd = open(path, libc::O_RDONLY | libc::O_CLOEXEC, 0)?;
    // SAFETY: no memory is involved but the new mapping's.
    let mapped = unsafe { sys!(SYS_lseek, fd, 0, libc::SEEK_END) }.and_then(|len| {
        // SAFETY: as above.
        unsafe { sys!(SYS_mmap, 0, len, libc::PROT_READ, libc::MAP_PRIVATE, fd, 0) }.map(|p| (p as *const u8, len))
    });
    close(fd);
    mapped
}

/// Says where the calling kernel thread's list of robust mutexes is (set_robust_list(2)).
pub fn set_robust_list(head: usize) {
    // SAFETY: the kernel looks there when the thread ends, and copes with what it finds.
    let _ = unsafe { sys!(SYS_set_robust_list, head, 24) };
}

/// Wakes who waits at a word that may be shared with other processes.
pub fn futex_wake_shared(word: *const u32, n: u32) {
    // SAFETY: FUTEX_WAKE does not dereference the address in user space.
    let _ = unsafe { sys!(SYS_futex, word, libc::FUTEX_WAKE, n) };
}

/// Hands a priority-inheriting word on (FUTEX_UNLOCK_PI), of which the calling kernel thread is the owner.
pub fn futex_unlock_pi(word: *const u32) {
    // SAFETY: the kernel checks the word.
    let _ = unsafe { sys!(SYS_futex, word, libc::FUTEX_UNLOCK_PI, 0) };
}

/// Whether the page of an address may be shared with another process: file-backed or shared memory (proc_pid_pagemap(5)).
/// If that can't be had, it may.
///
/// # Safety
/// A readable address.
pub unsafe fn is_shared_page(address: usize) -> bool {
    const FILE_OR_SHARED: u64 = 1 << 61;
    let Ok(fd) = open(b"/proc/self/pagemap\0", libc::O_RDONLY | libc::O_CLOEXEC, 0) else { return true };
    let mut entry = 0u64;
    // A page that was never touched says nothing.
    // SAFETY: the caller's word; if it's a wild one, this faults where the kernel would say EFAULT.
    unsafe { core::ptr::read_volatile(address as *const u8) };
    // SAFETY: the kernel writes one word.
    let n = unsafe { sys!(SYS_pread64, fd, &mut entry as *mut u64, 8, address / 4096 * 8) };
    close(fd);
    n != Ok(8) || entry & FILE_OR_SHARED != 0
}

/// Sleeps (nanosleep(2)), the kernel thread as it is.
pub fn nap(ns: u64) {
    // SAFETY: the kernel reads the time.
    let _ = unsafe { sys!(SYS_nanosleep, &timespec_of(ns) as *const timespec, 0) };
}

/// Gives the processor away (sched_yield(2)).
pub fn yield_processor() {
    // SAFETY: no memory is involved.
    let _ = unsafe { sys!(SYS_sched_yield) };
}

/// The kernel's id of the calling kernel thread.
pub fn gettid() -> c_int {
    // SAFETY: cannot fail.
    unsafe { sys!(SYS_gettid) }.unwrap_or(0) as c_int
}

/// The parent's process id; 0 if that is outside of this process's PID namespace.
pub fn getppid() -> c_int {
    // SAFETY: cannot fail.
    unsafe { sys!(SYS_getppid) }.unwrap_or(0) as c_int
}

/// The process id.
pub fn getpid() -> c_int {
    // SAFETY: cannot fail.
    unsafe { sys!(SYS_getpid) }.unwrap_or(0) as c_int
}

/// Whether there's a process with this id (kill(2) with signal 0).
pub fn process_exists(pid: c_int) -> bool {
    // SAFETY: no memory is involved.
    let r = unsafe { sys!(SYS_kill, pid, 0) };
    r != Err(libc::ESRCH)
}

/// How many processors the calling thread may run on; at least 1.
pub fn processors() -> usize {
    let mut mask = [0u64; 128];
    // SAFETY: the kernel writes at most the given length.
    let n = unsafe { sys!(SYS_sched_getaffinity, 0, core::mem::size_of_val(&mask), mask.as_mut_ptr()) }.unwrap_or(0);
    mask[..n / 8].iter().map(|w| w.count_ones() as usize).sum::<usize>().max(1)
}

/// Sends a signal to the calling kernel thread.
pub fn raise(signal: c_int) {
    // SAFETY: no memory is involved.
    let _ = unsafe { sys!(SYS_tgkill, getpid(), gettid(), signal) };
}

/// Takes a pending signal of a set, not waiting (rt_sigtimedwait(2)); its number. EAGAIN when there's none.
///
/// # Safety
/// `set` is readable for a word, `info` NULL or writable.
pub unsafe fn pending_signal(set: *const u64, info: *mut libc::siginfo_t) -> Result<c_int> {
    let no_time = timespec_of(0);
    // SAFETY: by this function's contract.
    unsafe { sys!(SYS_rt_sigtimedwait, set, info, &no_time as *const timespec, 8) }.map(|n| n as c_int)
}

/// Sends a signal to this process (kill(2)).
pub fn signal_process(signal: c_int) {
    // SAFETY: no memory is involved.
    let _ = unsafe { sys!(SYS_kill, getpid(), signal) };
}

/// Sends a signal to a kernel thread of this process (tgkill(2)).
pub fn signal_thread(tid: c_int, signal: c_int) {
    // SAFETY: no memory is involved.
    let _ = unsafe { sys!(SYS_tgkill, getpid(), tid, signal) };
}

/// Sends a signal to a kernel thread of this process, as it was sent before (rt_tgsigqueueinfo(2)).
pub fn forward_signal(tid: c_int, info: &libc::siginfo_t) {
    if info.si_code >= 0 || info.si_code == libc::SI_TKILL {
        // The kernel lets nobody claim these for another thread.
        return signal_thread(tid, info.si_signo);
    }
    // SAFETY: 128 bytes, as the kernel reads.
    let _ = unsafe { sys!(SYS_rt_tgsigqueueinfo, getpid(), tid, info.si_signo, info as *const libc::siginfo_t) };
}

/// A limit's soft and hard value (getrlimit(2)).
pub fn limit(resource: u32) -> (u64, u64) {
    let mut l = [0u64; 2];
    // SAFETY: two words are what the kernel writes.
    let _ = unsafe { sys!(SYS_prlimit64, 0, resource, 0, l.as_mut_ptr()) };
    (l[0], l[1])
}

/// Sets a limit's soft value (setrlimit(2)).
pub fn set_limit(resource: u32, soft: u64, hard: u64) -> Result {
    let l = [soft, hard];
    // SAFETY: the kernel reads two words.
    unsafe { sys!(SYS_prlimit64, 0, resource, l.as_ptr(), 0) }
}

/// The end of the process, without any further ado (exit_group(2)).
pub fn exit_group(status: c_int) -> ! {
    loop {
        // SAFETY: does not return.
        let _ = unsafe { sys!(SYS_exit_group, status) };
    }
}

/// The calling kernel thread's name (prctl(2), PR_GET_NAME), NUL-padded.
pub fn process_name() -> [u8; 16] {
    let mut name = [0u8; 16];
    // SAFETY: the kernel writes 16 bytes at most.
    let _ = unsafe { sys!(SYS_prctl, libc::PR_GET_NAME, name.as_mut_ptr()) };
    name
}

/// What is pending for the first kernel thread alone (proc(5), SigPnd); 0 where /proc isn't there.
pub fn pending_of_first() -> u64 {
    const NAME: &[u8] = b"\nSigPnd:\t";
    let mut text = [0u8; 4096];
    let Ok(fd) = open(b"/proc/self/status\0", libc::O_RDONLY, 0) else { return 0 };
    let n = read(fd, &mut text).unwrap_or(0);
    close(fd);
    let text = &text[..n];
    let Some(at) = text.windows(NAME.len()).position(|w| w == NAME) else { return 0 };
    let digits = text[at + NAME.len()..].iter().map_while(|c| (*c as char).to_digit(16));
    digits.fold(0, |all, digit| all << 4 | u64::from(digit))
}

/// Whether the calling kernel thread, if its policy is one of these two, doesn't get in the way of others when it wakes up
/// (SCHED_BATCH), or does (SCHED_OTHER). Whether that was changed.
pub fn stand_back(yes: bool) -> bool {
    let (from, to) = if yes { (libc::SCHED_OTHER, libc::SCHED_BATCH) } else { (libc::SCHED_BATCH, libc::SCHED_OTHER) };
    let priority: c_int = 0;
    // SAFETY: the kernel reads the priority, 0 for these policies.
    unsafe {
        sys!(SYS_sched_getscheduler, 0) == Ok(from as usize)
            && sys!(SYS_sched_setscheduler, 0, to, &priority as *const c_int).is_ok()
    }
}

/// pidfd_open(2), close-on-exec as all pidfds. ESRCH; ENOSYS before Linux 5.3.
pub fn pidfd_open(pid: libc::pid_t) -> Result<c_int> {
    // SAFETY: no memory is involved.
    unsafe { sys!(SYS_pidfd_open, pid, 0) }.map(|fd| fd as c_int)
}

/// wait4(2), in libc's convention.
///
/// # Safety
/// `status` and `usage` are NULL or writable.
pub unsafe fn wait4(pid: libc::pid_t, status: *mut c_int, options: c_int, usage: *mut libc::rusage) -> libc::pid_t {
    // SAFETY: by this function's contract.
    to_libc(unsafe { sys!(SYS_wait4, pid, status, options, usage) }) as libc::pid_t
}

/// What `any_child` tells: which child, what happened (si_code), and its status.
pub type News = (libc::pid_t, c_int, c_int);

/// Waits until something of `kinds` (WEXITED, …) has happened to some child, and leaves it to be waited for (waitid(2) with
/// WNOWAIT). ECHILD: there's none of whom it could be told; EINTR.
pub fn any_child(kinds: c_int) -> Result<News> {
    // SAFETY: zeros are a siginfo_t, which the kernel fills; of a child it has these.
    unsafe {
        let mut info: libc::siginfo_t = core::mem::zeroed();
        sys!(SYS_waitid, libc::P_ALL, 0, &mut info as *mut _, kinds | libc::WNOWAIT | libc::__WALL, 0)?;
        Ok((info.si_pid(), info.si_code, info.si_status()))
    }
}

/// Sends a signal to a process (kill(2)).
pub fn kill(pid: libc::pid_t, signal: c_int) {
    // SAFETY: no memory is involved.
    let _ = unsafe { sys!(SYS_kill, pid, signal) };
}

/// Two ends of a pipe, to read from and to write to (pipe2(2)), close-on-exec.
pub fn pipe() -> Result<[c_int; 2]> {
    let mut ends = [0; 2];
    // SAFETY: the kernel writes two numbers.
    unsafe { sys!(SYS_pipe2, ends.as_mut_ptr(), libc::O_CLOEXEC) }.map(|_| ends)
}

/// Changes the calling kernel thread's signal mask (rt_sigprocmask(2)); gives the old one. The first 64 signals are all.
pub fn signal_mask(how: c_int, set: Option<u64>) -> u64 {
    let mut old = 0u64;
    let new = set.as_ref().map_or(core::ptr::null(), |s| s as *const u64);
    // SAFETY: both are one word, the kernel's signal set.
    let _ = unsafe { sys!(SYS_rt_sigprocmask, how, new, &mut old as *mut u64, 8) };
    old
}

/// The kernel's word for a set of signals as libc's.
pub fn signal_set(signals: u64) -> libc::sigset_t {
    // SAFETY: all zeros are the empty set; the kernel's part is the first word.
    unsafe {
        let mut set: libc::sigset_t = core::mem::zeroed();
        *(&mut set as *mut _ as *mut u64) = signals;
        set
    }
}

/// No alternative signal stack.
pub const NO_SIGNAL_STACK: libc::stack_t =
    libc::stack_t { ss_sp: core::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };

/// Sets the calling kernel thread's alternative signal stack (sigaltstack(2)), or just asks; gives the old one.
pub fn signal_stack(new: Option<libc::stack_t>) -> libc::stack_t {
    let mut old = NO_SIGNAL_STACK;
    let new = new.as_ref().map_or(core::ptr::null(), |n| n as *const libc::stack_t);
    // SAFETY: both are NULL or valid; the memory is the caller's to give.
    let _ = unsafe { sys!(SYS_sigaltstack, new, &mut old as *mut libc::stack_t) };
    old
}

/// semtimedop(2) with no time to wait: EAGAIN where it would.
///
/// # Safety
/// As for semop(2).
pub unsafe fn semaphores_at_once(set: c_int, ops: *mut libc::sembuf, n: usize) -> Result {
    let no_time = timespec_of(0);
    // SAFETY: by this function's contract.
    unsafe { sys!(SYS_semtimedop, set, ops, n, &no_time as *const timespec) }
}

/// The kernel's own struct sigaction.
#[repr(C)]
#[derive(Default)]
pub struct RawAction {
    pub handler: usize,
    pub flags: usize,
    restorer: usize,
    pub mask: u64,
}

/// rt_sigaction(2) for signals that libc keeps to itself; gives the old action.
pub fn raw_action(signal: c_int, new: Option<&RawAction>) -> Result<RawAction> {
    let mut old = RawAction::default();
    let new = new.map_or(core::ptr::null(), |n| n as *const RawAction);
    // SAFETY: both are the kernel's structures; a new one comes from an old one, with another handler.
    unsafe { sys!(SYS_rt_sigaction, signal, new, &mut old as *mut RawAction, 8) }?;
    Ok(old)
}

/// Queues a signal with a value for a kernel thread of this process (rt_tgsigqueueinfo(2)).
pub fn queue_signal(tid: c_int, signal: c_int, value: usize) {
    // siginfo_t: number, errno, code; pid, uid; the value.
    let mut info = [0u64; 16];
    info[0] = signal as u64;
    info[1] = libc::SI_QUEUE as u32 as u64;
    info[2] = getpid() as u64;
    info[3] = value as u64;
    // SAFETY: 128 bytes, as the kernel reads.
    let _ = unsafe { sys!(SYS_rt_tgsigqueueinfo, getpid(), tid, signal, info.as_ptr()) };
}

/// close_range(2), in libc's convention.
pub fn close_range(first: libc::c_uint, last: libc::c_uint) -> c_int {
    // SAFETY: no memory is involved.
    to_libc(unsafe { sys!(SYS_close_range, first, last, 0) }) as c_int
}
