//! GREEN_TRACE and GREEN_STATS=json: what a small threaded program leaves.

use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// How many events the library keeps (`src/trace/mod.rs`).
const KEPT: usize = 64 << 10;

const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int fds[2], rounds;

static void *work(void *name) {
    char c;
    pthread_setname_np(pthread_self(), name);
    for (int i = 0; i < rounds; i++) {
        pthread_mutex_lock(&lock);
        sched_yield();
        pthread_mutex_unlock(&lock);
        sched_yield();
    }
    return read(fds[0], &c, 1) == 1 ? name : NULL;
}

static void some(void) {
    pthread_t ids[2];
    pthread_create(&ids[0], NULL, work, "first \"one\"");
    pthread_create(&ids[1], NULL, work, "second");
    nanosleep(&(struct timespec){0, 2000000}, NULL);
    if (write(fds[1], "ab", 2) != 2)
        exit(3);
    for (int i = 0; i < 2; i++)
        pthread_join(ids[i], NULL);
}

// ROUNDS [fork]
int main(int argc, char **argv) {
    rounds = atoi(argv[1]);
    if (pipe(fds))
        return 2;
    some();
    if (argc > 2) {
        pid_t child = fork();
        if (child == 0) {
            some();
            exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        printf("%d\n", child);
        return status;
    }
    puts("done");
    return 0;
}
"#;

/// A folder that goes when this does.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("green-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A program compiled here; None (told on stderr) without gcc.
    pub fn compile(&self, name: &str, source: &str) -> Option<PathBuf> {
        let (c, program) = (self.path(&format!("{name}.c")), self.path(name));
        fs::write(&c, source).expect("a file");
        match Command::new("gcc").args(["-O1", "-pthread", "-o"]).arg(&program).arg(&c).output() {
            Ok(Output { status, .. }) if status.success() => Some(program),
            Ok(Output { stderr, .. }) => panic!("gcc: {}", String::from_utf8_lossy(&stderr)),
            Err(e) => {
                eprintln!("skipped: no gcc ({e})");
                None
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program, to be run under the library.
pub fn preloaded(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GREEN_")) {
        command.env_remove(name);
    }
    command.env("LD_PRELOAD", crate::library());
    command
}

/// A trace's events, each looked at: has what its kind must have.
fn events(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a trace");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let events = all.as_array().expect("an array").clone();
    for e in &events {
        assert!(e["name"].is_string() && e["pid"].is_u64() && e["tid"].is_u64(), "{e}");
        match e["ph"].as_str() {
            Some("X") => assert!(e["ts"].is_f64() && e["dur"].is_f64() && e["args"]["thread"].is_string(), "{e}"),
            Some("i") => assert!(e["ts"].is_f64() && e["s"] == "t", "{e}"),
            Some("M") => assert!(e["args"]["name"].is_string(), "{e}"),
            _ => panic!("of no kind: {e}"),
        }
    }
    events
}

fn of_kind<'e>(events: &'e [Value], kind: &'e str) -> impl Iterator<Item = &'e Value> {
    events.iter().filter(move |e| e["ph"] == kind)
}

fn names(events: &[Value], kind: &str) -> HashSet<String> {
    of_kind(events, kind).map(|e| e["name"].as_str().unwrap_or("").to_string()).collect()
}

#[test]
fn runs_parks_and_wake_ups_of_named_threads() {
    let folder = Folder::new("trace-small");
    let Some(program) = folder.compile("program", SOURCE) else { return };
    let path = folder.path("trace.json");
    let out = preloaded(&program).arg("10").env("GREEN_TRACE", &path).output().expect("it runs");
    assert!(out.status.success() && out.stdout == b"done\n" && out.stderr.is_empty(), "{out:?}");
    let events = events(&path);
    let runs = names(&events, "X");
    for name in ["first \"one\"", "second", "main"] {
        assert!(runs.contains(name), "{name} in {runs:?}");
    }
    let instants = names(&events, "i");
    for name in ["park: read", "park: sleep", "park: join", "wake-up"] {
        assert!(instants.contains(name), "{name} in {instants:?}");
    }
    // Whatever ran, ran on a carrier that has a name.
    let carriers: HashSet<u64> =
        of_kind(&events, "M").filter(|e| e["name"] == "thread_name").filter_map(|e| e["tid"].as_u64()).collect();
    assert!(of_kind(&events, "X").all(|e| e["tid"].as_u64().is_some_and(|tid| carriers.contains(&tid))));
    // Two runs on one carrier are one after the other.
    for carrier in carriers {
        let mut spans: Vec<(f64, f64)> = of_kind(&events, "X")
            .filter(|e| e["tid"] == carrier)
            .filter_map(|e| Some((e["ts"].as_f64()?, e["dur"].as_f64()?)))
            .collect();
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(spans.windows(2).all(|w| w[0].0 + w[0].1 <= w[1].0 + 0.01), "{spans:?}");
    }
    // What has been and ended says so.
    assert!(of_kind(&events, "X").any(|e| e["name"] == "second" && e["args"]["then"] == "ends"));
}

#[test]
fn a_long_trace_is_bounded() {
    let folder = Folder::new("trace-long");
    let Some(program) = folder.compile("program", SOURCE) else { return };
    let path = folder.path("trace.json");
    let out = preloaded(&program).arg("100000").env("GREEN_TRACE", &path).output().expect("it runs");
    assert!(out.status.success(), "{out:?}");
    let events = events(&path);
    let kept =
        events.iter().filter(|e| e["ph"] != "M" && !e["name"].as_str().unwrap_or("").starts_with("park")).count();
    assert!(kept <= KEPT && kept > KEPT / 2, "{kept}");
    assert!(events.len() <= 2 * KEPT + 300, "{}", events.len());
}

#[test]
fn a_forked_child_has_a_file_of_its_own() {
    let folder = Folder::new("trace-fork");
    let Some(program) = folder.compile("program", SOURCE) else { return };
    let path = folder.path("trace.json");
    let out = preloaded(&program).args(["10", "fork"]).env("GREEN_TRACE", &path).output().expect("it runs");
    assert!(out.status.success(), "{out:?}");
    let child = String::from_utf8_lossy(&out.stdout).trim().parse::<u64>().expect("its id");
    let childs = events(&folder.path(&format!("trace.json.{child}")));
    assert!(childs.iter().all(|e| e["pid"] == child) && names(&childs, "X").contains("second"));
    let parents = events(&path);
    assert!(parents.iter().all(|e| e["pid"] == parents[0]["pid"] && e["pid"] != child));
    assert!(names(&parents, "X").contains("second"));
}

#[test]
fn a_trace_that_cannot_be_written_is_told_in_one_line() {
    let folder = Folder::new("trace-nowhere");
    let Some(program) = folder.compile("program", SOURCE) else { return };
    let path = folder.path("nowhere/trace.json");
    let out = preloaded(&program).arg("10").env("GREEN_TRACE", &path).output().expect("it runs");
    let told = format!("libgreen: GREEN_TRACE: can't write {} (errno 2: no such file or folder)\n", path.display());
    assert!(out.status.success() && out.stdout == b"done\n", "{out:?}");
    assert_eq!(String::from_utf8_lossy(&out.stderr), told);
}

#[test]
fn counters_as_json() {
    let folder = Folder::new("stats");
    let Some(program) = folder.compile("program", SOURCE) else { return };
    let check = |line: &str| {
        let counters: Value = serde_json::from_str(line).expect("JSON");
        assert!(counters["pid"].is_u64() && counters["switches"].as_u64() > Some(0), "{counters}");
        assert_eq!(counters["threads"], 2, "{counters}");
    };
    let out = preloaded(&program).arg("10").env("GREEN_STATS", "json").output().expect("it runs");
    check(&String::from_utf8_lossy(&out.stderr));
    let path = folder.path("stats.json");
    for _ in 0..2 {
        let setting = format!("json:{}", path.display());
        let out = preloaded(&program).arg("10").env("GREEN_STATS", setting).output().expect("it runs");
        assert!(out.stderr.is_empty(), "{out:?}");
    }
    let text = fs::read_to_string(&path).expect("the counters");
    assert_eq!(text.lines().count(), 2);
    text.lines().for_each(check);
}

#[test]
fn a_process_that_is_terminated_writes_both_first() {
    let folder = Folder::new("terminated");
    let source = SOURCE.replace("puts(\"done\");", "puts(\"done\"); fflush(stdout); for (;;) pause();");
    let Some(program) = folder.compile("program", &source) else { return };
    let (counters, trace) = (folder.path("counters"), folder.path("trace.json"));
    let mut process = preloaded(&program)
        .arg("10")
        .env("GREEN_STATS", format!("json:{}", counters.display()))
        .env("GREEN_TRACE", &trace)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    let out = process.stdout.take().expect("a pipe");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("its line");
    assert_eq!(line, "done\n");
    // SAFETY: plain kill(2) of our own child.
    assert_eq!(unsafe { libc::kill(process.id() as i32, libc::SIGTERM) }, 0);
    let status = process.wait().expect("its end");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(libc::SIGTERM));
    let counters: Value = serde_json::from_slice(&fs::read(&counters).expect("counters")).expect("JSON");
    assert_eq!(counters["threads"], 2, "{counters}");
    assert!(names(&events(&trace), "X").contains("second"));
}
