//! Reads, writes, and the life of descriptors.

use super::hook;
use crate::io::{self, file};
use libc::{c_char, c_int, c_long, c_uint, c_ulong, c_void, iovec, size_t, ssize_t, FILE};

hook! { green point fn read(fd: c_int, buf: *mut c_void, len: size_t) -> ssize_t => file::read }
hook! { green point fn __read(fd: c_int, buf: *mut c_void, len: size_t) -> ssize_t => file::read }
hook! { green point fn readv(fd: c_int, iov: *const iovec, n: c_int) -> ssize_t => file::readv }
hook! { green point fn write(fd: c_int, buf: *const c_void, len: size_t) -> ssize_t => file::write }
hook! { green point fn __write(fd: c_int, buf: *const c_void, len: size_t) -> ssize_t => file::write }
hook! { green point fn writev(fd: c_int, iov: *const iovec, n: c_int) -> ssize_t => file::writev }
hook! { green point fn __read_chk(fd: c_int, buf: *mut c_void, len: size_t, room: size_t) -> ssize_t => read_chk }

hook! { active fn close(fd: c_int) -> c_int => io::descriptors::close }
hook! { active fn __close(fd: c_int) -> c_int => io::descriptors::close }
hook! { active fn close_range(first: c_uint, last: c_uint, flags: c_int) -> c_int => io::descriptors::close_range }
hook! { active fn closefrom(first: c_int) => io::descriptors::closefrom }
hook! { active fn dup(fd: c_int) -> c_int => io::descriptors::dup }
hook! { active fn dup2(fd: c_int, onto: c_int) -> c_int => io::descriptors::dup2 }
hook! { active fn __dup2(fd: c_int, onto: c_int) -> c_int => io::descriptors::dup2 }
hook! { active fn dup3(fd: c_int, onto: c_int, flags: c_int) -> c_int => io::descriptors::dup3 }
hook! { active fn pipe(ends: *mut c_int) -> c_int => io::descriptors::pipe }
hook! { active fn __pipe(ends: *mut c_int) -> c_int => io::descriptors::pipe }
hook! { active fn pipe2(ends: *mut c_int, flags: c_int) -> c_int => io::descriptors::pipe2 }
hook! { active fn fclose(stream: *mut FILE) -> c_int => closing_stream }
hook! { active fn pclose(stream: *mut FILE) -> c_int => closing_stream }
hook! { active fn freopen(path: *const c_char, mode: *const c_char, stream: *mut FILE) -> *mut FILE => reopening }
hook! { active fn freopen64(path: *const c_char, mode: *const c_char, stream: *mut FILE) -> *mut FILE => reopening }

// Variadic in C. On x86-64 the caller passes a variadic integer or pointer as any other, so these say it plainly.
hook! { active fn fcntl(fd: c_int, cmd: c_int, arg: c_long) -> c_int => io::descriptors::fcntl }
hook! { active fn fcntl64(fd: c_int, cmd: c_int, arg: c_long) -> c_int => io::descriptors::fcntl }
hook! { active fn __fcntl(fd: c_int, cmd: c_int, arg: c_long) -> c_int => io::descriptors::fcntl }
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

/// fclose(3), pclose(3): libc closes the descriptor inside.
unsafe fn closing_stream(real: unsafe extern "C" fn(*mut FILE) -> c_int, stream: *mut FILE) -> c_int {
    // SAFETY: the caller's open stream.
    unsafe {
        io::stdio::aside::closing(stream, || {
            io::descriptors::before_closing_stream(stream);
            real(stream)
        })
    }
}

/// freopen(3): closes the stream's descriptor and opens another, mostly under the same number.
unsafe fn reopening(
    real: unsafe extern "C" fn(*const c_char, *const c_char, *mut FILE) -> *mut FILE,
    path: *const c_char,
    mode: *const c_char,
    stream: *mut FILE,
) -> *mut FILE {
    // SAFETY: as for freopen(3).
    unsafe {
        io::stdio::output::before_leaving(stream);
        io::descriptors::before_closing_stream(stream);
        real(path, mode, stream)
    }
}
