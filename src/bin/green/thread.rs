//! A green thread as it was when it was looked at.

use crate::table::Cause;

#[derive(Clone)]
pub struct Thread {
    /// Its pthread_t.
    pub id: u64,
    pub name: String,
    /// Its start function's name, if it has no name and that is known (`starts`).
    pub start: String,
    /// glibc's id, which locks have for their owner.
    pub tid: u32,
    pub state: State,
    /// The number of the hub that it ran on last.
    pub hub: Option<usize>,
    /// Its start routine; 0 for the first thread.
    pub routine: u64,
    /// How it goes on, if it doesn't run; in a core, where it ran.
    pub left: Option<Left>,
    /// Where its record is.
    pub record: u64,
}

#[derive(Clone)]
pub enum State {
    Running {
        kernel_thread: u32,
    },
    /// Queued, or about to be.
    Ready,
    Waiting {
        wait: Wait,
        seconds: f64,
    },
    Ended,
}

/// How many are in which state, in words.
pub fn in_states(threads: &[Thread]) -> String {
    let count = |f: fn(&State) -> bool| threads.iter().filter(|t| f(&t.state)).count();
    format!(
        "{} running, {} ready, {} waiting, {} ended",
        count(|s| matches!(s, State::Running { .. })),
        count(|s| matches!(s, State::Ready)),
        count(|s| matches!(s, State::Waiting { .. })),
        count(|s| matches!(s, State::Ended)),
    )
}

/// How wide a column of their names is, if it isn't to be too wide.
pub fn name_width(threads: &[Thread]) -> usize {
    const LEAST: usize = 16;
    const MOST: usize = 40;
    threads.iter().map(|thread| thread.shown_name().chars().count()).max().unwrap_or(0).clamp(LEAST, MOST)
}

/// One wait of one thread: it isn't another one as long as this is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    pub cause: Option<Cause>,
    pub on: u64,
    /// When it began, in cycles.
    pub since: u64,
}

/// The registers of a thread that doesn't run (any more), as far as they were saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    pub rip: u64,
    pub rsp: u64,
    pub rbp: u64,
    pub rbx: u64,
    /// r12 to r15; a coroutine's lie somewhere on its stack.
    pub others: Option<[u64; 4]>,
    /// Whether it's at a return address; else it was interrupted somewhere.
    pub has_called: bool,
}

impl Thread {
    /// Its name; else its start function's, in parentheses; nothing if neither is known.
    pub fn shown_name(&self) -> String {
        match (self.name.as_str(), self.start.as_str()) {
            ("", "") => String::new(),
            ("", start) => format!("({start})"),
            (name, _) => name.to_string(),
        }
    }

    /// For people: its id and its name, or its start function's.
    pub fn called(&self) -> String {
        match (self.name.as_str(), self.start.as_str()) {
            ("", "") => format!("{:x}", self.id),
            ("", name) | (name, _) => format!("{:x} ({name})", self.id),
        }
    }

    /// The same in short: its name, or else its id.
    pub fn called_in_short(&self) -> String {
        match self.name.as_str() {
            "" => self.called(),
            name => name.to_string(),
        }
    }
}
