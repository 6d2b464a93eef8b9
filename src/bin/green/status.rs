//! What the kernel says of a living process (proc(5)).

use crate::escape::escaped;
use crate::variables;
use std::fs;

pub struct Status {
    /// Its letter.
    state: u8,
    /// The process: what was asked for may be one of its threads.
    process: i32,
    parent: i32,
    is_kernels: bool,
}

impl Status {
    /// Of a process, or a thread; None if there's none of that id.
    pub fn of(pid: i32) -> Option<Status> {
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let status = fs::read(format!("/proc/{pid}/status")).ok()?;
        Self::parse(&stat, &status)
    }

    fn parse(stat: &[u8], status: &[u8]) -> Option<Status> {
        /// PF_KTHREAD (linux/sched.h).
        const KERNELS: u64 = 0x0020_0000;
        // The name, which comes second, is in parentheses and may have some of its own.
        let after_name = &stat[stat.iter().rposition(|&b| b == b')')? + 1..];
        let fields: Vec<&str> = std::str::from_utf8(after_name).ok()?.split_whitespace().collect();
        let flags: u64 = fields.get(6)?.parse().ok()?;
        let process = status.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(b"Tgid:"))?;
        Some(Status {
            state: *fields.first()?.as_bytes().first()?,
            process: std::str::from_utf8(process).ok()?.trim().parse().ok()?,
            parent: fields.get(1)?.parse().ok()?,
            is_kernels: flags & KERNELS != 0,
        })
    }

    /// A word for a state in which it doesn't go on.
    pub fn is_unusual(&self) -> Option<&'static str> {
        match self.state {
            b'T' => Some("stopped"),
            b't' => Some("stopped by a debugger"),
            _ => None,
        }
    }

    /// Why there's nothing to be seen at this id, if that's plain.
    pub fn has_nothing_to_see(&self, pid: i32) -> Option<String> {
        if self.is_kernels {
            return Some(format!("process {pid} is a kernel thread"));
        }
        if self.process != pid {
            let process = called(self.process);
            return Some(format!("{pid} is no process, but a thread of process {process}"));
        }
        let has_ended = self.state == b'Z' && fs::read(format!("/proc/{pid}/maps")).unwrap_or_default().is_empty();
        let parent = called(self.parent);
        has_ended.then(|| format!("process {pid} has ended, and its parent, process {parent}, hasn't collected it"))
    }
}

/// A process's id and name.
pub fn called(pid: i32) -> String {
    let name = fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
    match escaped(name.trim_ascii_end()) {
        name if name.is_empty() => pid.to_string(),
        name => format!("{pid} ({name})"),
    }
}

/// A variable's value in the environment that a process was started with.
pub fn variable(pid: i32, name: &str) -> Option<Vec<u8>> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let value = |entry: &[u8]| Some(entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?.to_vec());
    environment.split(|&b| b == 0).find_map(value)
}

/// Whether the library was told to do nothing.
pub fn is_disabled(pid: i32) -> bool {
    variable(pid, "GREEN_DISABLE").is_some_and(|value| variables::flag(&value) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel() {
        let status = b"Name:\ta\nTgid:\t12\nPid:\t13\n";
        let thread = Status::parse(b"13 (a) b (c)) T 7 12 12 0 -1 64 0", status).expect("a thread's");
        assert_eq!(
            (thread.process, thread.parent, thread.is_kernels, thread.is_unusual()),
            (12, 7, false, Some("stopped"))
        );
        assert!(Status::parse(b"13 (kthreadd) S 0 0 0 0 -1 2129984 0", status).is_some_and(|s| s.is_kernels));
        assert!(Status::parse(b"", status).is_none() && Status::parse(b"13 (a", b"").is_none());
    }
}
