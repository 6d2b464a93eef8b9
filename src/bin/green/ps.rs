//! `green ps PID`: every green thread, and what it waits for.

use crate::memory::Which;
use crate::output::put;
use crate::process::{in_states, Thread};
use crate::waits::Waits;
use crate::Answer;
use std::fmt::Write;
use std::process::ExitCode;

/// Lists every green thread of a process, and what it waits for
///
/// Reads the process's memory from outside, as a debugger does and with the same permission: it may be running, stopped, or hang.
/// Of a core file, waits are counted up to the file's date, if it's of this machine since it was booted, else to when the process last
/// looked at the clock. (Take cores that the kernel wrote: gdb's gcore leaves out stacks with guard regions, Linux 6.13.)
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
}

pub fn run(args: &Args) -> Answer {
    args.which.look(|process, threads| {
        let memory = process.memory;
        put(&render(&memory.name(), &process.hub_threads(), &Waits::new(memory, threads), threads))?;
        Ok(ExitCode::SUCCESS)
    })
}

fn render(process: &str, hubs: &[u32], waits: &Waits, threads: &[Thread]) -> String {
    let mut text = format!("{process}: {} green threads: {}\n", threads.len(), in_states(threads));
    let hubs: Vec<String> = hubs.iter().enumerate().map(|(n, id)| format!("hub {n} on {id}")).collect();
    let _ = writeln!(text, "kernel threads of hubs: {}", hubs.join(", "));
    let _ = writeln!(text, "{:<16} {:<16} {:<8} {:>9} {:>4}  what", "thread", "name", "state", "seconds", "hub");
    for t in threads {
        let (state, seconds, what) = waits.state(t);
        let seconds = seconds.map_or(String::new(), |s| format!("{s:.3}"));
        let hub = t.hub.map_or(String::new(), |n| n.to_string());
        let line = format!("{:<16x} {:<16} {state:<8} {seconds:>9} {hub:>4}  {what}", t.id, t.name);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
