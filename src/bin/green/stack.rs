//! `green stack PID [THREAD]`: backtraces of green threads that don't run.

use crate::memory::Which;
use crate::output::put;
use crate::process::{Process, State, Thread};
use crate::symbols::{Place, Symbols};
use crate::unwind::{backtrace, Frame};
use crate::waits::Waits;
use crate::Answer;
use std::fmt::Write;
use std::process::ExitCode;

/// Prints the backtrace of each green thread that waits
///
/// Function and source line where there is debug information, else the library. Reads the process's memory from outside, as a
/// debugger does and with the same permission: it may be running, stopped, or hang. A running thread is on a kernel thread, and its
/// stack is gdb's to show.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
    /// One thread only: what `green ps` prints for it, its id or its name
    thread: Option<String>,
    /// Show libgreen's own frames too
    #[arg(short, long)]
    all: bool,
}

pub fn run(args: &Args) -> Answer {
    args.which.look(|process, threads| say(args, process, threads))
}

fn say(args: &Args, process: &Process, threads: &[Thread]) -> Answer {
    let memory = process.memory;
    let is_meant = |t: &&Thread| args.thread.as_deref().is_none_or(|wanted| is_called(t, wanted));
    let meant: Vec<&Thread> = threads.iter().filter(is_meant).collect();
    if let (true, Some(wanted)) = (meant.is_empty(), &args.thread) {
        return Err(format!("{} has no green thread {wanted}", memory.name()));
    }
    let waits = Waits::new(memory, threads);
    let symbols = Symbols::of(memory);
    for (n, thread) in meant.iter().enumerate() {
        let apart = if n > 0 { "\n" } else { "" };
        put(&format!("{apart}{}", render(process, &symbols, &waits, thread, args.all)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a thread is the one that is asked for: by its id, or its name.
fn is_called(thread: &Thread, wanted: &str) -> bool {
    let digits = wanted.strip_prefix("0x").unwrap_or(wanted);
    u64::from_str_radix(digits, 16) == Ok(thread.id) || thread.name == wanted
}

fn render(process: &Process, symbols: &Symbols, waits: &Waits, thread: &Thread, all: bool) -> String {
    let (state, seconds, what) = waits.state(thread);
    let mut text = format!("thread {}: ", thread.called());
    let _ = match (&thread.state, seconds) {
        (State::Waiting { .. }, Some(seconds)) => writeln!(text, "waits {seconds:.3} s for {what}"),
        (State::Ended, _) => writeln!(text, "ended, {what}"),
        _ if what.is_empty() => writeln!(text, "{state}"),
        _ => writeln!(text, "{state} {what}"),
    };
    let Some(left) = thread.left else { return text };
    if left.rip == process.outermost {
        let routine = line(symbols, thread.routine, symbols.places(thread.routine).pop().as_ref());
        let _ = writeln!(text, "  hasn't begun; it will run {routine}");
        return text;
    }
    let (frames, why) = backtrace(process.memory, symbols, &left, process.outermost);
    let mut n = 0;
    let mut row = |text: &mut String, line: &str| {
        let _ = writeln!(text, "  #{n:<3} {line}");
        n += 1;
    };
    let is_ours = |frame: &Frame| symbols.object(frame.at).is_some_and(|o| o.is_ours());
    let mut rest = &frames[..];
    while let Some((frame, others)) = rest.split_first() {
        let folded = rest.iter().take_while(|f| !all && is_ours(f)).count();
        if folded > 0 {
            // Named for what the program called; at the outer end nobody has called it.
            let last = &rest[folded - 1];
            rest = &rest[folded..];
            if !rest.is_empty() {
                let place = symbols.places(last.at).pop();
                let name = place.and_then(|p| p.function).unwrap_or_default();
                let name = name.split('+').next().unwrap_or("");
                row(&mut text, format!("{name} (libgreen)").trim_start());
            }
            continue;
        }
        rest = others;
        if frame.is_signal {
            row(&mut text, "(a signal handler was called)");
            continue;
        }
        for place in symbols.places(frame.at) {
            row(&mut text, &line(symbols, frame.at, Some(&place)));
        }
    }
    if let Some(why) = why {
        let _ = writeln!(text, "  ({why})");
    }
    text
}

/// `function+0x1a (file.c:42)`, or `function+0x1a (library.so)`, or `0x1234 (library.so)`, or an address.
fn line(symbols: &Symbols, address: u64, place: Option<&Place>) -> String {
    let object = symbols.object(address);
    let function = place.and_then(|p| p.function.clone());
    let function =
        function.unwrap_or_else(|| format!("{:#x}", object.as_ref().map_or(address, |o| o.file_address(address))));
    let inlined = if place.is_some_and(|p| p.is_inlined) { ", inlined" } else { "" };
    match (place.and_then(|p| p.line.as_deref()), object) {
        (Some(source), _) => format!("{function} ({source}{inlined})"),
        (None, Some(object)) => format!("{function} ({}{inlined})", object.name()),
        (None, None) => function,
    }
}

/// Where the program itself waits: the innermost frame that is neither ours nor libc's. And which of our hooks it has called.
pub fn place_of_wait(process: &Process, symbols: &Symbols, thread: &Thread) -> (Option<String>, String) {
    let Some(left) = thread.left else { return (None, String::new()) };
    let (frames, _) = backtrace(process.memory, symbols, &left, process.outermost);
    let ours = frames.iter().take_while(|f| symbols.object(f.at).is_some_and(|o| o.is_ours())).last();
    let hook = ours.and_then(|f| symbols.places(f.at).pop()?.function).unwrap_or_default();
    let theirs = frames.iter().find(|f| symbols.object(f.at).is_some_and(|o| !o.is_system()));
    let place = theirs.map(|f| line(symbols, f.at, symbols.places(f.at).first()));
    (place, hook.split('+').next().unwrap_or("").to_string())
}
