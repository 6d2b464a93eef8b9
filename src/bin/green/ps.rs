//! `green ps PID`: every green thread, and what it waits for.

use crate::facts::{report, ThreadFacts};
use crate::listing;
use crate::output::put;
use crate::thread::{in_states, name_width};
use crate::waits::Waits;
use crate::which::Which;
use crate::Answer;
use std::fmt::Write;
use std::process::ExitCode;

/// Lists every green thread of a process, and what it waits for; without a process, those that run under libgreen
///
/// Reads the process's memory from outside, as a debugger does and with the same permission: it may be running, stopped, or hang.
/// Of a core file, waits are counted up to the file's date, if it's of this machine since it was booted, else to when the process last
/// looked at the clock. (Take cores that the kernel wrote: gdb's gcore leaves out stacks with guard regions, Linux 6.13.)
///
/// A thread without a name has its start function's, in parentheses.
#[derive(clap::Args)]
#[command(mut_arg("process", |process| process.required(false)))]
pub struct Args {
    #[command(flatten)]
    which: Which,
    /// The same as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Answer {
    if !args.which.is_given() {
        return listing::run(args.json);
    }
    args.which.look(|waits| {
        let text = match args.json {
            true => {
                let threads = waits.threads.iter().map(|thread| ThreadFacts::of(waits, thread)).collect();
                report(waits, threads)?
            }
            false => render(waits),
        };
        put(&text)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn render(waits: &Waits) -> String {
    let (process, threads) = (waits.process, waits.threads);
    let title = process.memory.title();
    let mut text = format!("{title}: {} green threads: {}\n", threads.len(), in_states(threads));
    let hubs: Vec<String> =
        process.hub_threads().iter().enumerate().map(|(n, id)| format!("hub {n} on {id}")).collect();
    if !hubs.is_empty() {
        let _ = writeln!(text, "kernel threads of hubs: {}", hubs.join(", "));
    }
    if !process.memory.lives() {
        let _ = writeln!(text, "waits are counted up to {}", process.counted_to.words());
    }
    let width = name_width(threads);
    let _ = writeln!(text, "{:<16} {:<width$} {:<8} {:>9} {:>4}  what", "thread", "name", "state", "seconds", "hub");
    for t in threads {
        let (state, seconds, what) = waits.state(t);
        let seconds = seconds.map_or(String::new(), |s| format!("{s:.3}"));
        let hub = t.hub.map_or(String::new(), |n| n.to_string());
        let line = format!("{:<16x} {:<width$} {state:<8} {seconds:>9} {hub:>4}  {what}", t.id, t.shown_name());
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
