//! Processes.

use super::hook;
use crate::process;
use libc::pid_t;

hook! { active fn fork() -> pid_t => process::fork::fork }
hook! { active fn vfork() -> pid_t => process::fork::fork }
