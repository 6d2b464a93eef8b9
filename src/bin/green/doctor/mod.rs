//! `green doctor ./server`: whether libgreen helps a program, said without running it.
//!
//! `elf` reads a file, `program` finds it and says what it is, `libraries` (and `cache`) what it loads, `threads` whether it
//! makes any, `imports` what of it is hooked (`blocking`: which names may wait), `machine` what there is to run on; `verdict`
//! draws the conclusion, and `text` prints it all. `--json` prints the same report.

mod blocking;
mod cache;
mod elf;
mod imports;
mod libraries;
mod lossy;
mod machine;
mod program;
mod text;
mod threads;
mod verdict;

use crate::output::{put, refuse};
use crate::privileges::Privileges;
use crate::Answer;
use lossy::Lossy;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Says whether libgreen helps a program, and what to do, without running it
///
/// Exit status: 0 it helps (or may), 1 it works but will not help, 2 it cannot work, 3 the file can't be read or is no program. (Wrong arguments: 2, and nothing on stdout.)
#[derive(clap::Args)]
pub struct Args {
    /// The program, or a script: then its interpreter is examined
    program: PathBuf,
    /// Print the report as JSON: the same facts, with every name
    #[arg(long)]
    json: bool,
    /// Name every library and function
    #[arg(short, long)]
    verbose: bool,
    /// libgreen.so, if not the one that's beside this command or in ../lib
    #[arg(long, value_name = "PATH")]
    lib: Option<PathBuf>,
}

/// All that's found. Its keys are the JSON's: they stay.
#[derive(Serialize)]
struct Report {
    file: Lossy,
    program: program::Program,
    libraries: Vec<Loaded>,
    threads: threads::Threads,
    imports: imports::Imports,
    machine: machine::Machine,
    verdict: verdict::Verdict,
}

/// What `--json` prints in its place if there's nothing to say about the file.
#[derive(Serialize)]
struct NoReport<'a> {
    file: Lossy,
    error: &'a str,
}

/// A library that's loaded at the start; no path: it isn't found.
#[derive(Serialize)]
struct Loaded {
    name: String,
    path: Option<Lossy>,
}

/// The status of a file that there's nothing to say about, or that it can't be printed. (1 is a verdict.)
const NOTHING_SAID: u8 = 3;

pub fn run(args: &Args) -> Answer {
    Ok(say(args).unwrap_or_else(|why| refuse(&why, NOTHING_SAID)))
}

fn say(args: &Args) -> Answer {
    let report = match examine(args) {
        Err(error) if args.json => {
            let nothing = NoReport { file: Lossy(args.program.clone()), error: &error };
            put(&(serde_json::to_string_pretty(&nothing).map_err(|e| e.to_string())? + "\n"))?;
            return Err(error);
        }
        report => report?,
    };
    let text = if args.json {
        serde_json::to_string_pretty(&report).map_err(|e| e.to_string())? + "\n"
    } else {
        text::render(&report, args.verbose)
    };
    put(&text)?;
    Ok(ExitCode::from(report.verdict.exit_status))
}

fn examine(args: &Args) -> Result<Report, String> {
    let target = program::open(&args.program)?;
    let hooks = imports::hooks(args.lib.as_deref())?;
    let privileges =
        Privileges::of(&target.path).map_err(|e| format!("{}: {}", target.path.display(), elf::unreadable(&e)))?;
    let found = if target.elf.is_ours && target.elf.is_dynamic {
        libraries::find(&target.elf, &target.path, privileges.any())
    } else {
        Vec::new()
    };
    let program = program::describe(&target, privileges, &found);
    let threads = threads::find(&target.elf, &found);
    let imports = imports::find(&target, &program.name(), &found, hooks.as_ref());
    let verdict = verdict::reach(&target.called, args.lib.as_deref(), &program, &threads, &imports, hooks.as_ref());
    let libraries = found.into_iter().map(|l| Loaded { name: l.name, path: l.path.map(Lossy) }).collect();
    let machine = machine::look();
    Ok(Report { file: Lossy(args.program.clone()), program, libraries, threads, imports, machine, verdict })
}
