//! Time.

use super::hook;
use crate::io;
use libc::{c_int, c_uint, clockid_t, timespec};

hook! { green fn sleep(seconds: c_uint) -> c_uint => io::sleep::sleep }
hook! { green fn usleep(microseconds: c_uint) -> c_int => io::sleep::usleep }
hook! { green fn nanosleep(time: *const timespec, left: *mut timespec) -> c_int => io::sleep::nanosleep }
hook! { green fn __nanosleep(time: *const timespec, left: *mut timespec) -> c_int => io::sleep::nanosleep }
hook! { green fn clock_nanosleep(clock: clockid_t, flags: c_int, time: *const timespec, left: *mut timespec) -> c_int => io::sleep::clock_nanosleep }
