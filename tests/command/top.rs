//! `green top --once`, of a program that waits in several ways.

use crate::trace::{preloaded, Folder};
use crate::{green, said};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

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
    return read(0, &c, 1) == 1;
}
"#;

/// Ended when this goes.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn one_picture() {
    let folder = Folder::new("top");
    let Some(program) = folder.compile("program", SOURCE) else { return };
    let child = preloaded(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut child = Running(child);
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().expect("a pipe")).read_line(&mut line).expect("it says so");
    assert_eq!(line, "ready\n");
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
