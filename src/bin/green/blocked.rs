//! What a kernel thread is blocked in, if it is: for a green thread that's on it and got past libgreen's hooks.

use std::fs;

/// System calls of x86-64 that may wait, and whether the first argument is a descriptor.
const CALLS: [(u32, &str, bool); 46] = [
    (0, "read", true),
    (1, "write", true),
    (3, "close", true),
    (7, "poll", false),
    (16, "ioctl", true),
    (17, "pread", true),
    (18, "pwrite", true),
    (19, "readv", true),
    (20, "writev", true),
    (23, "select", false),
    (34, "pause", false),
    (35, "nanosleep", false),
    (40, "sendfile", true),
    (42, "connect", true),
    (43, "accept", true),
    (44, "sendto", true),
    (45, "recvfrom", true),
    (46, "sendmsg", true),
    (47, "recvmsg", true),
    (61, "wait4", false),
    (65, "semop", false),
    (69, "msgsnd", false),
    (70, "msgrcv", false),
    (72, "fcntl", true),
    (73, "flock", true),
    (74, "fsync", true),
    (75, "fdatasync", true),
    (128, "rt_sigtimedwait", false),
    (130, "rt_sigsuspend", false),
    (162, "sync", false),
    (202, "futex", false),
    (220, "semtimedop", false),
    (230, "clock_nanosleep", false),
    (232, "epoll_wait", true),
    (242, "mq_timedsend", true),
    (243, "mq_timedreceive", true),
    (247, "waitid", false),
    (257, "openat", false),
    (270, "pselect6", false),
    (271, "ppoll", false),
    (275, "splice", true),
    (281, "epoll_pwait", true),
    (288, "accept4", true),
    (295, "preadv", true),
    (296, "pwritev", true),
    (426, "io_uring_enter", true),
];

/// A system call that a thread sleeps in.
#[derive(Debug, PartialEq, Eq)]
pub struct Blocked {
    call: String,
    fd: Option<u64>,
}

impl Blocked {
    /// What a kernel thread of a process sleeps in, as the kernel says (proc(5)). None: it runs, or that may not be seen.
    pub fn look(pid: i32, thread: u32) -> Option<Blocked> {
        let read = |name| fs::read_to_string(format!("/proc/{pid}/task/{thread}/{name}")).ok();
        sleeps(&read("stat")?).then(|| Self::parse(&read("syscall")?)).flatten()
    }

    /// The number and the arguments; `running` if it does.
    fn parse(line: &str) -> Option<Blocked> {
        let mut words = line.split_whitespace();
        let number: u32 = words.next()?.parse().ok()?;
        let first = words.next().and_then(|word| u64::from_str_radix(word.trim_start_matches("0x"), 16).ok());
        Some(match CALLS.iter().find(|call| call.0 == number) {
            Some(&(_, name, takes_fd)) => Blocked { call: name.to_string(), fd: first.filter(|_| takes_fd) },
            None => Blocked { call: format!("system call {number}"), fd: None },
        })
    }

    /// In words, with the descriptor's name.
    pub fn text(&self, file: impl FnOnce(u64) -> String) -> String {
        match self.fd {
            Some(fd) => format!("{} on {}", self.call, file(fd)),
            None => self.call.clone(),
        }
    }
}

/// The state follows the name, which is in parentheses and may have some of its own.
fn sleeps(stat: &str) -> bool {
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    matches!(after_name.trim_start().chars().next(), Some('S' | 'D'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel() {
        let lock = Blocked::parse("73 0xb 0x2 0x0 0x0 0x0 0x0 0x7ffc 0x7f00\n").expect("a call");
        assert_eq!(lock.text(|fd| format!("fd {fd}")), "flock on fd 11");
        assert_eq!(Blocked::parse("running\n"), None);
        assert_eq!(Blocked::parse("-1 0x7ffc 0x7f00").map(|b| b.call), None);
        assert_eq!(Blocked::parse("999 0x0").map(|b| b.call).as_deref(), Some("system call 999"));
        assert!(sleeps("12 (a) b (c)) S 1 2") && !sleeps("12 (S) R 1 2"));
    }
}
