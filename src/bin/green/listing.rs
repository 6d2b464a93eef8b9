//! `green ps` without a process: those that run under libgreen.

use crate::absent::has_library;
use crate::escape::escaped;
use crate::facts::json;
use crate::memory::Memory;
use crate::output::put;
use crate::process::Process;
use crate::status::variable;
use crate::thread::State;
use crate::Answer;
use serde::Serialize;
use std::fmt::Write;
use std::fs;
use std::process::ExitCode;

/// Its keys are the JSON's: they stay.
#[derive(Serialize)]
struct Listed {
    pid: i32,
    /// None: why isn't in the list is in `note`.
    threads: Option<Counts>,
    note: Option<String>,
    command: String,
}

#[derive(Serialize)]
struct Counts {
    running: usize,
    ready: usize,
    waiting: usize,
    ended: usize,
}

pub fn run(as_json: bool) -> Answer {
    let listed: Vec<Listed> = processes().into_iter().filter_map(look).collect();
    put(&if as_json { json(&listed)? } else { render(&listed) })?;
    Ok(ExitCode::SUCCESS)
}

/// All that there are.
fn processes() -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut pids: Vec<i32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable();
    pids
}

/// None: it doesn't run under libgreen, or may not be looked at.
fn look(pid: i32) -> Option<Listed> {
    // To look into every file of every process would take long: a library of another name is in LD_PRELOAD.
    if !has_library(pid) && variable(pid, "LD_PRELOAD").is_none_or(|value| value.is_empty()) {
        return None;
    }
    let memory = Memory::of(pid).ok()?;
    memory.find_table().ok()?;
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<String> = command.split(|&b| b == 0).filter(|word| !word.is_empty()).map(escaped).collect();
    let command = words.join(" ");
    Some(match Process::read(&memory) {
        Ok(mut process) => {
            let threads = process.threads();
            let count = |is_it: fn(&State) -> bool| threads.iter().filter(|thread| is_it(&thread.state)).count();
            let counts = Counts {
                running: count(|s| matches!(s, State::Running { .. })),
                ready: count(|s| matches!(s, State::Ready)),
                waiting: count(|s| matches!(s, State::Waiting { .. })),
                ended: count(|s| matches!(s, State::Ended)),
            };
            Listed { pid, threads: Some(counts), note: None, command }
        }
        Err(why) => Listed { pid, threads: None, note: Some(why), command },
    })
}

fn render(listed: &[Listed]) -> String {
    if listed.is_empty() {
        return "no process that you may look at runs under libgreen\n".to_string();
    }
    let mut text = format!("{:>8} {:>8} {:>8} {:>8}  command\n", "process", "running", "ready", "waiting");
    for Listed { pid, threads, note, command } in listed {
        let counts = match threads {
            Some(c) => [c.running, c.ready, c.waiting].map(|n| n.to_string()),
            None => ["-", "-", "-"].map(str::to_string),
        };
        let note = note.as_ref().map_or(String::new(), |note| format!("  ({note})"));
        let _ = writeln!(text, "{pid:>8} {:>8} {:>8} {:>8}  {command}{note}", counts[0], counts[1], counts[2]);
    }
    text
}
