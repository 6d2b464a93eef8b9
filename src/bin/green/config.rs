//! `green config`: the GREEN_* variables, from the library's own table (`src/variables.rs`), and what they are set to: here, or in
//! a process.

use crate::escape::escaped;
use crate::launch::plain;
use crate::output::put;
use crate::variables::{self, Variable, VARIABLES};
use crate::Answer;
use std::fmt::Write;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;

/// Prints every GREEN_* variable: default, values that it takes, meaning, and its value here; or those that a process was started with
///
/// Of a process it's what the kernel keeps: the environment that the program began with, unless it has written something else there,
/// as some do to change their title. The same permission is needed as for `green ps`.
///
/// Exit status 1 if a variable is set to something that makes no sense, or isn't one of the library's.
#[derive(clap::Args)]
pub struct Args {
    /// A process, whose settings are printed instead
    #[arg(value_name = "PID", value_parser = clap::value_parser!(i32).range(1..), conflicts_with = "markdown")]
    process: Option<i32>,
    /// As rows of a Markdown table, as in the README
    #[arg(long)]
    markdown: bool,
}

pub fn run(args: &Args) -> Answer {
    if args.markdown {
        let rows = VARIABLES.iter().map(|v| format!("| `{}` | {} | {} |\n", v.name, v.default, v.help));
        put(&format!("| variable | default | meaning |\n| --- | --- | --- |\n{}", rows.collect::<String>()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (text, wrong) = match args.process {
        Some(pid) => of_process(pid, &environment(pid)?),
        None => here(&std::env::vars_os().map(|(name, value)| (name.into_vec(), value.into_vec())).collect::<Vec<_>>()),
    };
    put(&text)?;
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A name and a value.
type Setting = (Vec<u8>, Vec<u8>);

/// The whole table, with what is set here; and whether something of that makes no sense.
fn here(environment: &[Setting]) -> (String, bool) {
    let width = width();
    let (mut text, mut wrong) = (String::new(), false);
    for v in VARIABLES {
        let _ = writeln!(text, "{:width$}  {}", v.name, v.help);
        let _ = writeln!(text, "{:width$}  default: {}; takes {}", "", v.default, v.takes);
        if let Some((_, value)) = environment.iter().find(|(name, _)| name == v.name.as_bytes()) {
            let verdict = verdict(v, value);
            wrong |= verdict.is_some();
            let _ = writeln!(text, "{:width$}  set here: {}{}", "", escaped(value), verdict.unwrap_or_default());
        }
    }
    for name in strangers(environment) {
        wrong = true;
        let _ = writeln!(text, "{:width$}  set here, but not a variable of libgreen's; ignored", escaped(name));
    }
    (text, wrong)
}

/// What of it a process was started with.
fn of_process(pid: i32, environment: &[Setting]) -> (String, bool) {
    let width = width();
    let (mut text, mut wrong) = (String::new(), false);
    let value_of = |name: &[u8]| environment.iter().find(|(n, _)| n == name).map(|(_, value)| value);
    for v in VARIABLES {
        if let Some(value) = value_of(v.name.as_bytes()) {
            let verdict = verdict(v, value);
            wrong |= verdict.is_some();
            let _ = writeln!(text, "{:width$}  {}{}", v.name, escaped(value), verdict.unwrap_or_default());
        }
    }
    for name in strangers(environment) {
        wrong = true;
        let value = escaped(value_of(name).map_or(&[], |value| value));
        let _ = writeln!(text, "{:width$}  {value}, but it's not a variable of libgreen's; ignored", escaped(name));
    }
    if text.is_empty() {
        let _ = writeln!(text, "process {pid} was started without any GREEN_ variable: its settings are the defaults");
    }
    let preload = value_of(b"LD_PRELOAD").map_or("not set".to_string(), |value| escaped(value));
    let _ = writeln!(text, "{:width$}  {preload}", "LD_PRELOAD");
    (text, wrong)
}

fn width() -> usize {
    VARIABLES.iter().map(|v| v.name.len()).max().unwrap_or(0)
}

/// What's wrong with a value.
fn verdict(v: &Variable, value: &[u8]) -> Option<String> {
    let told = || format!(", which makes no sense (it takes {}): the default is used, {}", v.takes, v.default);
    (!v.accepts(value)).then(told)
}

/// The names that look like the library's and aren't, in order.
fn strangers(environment: &[Setting]) -> Vec<&[u8]> {
    let is_ours = |name: &[u8]| variables::find(name).is_some() || variables::is_foreign(name);
    let names = environment.iter().map(|(name, _)| name.as_slice());
    let mut names: Vec<_> = names.filter(|n| n.starts_with(b"GREEN_") && !is_ours(n)).collect();
    names.sort();
    names.dedup();
    names
}

/// The environment of a process. The error is one line.
fn environment(pid: i32) -> Result<Vec<Setting>, String> {
    let bytes = fs::read(format!("/proc/{pid}/environ")).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => format!("there is no process {pid}"),
        io::ErrorKind::PermissionDenied => {
            format!("the environment of process {pid} may not be read: it's another user's, or ptrace is restricted")
        }
        _ => format!("process {pid}: {}", plain(&e)),
    })?;
    let entry = |entry: &[u8]| {
        let at = entry.iter().position(|&b| b == b'=')?;
        Some((entry[..at].to_vec(), entry[at + 1..].to_vec()))
    };
    Ok(bytes.split(|&b| b == 0).filter_map(entry).collect())
}
