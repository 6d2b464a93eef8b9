//! What a green thread is: a coroutine that is a pthread, with its own stack, thread-local storage and thread
//! control block. Called by `hooks/`; stands on `wait/` and `hub/`.

mod block;
pub mod cancel;
mod create;
mod exit;
pub mod facts;
pub mod join;
mod keys;
mod limit;
mod native;
mod overflow;
mod pool;
pub mod scheduling;
mod start;
mod thread;
pub mod tls;

pub use create::{attributes_of, create, loop_block};
pub use exit::{main_ended, pthread_exit, running};
pub use native::{after_fork as forget_natives, is_chosen};
pub use overflow::{guard_main, install, is_fault_handler};
pub use pool::trim;
pub use start::call_main;
pub use thread::{adopt_caller, coroutines, describe, from_pthread, host, name_of, start_anew, Green};
