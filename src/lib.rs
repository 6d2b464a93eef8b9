//! libgreen: `LD_PRELOAD=libgreen.so ./server` runs the threads of an unmodified pthread program as coroutines on an
//! epoll hub.
//!
//! # The map
//!
//! | room | what is in it |
//! | --- | --- |
//! | [`hooks`] | the surface: one short `hook!` per libc name; nothing else. A new hook goes here |
//! | [`io`], [`sync`], [`process`] | policy: what a blocking call means, said in terms of waiting |
//! | [`green`] | what a green thread is: stack, TLS and control block, start, exit, join |
//! | [`wait`] | how a thread waits: for a wake-up, at an address, for an fd |
//! | [`hub`] | what runs green threads: run queue, timers, fd listeners, poller (epoll, poll, select or io_uring), carriers, the watcher |
//! | [`runtime`] | activation: from dormant to hubs, at the first pthread_create |
//! | [`audit`] | who keeps a carrier for long, and where (GREEN_DEBUG_BLOCKING) |
//! | [`inspect`] | what `green ps` reads of a process from outside |
//! | [`config`], [`stats`], [`trace`], [`report`] | GREEN_* variables, counters, the timeline, lines to the user |
//! | [`sys`], [`below`] | the only ways out: to the kernel, and to the functions that we interpose |
//! | `valgrind` | what that is told of stacks |
//! | [`heap`], [`lock`], [`list`], [`depth`] | our own memory, spin lock and queue, since malloc and mutexes are the program's; when its signal handlers may run |
//!
//! hooks → io, sync, process, green → wait → hub → sys. Nothing points back up (but for who asks `runtime` whether
//! the process is active).
//!
//! # The life of one recv()
//!
//! 1. The program calls `recv`; the dynamic linker has bound the name to ours ([`hooks`], `sockets.rs`).
//! 2. [`hub::current`] loads one thread-local word. Null: the process is dormant or the thread isn't green; the real
//!    recv is called, and that's all.
//! 3. [`io::socket::recv`] looks the fd up ([`io::known`]): a socket, so the attempt will be recv with MSG_DONTWAIT.
//! 4. [`wait::trampoline::blocking`] is the engine. If the last recv was short and no edge has come since, the
//!    attempt is known to fail and isn't made. Else it's made; data, the end or an error is the answer. On EAGAIN the
//!    program's own O_NONBLOCK decides whether that is the answer.
//! 5. [`wait::trampoline::trampoline`] puts a listener and a waiter on the thread's own stack, registers the fd with
//!    the hub's poller if it's the first time ([`hub::listeners`]), and parks.
//! 6. [`hub::Task::suspend`] switches to the carrier's loop ([`hub::carrier`]), which puts its own thread pointer
//!    back, marks the waiter as parked, and runs the next ready thread, or waits in epoll ([`hub::Hub`]).
//! 7. Data comes: an edge. The listener's waiter fires, the task goes to the back of the run queue, and in its turn
//!    the carrier sets FS to its thread control block and resumes it, in step 5, to try again.
//!
//! And a thread that doesn't come back: the watcher ([`hub::watcher`]) sees the hub in one run for too long, takes it away
//! (`hub::tenure`) and gives it to a spare carrier ([`hub::spares`]). The thread goes on where it is, and is queued again when
//! it gives up the processor.
//!
//! # Start-up, in order
//!
//! 1. The constructor reads GREEN_* and resolves the real functions of all hooks.
//! 2. main runs inside a boundary of ours (`__libc_start_main` is a hook), so that it may pthread_exit.
//! 3. The first pthread_create activates ([`runtime`]). Until then each hook is a load, a branch and the real call.

#![warn(clippy::undocumented_unsafe_blocks)]
#![allow(clippy::missing_safety_doc)] // Policy functions are as unsafe as the libc calls they stand for.

mod atomic;
pub mod audit;
pub mod below;
pub mod config;
mod depth;
pub mod green;
mod heap;
// In a unit test's program the hooks would interpose the test harness itself.
#[cfg(not(test))]
pub mod hooks;
pub mod hub;
pub mod inspect;
pub mod io;
mod list;
mod lock;
mod output;
pub mod process;
pub mod report;
pub mod runtime;
pub mod stats;
pub mod sync;
pub mod sys;
pub mod trace;
mod valgrind;
pub mod variables;
pub mod wait;

#[global_allocator]
static HEAP: heap::Heap = heap::Heap::new();

/// In the child of a fork, before anything is allocated.
fn heap_after_fork() {
    // SAFETY: the child has only the calling thread.
    unsafe { HEAP.after_fork() }
}
