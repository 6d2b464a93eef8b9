//! Time.

use super::hook;
use crate::io;
use crate::process::timers;
use libc::{c_int, c_uint, clockid_t, sigevent, timer_t, timespec};

hook! { green point fn sleep(seconds: c_uint) -> c_uint => io::sleep::sleep }
hook! { green point fn usleep(microseconds: c_uint) -> c_int => io::sleep::usleep }
hook! { green point fn nanosleep(time: *const timespec, left: *mut timespec) -> c_int => io::sleep::nanosleep }
hook! { green point fn __nanosleep(time: *const timespec, left: *mut timespec) -> c_int => io::sleep::nanosleep }
hook! { green point fn clock_nanosleep(clock: clockid_t, flags: c_int, time: *const timespec, left: *mut timespec) -> c_int => io::sleep::clock_nanosleep }
hook! { green fn clock_gettime(clock: clockid_t, now: *mut timespec) -> c_int => crate::green::scheduling::clock_gettime }
hook! { always fn timer_create(clock: clockid_t, event: *mut sigevent, timer: *mut timer_t) -> c_int => timers::timer_create }
hook! { always fn timer_delete(timer: timer_t) -> c_int => timers::timer_delete }
