//! `green top --once`, of a program that waits in several ways.

use crate::looked_at::LookedAt;
use crate::trace::{preloaded, Folder};
use crate::{green, said};
use std::ffi::CStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *waits(void *none) {
    pthread_setname_np(pthread_self(), "waits");
    pthread_mutex_lock(&lock);
    return none;
}

static void *naps(void *none) {
    pthread_setname_np(pthread_self(), "naps");
    for (;;)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    return none;
}

int main(void) {
    pthread_t id;
    char c;
    pthread_mutex_lock(&lock);
    pthread_create(&id, NULL, waits, NULL);
    pthread_create(&id, NULL, naps, NULL);
    sleep(0);
    nanosleep(&(struct timespec){0, 50000000}, NULL);
    puts("ready");
    fflush(stdout);
    if (read(0, &c, 1) == 1)
        execlp("sleep", "sleep", "1000", NULL);
    return 1;
}
"#;

/// Ended when this goes.
struct Running(Child);

impl Running {
    /// The program, once its threads wait.
    fn start(folder: &Folder) -> Option<Running> {
        let program = folder.compile("program", SOURCE)?;
        let child = preloaded(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
        let mut child = Running(child);
        let mut line = String::new();
        BufReader::new(child.0.stdout.take().expect("a pipe")).read_line(&mut line).expect("it says so");
        assert_eq!(line, "ready\n");
        Some(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn one_picture() {
    let folder = Folder::new("top");
    let Some(child) = Running::start(&folder) else { return };
    let pid = child.0.id().to_string();
    let (status, out, err) = said(&mut green(&["top", "--once", "--interval", "0.3", &pid]));
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.starts_with(&format!("process {pid}: 3 green threads: ")), "{out}");
    for part in
        ["waiting for: read 1, ", "lock 1", "per second", "switches", "parks sleep", "handoffs", "held by", "main"]
    {
        assert!(out.contains(part), "{part} in {out}");
    }
    let rate = out.split_once("timers").and_then(|(_, rest)| rest.split_whitespace().next()?.parse::<u64>().ok());
    assert!(rate.is_some_and(|n| n > 0), "{out}");
    // The one that naps has waited for the shortest time, or doesn't just now.
    let threads: Vec<&str> = out.lines().filter(|l| l.contains("waiting  ")).collect();
    assert!(threads.first().is_some_and(|t| !t.contains("naps")), "{out}");
    let (status, out, _) = said(&mut green(&["top", "--once", "--interval", "0.1", "--size", "60x12", &pid]));
    assert!(status == 0 && out.lines().count() <= 12 && out.lines().all(|l| l.chars().count() <= 60), "{out}");
    let (status, _, err) = said(&mut green(&["top", &pid]));
    assert!(status == 1 && err.contains("--once"), "{err}");
}

#[test]
fn who_runs_comes_first() {
    let Some(process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&["sleeper          waiting", "locker           waiting", "hog              running"]);
    let (status, out, err) = said(&mut green(&["top", "--once", "--interval", "0.1", &process.pid()]));
    assert_eq!((status, err.as_str()), (0, ""));
    let first = out.lines().skip_while(|line| !line.starts_with("thread ")).nth(1).unwrap_or_default();
    assert_eq!(first.split_whitespace().nth(1), Some("hog"), "{out}");
}

/// The longest way down ends where the last line is the last thread.
#[test]
fn scrolling_ends_with_the_list() {
    let Some(process) = LookedAt::start("alike") else { return };
    process.until_ps_says(&["54 green threads", "the end of thread"]);
    let (mut terminal, its_end) = terminal();
    let mut top = live(&process.pid(), &its_end);
    let mut shown = Vec::new();
    until(&mut terminal, &mut shown, "arrows scroll");
    // By name main is the last one: the others have none, and begin with a parenthesis. (Only cells that change are drawn.)
    shown.clear();
    terminal.write_all(b"n").expect("a terminal");
    until(&mut terminal, &mut shown, "\u{25be}");
    shown.clear();
    terminal.write_all(b"\x1b[F\x1b[6~\x1b[6~").expect("a terminal");
    until(&mut terminal, &mut shown, "main");
    assert!(String::from_utf8_lossy(&shown).contains("(left+0),"), "{:?}", String::from_utf8_lossy(&shown));
    terminal.write_all(b"q").expect("a terminal");
    assert!(top.0.wait().expect("it ends").success());
}

#[test]
fn what_makes_no_sense() {
    let (status, _, err) = said(&mut green(&["top", "--once", "999999999"]));
    assert_eq!((status, err.as_str()), (1, "green: there is no process 999999999\n"));
    let me = std::process::id().to_string();
    let (status, _, err) = said(&mut green(&["top", "--once", &me]));
    assert!(status == 1 && err.contains("doesn't run under libgreen"), "{err}");
    let (status, _, err) = said(&mut green(&["top", "--once", "--interval", "0", &me]));
    assert!(status == 2 && err.contains("from 0.05 to 3600"), "{err}");
    let (status, _, err) = said(&mut green(&["top", "--once", "--size", "big", &me]));
    assert!(status == 2 && err.contains("110x32"), "{err}");
}

/// What ends it leaves the terminal as it was.
#[test]
fn a_signal_leaves_the_terminal_as_it_was() {
    let Some(process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&["sleeper          waiting"]);
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM] {
        let (mut terminal, its_end) = terminal();
        let before = settings(&its_end);
        let mut child = live(&process.pid(), &its_end);
        let mut shown = Vec::new();
        // Its last line is there once it has drawn the picture.
        until(&mut terminal, &mut shown, "arrows scroll");
        assert_ne!(settings(&its_end), before);
        // SAFETY: plain kill(2) of our own child, which wasn't waited for.
        unsafe { libc::kill(child.0.id() as i32, signal) };
        assert_eq!(child.0.wait().expect("it ends").signal(), Some(signal));
        assert_eq!(settings(&its_end), before, "{signal}");
        // The other screen is left, the cursor is shown.
        until(&mut terminal, &mut shown, "\x1b[?1049l");
        let shown = String::from_utf8_lossy(&shown);
        assert!(shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l"), "{signal}: {shown:?}");
    }
}

#[test]
fn a_terminal_that_goes() {
    let Some(process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&["sleeper          waiting"]);
    let (mut terminal, its_end) = terminal();
    let mut top = live(&process.pid(), &its_end);
    until(&mut terminal, &mut Vec::new(), "arrows scroll");
    drop(terminal);
    let end = Instant::now() + Duration::from_secs(60);
    while matches!(top.0.try_wait(), Ok(None)) {
        assert!(Instant::now() < end, "it goes on");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_process_that_executes_another_program() {
    let folder = Folder::new("top-exec");
    let Some(mut process) = Running::start(&folder) else { return };
    let (mut terminal, its_end) = terminal();
    let mut top = live(&process.0.id().to_string(), &its_end);
    let mut shown = Vec::new();
    until(&mut terminal, &mut shown, "arrows scroll");
    process.0.stdin.take().expect("a pipe").write_all(b"x").expect("it reads");
    until(&mut terminal, &mut shown, &format!("process {} has executed another program", process.0.id()));
    assert!(top.0.wait().expect("it ends").success());
}

/// `green top` on a terminal.
fn live(pid: &str, terminal: &File) -> Running {
    let end = || Stdio::from(terminal.try_clone().expect("a descriptor"));
    let mut top = green(&["top", "--interval", "0.2", pid]);
    Running(top.stdin(end()).stdout(end()).stderr(end()).spawn().expect("it runs"))
}

/// A terminal of 24 lines: the end that shows it, and the program's.
fn terminal() -> (File, File) {
    let size = libc::winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    let mut name = [0; 64];
    // SAFETY: a new descriptor, nobody else's, and objects of ours.
    let shows = unsafe {
        let shows = File::from_raw_fd(libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC));
        let fd = shows.as_raw_fd();
        assert_eq!((libc::unlockpt(fd), libc::ioctl(fd, libc::TIOCSWINSZ, &size)), (0, 0), "a terminal");
        assert_eq!(libc::ptsname_r(fd, name.as_mut_ptr().cast(), name.len()), 0);
        shows
    };
    let name = CStr::from_bytes_until_nul(&name).expect("a name").to_str().expect("a plain name");
    (shows, File::options().read(true).write(true).custom_flags(libc::O_NOCTTY).open(name).expect("its other end"))
}

/// What it does with what's typed, and printed.
fn settings(terminal: &File) -> [u32; 4] {
    // SAFETY: tcgetattr(3) into an object of ours, for which zeros will do.
    unsafe {
        let mut now: libc::termios = std::mem::zeroed();
        assert_eq!(libc::tcgetattr(terminal.as_raw_fd(), &mut now), 0);
        [now.c_iflag, now.c_oflag, now.c_cflag, now.c_lflag]
    }
}

/// Reads what's shown until it has these words.
fn until(terminal: &mut File, shown: &mut Vec<u8>, words: &str) {
    let mut piece = [0; 4096];
    while !String::from_utf8_lossy(shown).contains(words) {
        let mut wish = libc::pollfd { fd: terminal.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: poll(2) with one object of ours.
        let has_more = unsafe { libc::poll(&mut wish, 1, 60_000) } == 1;
        assert!(has_more, "no {words:?}: {:?}", String::from_utf8_lossy(shown));
        let n = terminal.read(&mut piece).expect("more of it");
        shown.extend_from_slice(&piece[..n]);
    }
}
