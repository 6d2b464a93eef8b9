//! Reads, writes, and the life of descriptors.

use super::hook;
use crate::io::{self, disk, file, opening, transfer};
use crate::process::piped;
use crate::runtime;
use libc::{c_char, c_int, c_long, c_uint, c_ulong, c_void, iovec, loff_t, off64_t, off_t, size_t, ssize_t, FILE};

hook! { green point fn read(fd: c_int, buf: *mut c_void, len: size_t) -> ssize_t => file::read }
hook! { green point fn __read(fd: c_int, buf: *mut c_void, len: size_t) -> ssize_t => file::read }
hook! { green point fn readv(fd: c_int, iov: *const iovec, n: c_int) -> ssize_t => file::readv }
hook! { green point fn write(fd: c_int, buf: *const c_void, len: size_t) -> ssize_t => file::write }
hook! { green point fn __write(fd: c_int, buf: *const c_void, len: size_t) -> ssize_t => file::write }
hook! { green point fn writev(fd: c_int, iov: *const iovec, n: c_int) -> ssize_t => file::writev }
hook! { green point fn __read_chk(fd: c_int, buf: *mut c_void, len: size_t, room: size_t) -> ssize_t => read_chk }

hook! { green point fn pread(fd: c_int, buf: *mut c_void, len: size_t, offset: off64_t) -> ssize_t => disk::pread }
hook! { green point fn pread64(fd: c_int, buf: *mut c_void, len: size_t, offset: off64_t) -> ssize_t => disk::pread }
hook! { green point fn __pread64(fd: c_int, buf: *mut c_void, len: size_t, offset: off64_t) -> ssize_t => disk::pread }
hook! { green point fn pwrite(fd: c_int, buf: *const c_void, len: size_t, offset: off64_t) -> ssize_t => disk::pwrite }
hook! { green point fn pwrite64(fd: c_int, buf: *const c_void, len: size_t, offset: off64_t) -> ssize_t => disk::pwrite }
hook! { green point fn __pwrite64(fd: c_int, buf: *const c_void, len: size_t, offset: off64_t) -> ssize_t => disk::pwrite }
hook! { green point fn preadv(fd: c_int, iov: *const iovec, n: c_int, offset: off64_t) -> ssize_t => disk::preadv }
hook! { green point fn preadv64(fd: c_int, iov: *const iovec, n: c_int, offset: off64_t) -> ssize_t => disk::preadv }
hook! { green point fn pwritev(fd: c_int, iov: *const iovec, n: c_int, offset: off64_t) -> ssize_t => disk::pwritev }
hook! { green point fn pwritev64(fd: c_int, iov: *const iovec, n: c_int, offset: off64_t) -> ssize_t => disk::pwritev }
hook! { green point fn preadv2(fd: c_int, iov: *const iovec, n: c_int, offset: off64_t, flags: c_int) -> ssize_t => file::preadv2 }
hook! { green point fn preadv64v2(fd: c_int, iov: *const iovec, n: c_int, offset: off64_t, flags: c_int) -> ssize_t => file::preadv2 }
hook! { green point fn pwritev2(fd: c_int, iov: *const iovec, n: c_int, offset: off64_t, flags: c_int) -> ssize_t => file::pwritev2 }
hook! { green point fn pwritev64v2(fd: c_int, iov: *const iovec, n: c_int, offset: off64_t, flags: c_int) -> ssize_t => file::pwritev2 }

hook! { green fn sendfile(out: c_int, from: c_int, offset: *mut off_t, len: size_t) -> ssize_t => transfer::sendfile }
hook! { green fn sendfile64(out: c_int, from: c_int, offset: *mut off_t, len: size_t) -> ssize_t => transfer::sendfile }
hook! { green point fn splice(from: c_int, from_offset: *mut loff_t, to: c_int, to_offset: *mut loff_t, len: size_t, flags: c_uint) -> ssize_t => transfer::splice }
hook! { green point fn tee(from: c_int, to: c_int, len: size_t, flags: c_uint) -> ssize_t => transfer::tee }
hook! { green point fn vmsplice(fd: c_int, iov: *const iovec, n: size_t, flags: c_uint) -> ssize_t => transfer::vmsplice }
hook! { green point fn copy_file_range(from: c_int, from_offset: *mut loff_t, to: c_int, to_offset: *mut loff_t, len: size_t, flags: c_uint) -> ssize_t => transfer::copy_file_range }

hook! { green point fn fsync(fd: c_int) -> c_int => disk::fsync }
hook! { green point fn fdatasync(fd: c_int) -> c_int => disk::fdatasync }
hook! { green fn syncfs(fd: c_int) -> c_int => disk::sync_file }
hook! { green fn sync() => disk::sync }
hook! { green point fn sync_file_range(fd: c_int, offset: off64_t, len: off64_t, flags: c_uint) -> c_int => disk::sync_file_range }
hook! { green point fn msync(address: *mut c_void, len: size_t, flags: c_int) -> c_int => disk::msync }
hook! { green point fn tcdrain(fd: c_int) -> c_int => disk::sync_file }

hook! { green point fn open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int => opening::open }
hook! { green point fn open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int => opening::open }
hook! { green point fn __open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int => opening::open }
hook! { green point fn __open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int => opening::open }
hook! { green point fn openat(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int => opening::openat }
hook! { green point fn openat64(folder: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int => opening::openat }
hook! { green point fn __open_2(path: *const c_char, flags: c_int) -> c_int => opening::open_plain }
hook! { green point fn __open64_2(path: *const c_char, flags: c_int) -> c_int => opening::open_plain }
hook! { green point fn __openat_2(folder: c_int, path: *const c_char, flags: c_int) -> c_int => opening::openat_plain }
hook! { green point fn __openat64_2(folder: c_int, path: *const c_char, flags: c_int) -> c_int => opening::openat_plain }
hook! { green point fn creat(path: *const c_char, mode: c_uint) -> c_int => opening::creat }
hook! { green point fn creat64(path: *const c_char, mode: c_uint) -> c_int => opening::creat }
hook! { green fn fopen(path: *const c_char, mode: *const c_char) -> *mut FILE => opening::fopen }
hook! { green fn fopen64(path: *const c_char, mode: *const c_char) -> *mut FILE => opening::fopen }

hook! { active fn close(fd: c_int) -> c_int => io::descriptors::close }
hook! { active fn __close(fd: c_int) -> c_int => io::descriptors::close }
hook! { active fn close_range(first: c_uint, last: c_uint, flags: c_int) -> c_int => io::descriptors::close_range }
hook! { active fn closefrom(first: c_int) => io::descriptors::closefrom }
hook! { always fn dup(fd: c_int) -> c_int => io::descriptors::dup }
hook! { always fn dup2(fd: c_int, onto: c_int) -> c_int => io::descriptors::dup2 }
hook! { always fn __dup2(fd: c_int, onto: c_int) -> c_int => io::descriptors::dup2 }
hook! { always fn dup3(fd: c_int, onto: c_int, flags: c_int) -> c_int => io::descriptors::dup3 }
hook! { always fn pipe(ends: *mut c_int) -> c_int => io::descriptors::pipe }
hook! { always fn __pipe(ends: *mut c_int) -> c_int => io::descriptors::pipe }
hook! { always fn pipe2(ends: *mut c_int, flags: c_int) -> c_int => io::descriptors::pipe2 }
hook! { always fn fclose(stream: *mut FILE) -> c_int => closing_stream }
hook! { always fn pclose(stream: *mut FILE) -> c_int => closing_stream }
hook! { always fn freopen(path: *const c_char, mode: *const c_char, stream: *mut FILE) -> *mut FILE => reopening }
hook! { always fn freopen64(path: *const c_char, mode: *const c_char, stream: *mut FILE) -> *mut FILE => reopening }

// Variadic in C, like open. On x86-64 the caller passes a variadic integer or pointer as any other, so these say it plainly.
hook! { always fn fcntl(fd: c_int, cmd: c_int, arg: c_long) -> c_int => io::descriptors::fcntl }
hook! { always fn fcntl64(fd: c_int, cmd: c_int, arg: c_long) -> c_int => io::descriptors::fcntl }
hook! { always fn __fcntl(fd: c_int, cmd: c_int, arg: c_long) -> c_int => io::descriptors::fcntl }
hook! { active fn ioctl(fd: c_int, request: c_ulong, arg: *mut c_void) -> c_int => io::descriptors::ioctl }

unsafe fn read_chk(
    me: &'static crate::hub::Task,
    real: unsafe extern "C" fn(c_int, *mut c_void, size_t, size_t) -> ssize_t,
    fd: c_int,
    buf: *mut c_void,
    len: size_t,
    room: size_t,
) -> ssize_t {
    // SAFETY: as for read(2); a length beyond the buffer goes to glibc's own check, which aborts.
    unsafe {
        if len > room {
            real(fd, buf, len, room)
        } else {
            file::read(me, file::kernel_read, fd, buf, len)
        }
    }
}

/// fclose(3), pclose(3): libc closes the descriptor inside. A stream of popen's ends with its child.
unsafe fn closing_stream(real: unsafe extern "C" fn(*mut FILE) -> c_int, stream: *mut FILE) -> c_int {
    let child = piped::take(stream);
    // SAFETY: the caller's open stream.
    let r = unsafe {
        io::stdio::aside::closing(stream, || {
            before_closing(stream);
            real(stream)
        })
    };
    child.map_or(r, |child| piped::reap(child, r))
}

/// freopen(3): closes the stream's descriptor and opens another, mostly under the same number.
unsafe fn reopening(
    real: unsafe extern "C" fn(*const c_char, *const c_char, *mut FILE) -> *mut FILE,
    path: *const c_char,
    mode: *const c_char,
    stream: *mut FILE,
) -> *mut FILE {
    let child = piped::take(stream);
    // SAFETY: as for freopen(3).
    let r = unsafe {
        io::stdio::output::before_leaving(stream);
        before_closing(stream);
        real(path, mode, stream)
    };
    child.inspect(|&child| _ = piped::reap(child, 0));
    r
}

/// # Safety
/// An open stream.
unsafe fn before_closing(stream: *mut FILE) {
    if runtime::is_active() {
        // SAFETY: by this function's contract.
        unsafe { io::descriptors::before_closing_stream(stream) };
    }
}
