//! Threads' backtraces, as lines for people and as facts for programs.

use crate::process::Process;
use crate::symbols::{Place, Symbols};
use crate::thread::Thread;
use crate::unwind::{backtrace, Frame};
use crate::waits::Waits;
use serde::Serialize;

/// What a thread's stack shows.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Stack {
    /// Nothing can be seen: it runs, or has ended.
    Unseen,
    /// It hasn't begun; it will run this.
    NotBegun(u64),
    /// The innermost frame first, and why they stop short, if they do.
    Frames(Vec<Frame>, Option<&'static str>),
}

/// A frame, or one of those that were inlined into it. Its keys are the JSON's: they stay.
#[derive(Serialize)]
pub struct FrameFacts {
    address: String,
    /// With how far into it.
    function: Option<String>,
    /// file:line
    source: Option<String>,
    object: Option<String>,
    inlined: bool,
    libgreen: bool,
    /// It's what the kernel puts between a signal handler and what that interrupted.
    signal: bool,
}

impl Stack {
    pub fn of(process: &Process, symbols: &Symbols, thread: &Thread) -> Stack {
        match thread.left {
            None => Stack::Unseen,
            Some(left) if left.rip == process.outermost => Stack::NotBegun(thread.routine),
            Some(left) => {
                let (frames, why) = backtrace(process.memory, symbols, &left, process.outermost);
                Stack::Frames(frames, why)
            }
        }
    }

    /// In lines. `all`: with the library's own frames.
    pub fn text(&self, symbols: &Symbols, all: bool) -> String {
        match self {
            Stack::Unseen => String::new(),
            Stack::NotBegun(routine) => {
                let place = symbols.places(*routine).pop();
                format!("  hasn't begun; it will run {}\n", line(symbols, *routine, place.as_ref()))
            }
            Stack::Frames(frames, why) => {
                let rows = rows(symbols, frames, all);
                let are_hidden = rows.is_empty() && !frames.is_empty();
                let rows = rows.iter().enumerate().map(|(n, row)| format!("  #{n:<3} {row}\n"));
                let mut text: String = rows.collect();
                text.extend(are_hidden.then_some("  (within libgreen: --all shows where)\n"));
                text.extend(why.map(|why| format!("  ({why})\n")));
                text
            }
        }
    }

    pub fn facts(&self, symbols: &Symbols) -> Vec<FrameFacts> {
        let Stack::Frames(frames, _) = self else { return Vec::new() };
        let of_frame = |frame: &Frame| {
            let object = symbols.object(frame.at);
            let places = symbols.places(frame.at).into_iter();
            let facts = |place: Place| FrameFacts {
                address: format!("{:#x}", frame.at),
                function: place.function,
                source: place.line,
                object: object.as_ref().map(|o| o.name()),
                inlined: place.is_inlined,
                libgreen: object.as_ref().is_some_and(|o| o.is_ours()),
                signal: frame.is_signal,
            };
            places.map(facts).collect::<Vec<_>>()
        };
        frames.iter().flat_map(of_frame).collect()
    }
}

fn rows(symbols: &Symbols, frames: &[Frame], all: bool) -> Vec<String> {
    /// The library's frame that main returns to: what's beyond is the program's start.
    const START: &str = "::bounded_main";
    let is_ours = |frame: &Frame| symbols.object(frame.at).is_some_and(|o| o.is_ours());
    let mut rows = Vec::new();
    let mut rest = frames;
    while let Some((frame, others)) = rest.split_first() {
        let folded = rest.iter().take_while(|f| !all && is_ours(f)).count();
        if folded > 0 {
            // Named for what the program called; at the outer end nobody has called it.
            let name = function(symbols, rest[folded - 1]);
            rest = &rest[folded..];
            if rest.is_empty() || name.ends_with(START) {
                break;
            }
            rows.push(format!("{name} (libgreen)").trim_start().to_string());
            continue;
        }
        rest = others;
        if frame.is_signal {
            rows.push("(a signal handler was called)".to_string());
            continue;
        }
        rows.extend(symbols.places(frame.at).iter().map(|place| line(symbols, frame.at, Some(place))));
    }
    rows
}

/// The name of a frame's function, if it's known.
fn function(symbols: &Symbols, frame: Frame) -> String {
    let name = symbols.places(frame.at).pop().and_then(|place| place.function).unwrap_or_default();
    name.split('+').next().unwrap_or("").to_string()
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
pub fn place_of_wait(waits: &Waits, thread: &Thread) -> (Option<String>, String) {
    let symbols = waits.symbols;
    let Stack::Frames(frames, _) = Stack::of(waits.process, symbols, thread) else { return (None, String::new()) };
    let ours = frames.iter().take_while(|f| symbols.object(f.at).is_some_and(|o| o.is_ours())).last();
    let hook = ours.map(|&frame| function(symbols, frame)).unwrap_or_default();
    let theirs = frames.iter().find(|f| symbols.object(f.at).is_some_and(|o| !o.is_system()));
    let place = theirs.map(|f| line(symbols, f.at, symbols.places(f.at).first()));
    (place, hook)
}
