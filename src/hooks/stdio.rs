//! stdio.

use super::hook;
use crate::io::stdio::flag::{EOF_SEEN, ERR_SEEN};
use crate::io::stdio::formatted::VaList;
use crate::io::stdio::{aside, formatted, fortified, input, lock, output};
use core::arch::naked_asm;
use libc::{c_char, c_int, c_long, c_void, off_t, size_t, ssize_t, FILE};

type File = *mut FILE;
type Line = *mut *mut c_char;
type Str = *const c_char;
type List = *mut VaList;

hook! { green fn flockfile(file: File) => lock::flockfile }
hook! { green fn _IO_flockfile(file: File) => lock::flockfile }
hook! { active fn funlockfile(file: File) => lock::funlockfile }
hook! { active fn _IO_funlockfile(file: File) => lock::funlockfile }

hook! { green fn fgetc(file: File) -> c_int => input::getc::<true> }
hook! { green fn getc(file: File) -> c_int => input::getc::<true> }
hook! { green fn _IO_getc(file: File) -> c_int => input::getc::<true> }
hook! { green fn fgetc_unlocked(file: File) -> c_int => input::getc::<false> }
hook! { green fn getc_unlocked(file: File) -> c_int => input::getc::<false> }
hook! { green fn __uflow(file: File) -> c_int => input::uflow }
hook! { green fn getchar() -> c_int => input::getchar::<true> }
hook! { green fn getchar_unlocked() -> c_int => input::getchar::<false> }
hook! { green fn fgets(line: *mut c_char, size: c_int, file: File) -> *mut c_char => input::fgets::<true> }
hook! { green fn _IO_fgets(line: *mut c_char, size: c_int, file: File) -> *mut c_char => input::fgets::<true> }
hook! { green fn fgets_unlocked(line: *mut c_char, size: c_int, file: File) -> *mut c_char => input::fgets::<false> }
hook! { green fn __fgets_chk(line: *mut c_char, room: size_t, size: c_int, file: File) -> *mut c_char => fortified::fgets::<true> }
hook! { green fn __fgets_unlocked_chk(line: *mut c_char, room: size_t, size: c_int, file: File) -> *mut c_char => fortified::fgets::<false> }
hook! { green fn fread(to: *mut c_void, size: size_t, n: size_t, file: File) -> size_t => input::fread::<true> }
hook! { green fn _IO_fread(to: *mut c_void, size: size_t, n: size_t, file: File) -> size_t => input::fread::<true> }
hook! { green fn fread_unlocked(to: *mut c_void, size: size_t, n: size_t, file: File) -> size_t => input::fread::<false> }
hook! { green fn __fread_chk(to: *mut c_void, room: size_t, size: size_t, n: size_t, file: File) -> size_t => fortified::fread::<true> }
hook! { green fn __fread_unlocked_chk(to: *mut c_void, room: size_t, size: size_t, n: size_t, file: File) -> size_t => fortified::fread::<false> }
hook! { green fn getline(line: Line, size: *mut size_t, file: File) -> ssize_t => input::getline }
hook! { green fn getdelim(line: Line, size: *mut size_t, stop: c_int, file: File) -> ssize_t => input::getdelim }
hook! { green fn __getdelim(line: Line, size: *mut size_t, stop: c_int, file: File) -> ssize_t => input::getdelim }

hook! { green fn fputc(c: c_int, file: File) -> c_int => output::putc::<true> }
hook! { green fn putc(c: c_int, file: File) -> c_int => output::putc::<true> }
hook! { green fn _IO_putc(c: c_int, file: File) -> c_int => output::putc::<true> }
hook! { green fn fputc_unlocked(c: c_int, file: File) -> c_int => output::putc::<false> }
hook! { green fn putc_unlocked(c: c_int, file: File) -> c_int => output::putc::<false> }
hook! { green fn __overflow(file: File, c: c_int) -> c_int => output::overflow }
hook! { green fn putchar(c: c_int) -> c_int => output::putchar::<true> }
hook! { green fn putchar_unlocked(c: c_int) -> c_int => output::putchar::<false> }
hook! { green fn puts(s: Str) -> c_int => output::puts }
hook! { green fn _IO_puts(s: Str) -> c_int => output::puts }
hook! { green fn fputs(s: Str, file: File) -> c_int => output::fputs::<true> }
hook! { green fn _IO_fputs(s: Str, file: File) -> c_int => output::fputs::<true> }
hook! { green fn fputs_unlocked(s: Str, file: File) -> c_int => output::fputs::<false> }
hook! { green fn fwrite(from: *const c_void, size: size_t, n: size_t, file: File) -> size_t => output::fwrite::<true> }
hook! { green fn _IO_fwrite(from: *const c_void, size: size_t, n: size_t, file: File) -> size_t => output::fwrite::<true> }
hook! { green fn fwrite_unlocked(from: *const c_void, size: size_t, n: size_t, file: File) -> size_t => output::fwrite::<false> }
hook! { green fn fflush(file: File) -> c_int => output::fflush::<true> }
hook! { green fn _IO_fflush(file: File) -> c_int => output::fflush::<true> }
hook! { green fn fflush_unlocked(file: File) -> c_int => output::fflush::<false> }

hook! { green fn vprintf(format: Str, list: List) -> c_int => formatted::vprintf }
hook! { green fn __vprintf_chk(level: c_int, format: Str, list: List) -> c_int => formatted::vprintf_chk }
hook! { green fn vfprintf(file: File, format: Str, list: List) -> c_int => formatted::vfprintf }
hook! { green fn _IO_vfprintf(file: File, format: Str, list: List) -> c_int => formatted::vfprintf }
hook! { green fn __vfprintf_chk(file: File, level: c_int, format: Str, list: List) -> c_int => formatted::vfprintf_chk }
hook! { green fn vdprintf(fd: c_int, format: Str, list: List) -> c_int => formatted::vdprintf }
hook! { green fn __vdprintf_chk(fd: c_int, level: c_int, format: Str, list: List) -> c_int => formatted::vdprintf_chk }
hook! { green fn vfscanf(file: File, format: Str, list: List) -> c_int => formatted::vfscanf }
hook! { green fn __vfscanf(file: File, format: Str, list: List) -> c_int => formatted::vfscanf }
hook! { green fn __isoc99_vfscanf(file: File, format: Str, list: List) -> c_int => formatted::vfscanf }
hook! { green fn __isoc23_vfscanf(file: File, format: Str, list: List) -> c_int => formatted::vfscanf }
hook! { green fn vscanf(format: Str, list: List) -> c_int => formatted::vscanf }
hook! { green fn __isoc99_vscanf(format: Str, list: List) -> c_int => formatted::vscanf }
hook! { green fn __isoc23_vscanf(format: Str, list: List) -> c_int => formatted::vscanf }

hook! { green fn feof(file: File) -> c_int => aside::ask::<EOF_SEEN> }
hook! { green fn ferror(file: File) -> c_int => aside::ask::<ERR_SEEN> }
hook! { green fn clearerr(file: File) => aside::clearerr }
hook! { green fn ungetc(c: c_int, file: File) -> c_int => aside::ungetc }
hook! { green fn ftell(file: File) -> c_long => aside::ftell }
hook! { green fn ftello(file: File) -> c_long => aside::ftell }
hook! { green fn ftello64(file: File) -> c_long => aside::ftell }
hook! { green fn fseek(file: File, offset: off_t, from: c_int) -> c_int => aside::fseek }
hook! { green fn fseeko(file: File, offset: off_t, from: c_int) -> c_int => aside::fseek }
hook! { green fn fseeko64(file: File, offset: off_t, from: c_int) -> c_int => aside::fseek }
hook! { green fn fsetpos(file: File, position: *const c_void) -> c_int => aside::fsetpos }
hook! { green fn fsetpos64(file: File, position: *const c_void) -> c_int => aside::fsetpos }
hook! { green fn rewind(file: File) => aside::rewind }
hook! { green fn setvbuf(file: File, buffer: *mut c_char, mode: c_int, size: size_t) -> c_int => aside::setvbuf }

/// Exports a variadic function of shim/formatted.c, which calls one of the hooks above. (A cdylib exports Rust's names only.)
macro_rules! variadic {
    ($name:ident, $shim:ident) => {
        mod $shim {
            extern "C" {
                pub fn $shim();
            }
        }

        #[unsafe(naked)]
        #[no_mangle]
        pub unsafe extern "C" fn $name() {
            naked_asm!("jmp {}", sym $shim::$shim)
        }
    };
}

variadic! { printf, green_printf }
variadic! { fprintf, green_fprintf }
variadic! { dprintf, green_dprintf }
variadic! { __printf_chk, green_printf_chk }
variadic! { __fprintf_chk, green_fprintf_chk }
variadic! { __dprintf_chk, green_dprintf_chk }
variadic! { scanf, green_scanf }
variadic! { fscanf, green_fscanf }
variadic! { __isoc99_scanf, green_isoc99_scanf }
variadic! { __isoc99_fscanf, green_isoc99_fscanf }
variadic! { __isoc23_scanf, green_isoc23_scanf }
variadic! { __isoc23_fscanf, green_isoc23_fscanf }
