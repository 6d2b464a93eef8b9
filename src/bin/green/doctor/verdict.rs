//! The end of it all: whether libgreen helps, in one sentence, and what to do.

use super::elf::{version_of, Version};
use super::imports::{Hooks, Imports};
use super::program::Program;
use super::threads::{Answer, Threads};
use crate::shell::quoted;
use serde::Serialize;
use std::ffi::OsString;
use std::path::Path;

#[derive(Serialize)]
pub struct Verdict {
    /// `helps`, `may help`, `will not help` or `cannot work`.
    pub word: &'static str,
    pub sentence: String,
    /// 0, 0, 1, 2.
    pub exit_status: u8,
}

/// The oldest glibc whose threads are understood.
const OLDEST: Version = (2, 34);

/// `called` is the program as the user would call it, `library` what was named by --lib.
pub fn reach(
    called: &Path,
    library: Option<&Path>,
    program: &Program,
    threads: &Threads,
    imports: &Imports,
    hooks: Option<&Hooks>,
) -> Verdict {
    if let Some(why) = obstacle(program, hooks) {
        return Verdict { word: "cannot work", sentence: format!("Cannot work: {why}."), exit_status: 2 };
    }
    let run = how_to_run(called, library, program, imports);
    let name = program.name();
    match threads.answer {
        Answer::Yes if is_interpreter(&name) => Verdict {
            word: "helps",
            sentence: format!("Helps if what {name} runs makes threads, which it can; {run}."),
            exit_status: 0,
        },
        Answer::Yes if threads.event_loop.is_empty() => Verdict {
            word: "helps",
            sentence: format!("Helps: it's linked with glibc and makes threads, which will be green; {run}."),
            exit_status: 0,
        },
        Answer::Yes => Verdict {
            word: "helps",
            sentence: format!(
                "Helps where a thread serves one connection, not in its event loop: it's linked with glibc and makes threads; {run}."
            ),
            exit_status: 0,
        },
        Answer::May => Verdict {
            word: "may help",
            sentence: format!(
                "May help: {}; {run}, and see by `green ps PID` whether it has green threads.",
                match &threads.suspects()[..] {
                    [] => "its names are hidden, so it can't be seen whether it makes threads".to_string(),
                    [one] => format!("it makes no threads itself, but {one} can"),
                    [one, ..] => format!("it makes no threads itself, but {one} and other libraries can"),
                }
            ),
            exit_status: 0,
        },
        Answer::No if !program.scripts.is_empty() => Verdict {
            word: "may help",
            sentence: format!(
                "May help: {name}, which runs the script, makes no threads, but the programs that the script starts inherit the \
                 library: ask about those; {run}."
            ),
            exit_status: 0,
        },
        Answer::No => Verdict {
            word: "will not help",
            sentence: format!("Works but will not help: {}; run it as ever.", idle(imports)),
            exit_status: 1,
        },
    }
}

/// Why a program without threads has no use for it, and when that might be wrong.
fn idle(imports: &Imports) -> &'static str {
    if imports.dlopen.is_empty() {
        "nothing in it makes threads"
    } else {
        "nothing in it makes threads (unless a plug-in does that it loads by dlopen)"
    }
}

/// The two ways, as a shell takes them. A script that isn't executable is its interpreter's argument.
fn how_to_run(called: &Path, library: Option<&Path>, program: &Program, imports: &Imports) -> String {
    let mut words = vec![quoted(called.as_os_str())];
    if !program.script_is_executable {
        words.insert(0, quoted(program.path.as_os_str()));
    }
    let words = words.join(" ");
    let preload = imports.libgreen.as_deref().unwrap_or(Path::new("/path/to/libgreen.so"));
    let named = library.map_or(String::new(), |library| format!("--lib {} ", quoted(library.as_os_str())));
    format!(
        "run it as `{} run {named}{words}` or `LD_PRELOAD={} {words}`",
        quoted(&this_command()),
        quoted(preload.as_os_str())
    )
}

/// This command as it was called: a shell found it so.
fn this_command() -> OsString {
    std::env::args_os().next().filter(|name| !name.is_empty()).unwrap_or(OsString::from("green"))
}

/// The first reason why it can't run green, and what to do about it.
fn obstacle(p: &Program, hooks: Option<&Hooks>) -> Option<String> {
    if !p.is_ours {
        return Some(format!(
            "it's {}, and libgreen is for programs of 64-bit x86; get such a build of it, or run it as ever",
            p.machine
        ));
    }
    if p.go {
        return Some(
            "it's a Go program, which makes its threads and system calls by itself, past libc; \
             run it as ever (goroutines are green threads already)"
                .to_string(),
        );
    }
    if !p.is_dynamic() && p.packed {
        return Some(
            "it's packed by UPX, and what's packed can't be seen; unpack a copy (`upx -d`) and ask again".to_string(),
        );
    }
    if !p.is_dynamic() {
        return Some("it's statically linked, so LD_PRELOAD doesn't reach it; get a dynamically linked build of it, or run it as ever".to_string());
    }
    match p.libc {
        Some("glibc") => {}
        Some("musl") => {
            return Some(
                "it's linked with musl, and libgreen needs glibc; get a build of it for glibc, or run it as ever"
                    .to_string(),
            )
        }
        _ => {
            return Some(
                "it's linked with a libc that libgreen doesn't know; get a build of it for glibc, or run it as ever"
                    .to_string(),
            )
        }
    }
    let least = hooks.and_then(|hooks| hooks.needs_glibc).unwrap_or(OLDEST).max(OLDEST);
    let installed = p.glibc_installed.as_deref();
    match installed.map(version_of) {
        None => {
            return Some(
                "its libc.so.6 isn't to be found on this machine, so it doesn't start at all; install it".to_string(),
            )
        }
        Some(Some(version)) if version < least => {
            return Some(format!(
                "its glibc is {}, and libgreen needs {}.{} or later; run it on a newer system, or as ever",
                installed.unwrap_or_default(),
                least.0,
                least.1
            ))
        }
        _ => {}
    }
    if let (Some(Some(has)), Some(Some(needs))) = (installed.map(version_of), p.glibc_needed.as_deref().map(version_of))
    {
        if has < needs {
            return Some(format!(
                "it needs glibc {}.{}, and this machine has {}.{}, so it doesn't start at all; run it on a newer system",
                needs.0, needs.1, has.0, has.1
            ));
        }
    }
    if let Some(sanitizer) = p.sanitizer {
        return Some(format!("it's built with {sanitizer}, which doesn't know of threads that are switched outside the kernel; use a build without it"));
    }
    if p.is_privileged() {
        let by_id = p.setuid.is_some() || p.setgid.is_some();
        let whom = if by_id { "everybody else" } else { "everybody but root" };
        return Some(format!(
            "it's {}, so the loader ignores LD_PRELOAD for {whom}; start a copy without that (cp makes one) as the user that \
             it should run as, with CAP_NET_BIND_SERVICE as an ambient capability if it needs a low port",
            privileges(p)
        ));
    }
    if !p.is_executable {
        return Some(
            "it isn't executable, so it doesn't start at all; make it so (chmod +x) and ask again".to_string(),
        );
    }
    None
}

/// Which privileges its file has, in words.
pub fn privileges(p: &Program) -> String {
    let who = |id: u32, kind: &str| if id == 0 { "root".to_string() } else { format!("{kind} {id}") };
    let mut all = Vec::new();
    all.extend(p.setuid.map(|id| format!("setuid ({})", who(id, "user"))));
    all.extend(p.setgid.map(|id| format!("setgid ({})", who(id, "group"))));
    if p.file_capabilities {
        all.push("a file with capabilities".to_string());
    }
    all.join(" and ")
}

fn is_interpreter(name: &str) -> bool {
    ["python", "pypy", "perl", "ruby", "php", "lua", "tclsh", "java"].iter().any(|stem| name.starts_with(stem))
}
