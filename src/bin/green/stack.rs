//! `green stack PID [THREAD]`: backtraces of green threads.

use crate::facts::{report, ThreadFacts};
use crate::frames::Stack;
use crate::groups::{self, Group};
use crate::output::put;
use crate::thread::{State, Thread};
use crate::unwind::backtrace;
use crate::waits::Waits;
use crate::which::Which;
use crate::Answer;
use std::process::ExitCode;

/// Prints the backtraces of green threads that wait; equal ones once
///
/// Function and source line where there is debug information, else the library. Reads the process's memory from outside, as a
/// debugger does and with the same permission: it may be running, stopped, or hang. A thread that runs just now is on a kernel thread,
/// and its stack is gdb's to show; in a core file, it's shown too, and first of all where the process got the signal that ended it.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
    /// One thread only, or those of one name: what `green ps` prints, the id or the name
    thread: Option<String>,
    /// Show libgreen's own frames too
    #[arg(short, long)]
    all: bool,
    /// Show each thread by itself, those with equal stacks too
    #[arg(short, long)]
    each: bool,
    /// The same as JSON: each thread, with all frames
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Answer {
    args.which.look(|waits| say(args, waits))
}

fn say(args: &Args, waits: &Waits) -> Answer {
    let is_meant = |t: &&Thread| args.thread.as_deref().is_none_or(|wanted| is_called(t, wanted));
    let meant: Vec<&Thread> = waits.threads.iter().filter(is_meant).collect();
    if let (true, Some(wanted)) = (meant.is_empty(), &args.thread) {
        return Err(format!("{} has no green thread {wanted}", waits.process.memory.name()));
    }
    if args.json {
        let threads = meant.iter().map(|thread| ThreadFacts::with_frames(waits, thread)).collect();
        put(&report(waits, threads)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut groups = if args.each {
        meant.chunks(1).flat_map(|one| groups::of(waits, one)).collect()
    } else {
        groups::of(waits, &meant)
    };
    // What the process died of comes first.
    groups.sort_by_key(|group| !group.threads.iter().any(|thread| has_ended_it(waits, thread)));
    let of_others = args.thread.is_none().then(|| ended_by_no_green_thread(args, waits)).flatten();
    let of_groups = groups.iter().map(|group| render(args, waits, group));
    for (n, text) in of_others.into_iter().chain(of_groups).enumerate() {
        let apart = if n > 0 { "\n" } else { "" };
        put(&format!("{apart}{text}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a thread is the one that is asked for: by its id, or its name.
fn is_called(thread: &Thread, wanted: &str) -> bool {
    let digits = wanted.strip_prefix("0x").unwrap_or(wanted);
    u64::from_str_radix(digits, 16) == Ok(thread.id) || thread.shown_name() == wanted
}

fn render(args: &Args, waits: &Waits, group: &Group) -> String {
    let memory = waits.process.memory;
    let mut text = group.head(waits) + "\n" + &group.stack.text(waits.symbols, args.all);
    if let (State::Running { kernel_thread }, Stack::Unseen) = (&group.threads[0].state, &group.stack) {
        text += &match memory.lives() {
            true => {
                format!("  (its frames are gdb's to show: gdb -p {}, then `thread find {kernel_thread}`)\n", memory.pid)
            }
            false => "  (the core lacks its registers)\n".to_string(),
        };
    }
    text
}

/// Whether a core's process got the signal that ended it while this thread ran.
fn has_ended_it(waits: &Waits, thread: &Thread) -> bool {
    let State::Running { kernel_thread } = thread.state else { return false };
    let memory = waits.process.memory;
    let on_it = memory.dumped(kernel_thread, thread.id).map(|dumped| dumped.id);
    on_it.is_some() && on_it == memory.ending().map(|(dumped, _)| dumped.id)
}

/// The thread of the kernel's that got that signal, if it ran no green thread then.
fn ended_by_no_green_thread(args: &Args, waits: &Waits) -> Option<String> {
    let (dumped, what) = waits.process.memory.ending()?;
    if waits.threads.iter().any(|thread| has_ended_it(waits, thread)) {
        return None;
    }
    let (frames, why) = backtrace(waits.process.memory, waits.symbols, &dumped.left, waits.process.outermost);
    let stack = Stack::Frames(frames, why).text(waits.symbols, args.all);
    Some(format!("kernel thread {}, which ran no green thread: {what}\n{stack}", dumped.id))
}
