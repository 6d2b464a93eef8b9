//! Whether a program makes threads, by what it and its libraries import.

use super::elf::Elf;
use super::libraries::{self, Library};
use serde::Serialize;

#[derive(Serialize)]
pub struct Threads {
    pub answer: Answer,
    /// By what the program itself does.
    pub program: Vec<String>,
    /// What libraries could: each with what by.
    pub libraries: Vec<ByLibrary>,
    /// What the program itself runs an event loop by: its threads may be a few that serve that.
    pub event_loop: Vec<String>,
}

#[derive(Serialize)]
pub struct ByLibrary {
    pub library: String,
    pub names: Vec<String>,
    /// It's known to make a few for its own work at most: they don't make a threaded program of a plain one.
    pub own_work_only: bool,
}

#[derive(Serialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    Yes,
    /// Only libraries can, or its names can't be read.
    May,
    No,
}

/// What makes a thread: what's imported, and what people call it.
const MAKERS: [(&str, &str); 2] = [("pthread_create", "pthread_create"), ("thrd_create", "thrd_create")];

/// The same by way of a library, whose own import of pthread_create says only that it could.
const WRAPPERS: [(&str, &str); 12] = [
    ("g_thread_new", "g_thread_new"),
    ("g_thread_try_new", "g_thread_try_new"),
    ("g_thread_pool_new", "g_thread_pool_new"),
    ("uv_thread_create", "uv_thread_create"),
    ("uv_thread_create_ex", "uv_thread_create_ex"),
    ("uv_queue_work", "uv_queue_work"),
    ("apr_thread_create", "apr_thread_create"),
    ("PR_CreateThread", "PR_CreateThread"),
    ("SDL_CreateThread", "SDL_CreateThread"),
    ("PyThread_start_new_thread", "PyThread_start_new_thread"),
    ("_ZN7QThread5startENS_8PriorityE", "QThread::start"),
    ("_ZN5boost6thread21start_thread_noexceptEv", "boost::thread"),
];

/// Libraries that make a few threads for their own work, when asked: to compress, to watch a file, to close one. So many programs
/// load them that they'd say nothing.
const OWN_WORK: [&str; 8] = [
    "libzstd.so.",
    "liblzma.so.",
    "libselinux.so.",
    "libsystemd.so.",
    "libsystemd-shared",
    "libcrypto.so.",
    "libkrb5support.so.",
    "libext2fs.so.",
];

/// What waits for events of many connections at once.
const LOOPS: [&str; 9] = [
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "event_base_loop",
    "event_base_dispatch",
    "event_loop",
    "uv_run",
    "ev_run",
    "g_main_loop_run",
];

/// C++11's threads, with whatever arguments its release gives them.
const CXX: &str = "_ZNSt6thread15_M_start_thread";

impl Threads {
    /// The libraries that may make threads that serve the program's own purpose.
    pub fn suspects(&self) -> Vec<String> {
        self.libraries.iter().filter(|l| !l.own_work_only).map(|l| l.library.clone()).collect()
    }
}

pub fn find(program: &Elf, all: &[Library]) -> Threads {
    let by_program = names(program, true);
    let libraries: Vec<ByLibrary> = all
        .iter()
        // C++'s library has std::thread for those that ask for it, and they are seen by that.
        .filter(|l| !libraries::is_libc(&l.name) && !l.name.starts_with("libstdc++."))
        .filter_map(|l| Some((l, names(l.elf.as_ref()?, false))))
        .filter(|(_, names)| !names.is_empty())
        .map(|(l, names)| {
            let own_work_only = OWN_WORK.iter().any(|stem| l.name.starts_with(stem));
            ByLibrary { library: l.name.clone(), names, own_work_only }
        })
        .collect();
    let answer = if !by_program.is_empty() {
        Answer::Yes
    } else if libraries.iter().any(|l| !l.own_work_only) || program.names_are_lost {
        Answer::May
    } else {
        Answer::No
    };
    let event_loop =
        LOOPS.iter().filter(|name| program.imports.contains(**name)).map(|name| name.to_string()).collect();
    Threads { answer, program: by_program, libraries, event_loop }
}

fn names(elf: &Elf, with_wrappers: bool) -> Vec<String> {
    let wrappers = if with_wrappers { &WRAPPERS[..] } else { &[] };
    let known = MAKERS.iter().chain(wrappers).filter(|(name, _)| elf.imports.contains(*name));
    let cxx = elf.imports.iter().any(|name| name.starts_with(CXX)).then(|| "std::thread".to_string());
    known.map(|(_, called)| called.to_string()).chain(cxx).collect()
}
