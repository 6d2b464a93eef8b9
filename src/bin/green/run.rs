//! `green run -- program arguments`: the program, with libgreen preloaded.

use crate::launch::{self, Refusal};
use crate::output::{put, refuse, tell};
use crate::reach::{self, Reach};
use crate::shell::quoted;
use crate::value::ValueOf;
use crate::variables::{self, Variable};
use crate::{preload, Answer};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs a program under libgreen
///
/// Sets LD_PRELOAD, with libgreen.so first and what was there behind it, and the variables that the options stand for; then the
/// program takes this command's place. A program that LD_PRELOAD can't reach runs natively, and a line on stderr says so.
///
/// Exit status: the program's; 127 if there is no such program, 126 if it can't be executed, 125 if libgreen.so isn't found,
/// what --lib names isn't it, or what --dry-run prints can't be written, 2 for a wrong option or value.
#[derive(clap::Args)]
#[command(override_usage = "green run [OPTIONS] [--] PROGRAM [ARGUMENT]...")]
pub struct Args {
    #[arg(long, value_name = "N", help = meaning("GREEN_HUBS"))]
    hubs: Option<OsString>,

    #[arg(long, value_name = "SIZE", help = meaning("GREEN_STACK"))]
    stack: Option<OsString>,

    #[arg(
        long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, num_args = 0..=1, require_equals = true, default_missing_value = "1",
        help = meaning("GREEN_STATS"))]
    stats: Option<OsString>,

    #[arg(
        long, value_name = "KIND", value_parser = ValueOf("GREEN_HUB"), hide_possible_values = true,
        help = meaning("GREEN_HUB"))]
    hub: Option<OsString>,

    #[arg(long, value_name = "NAMES", help = meaning("GREEN_NATIVE"))]
    native: Option<OsString>,

    #[arg(long, value_name = "N", help = meaning("GREEN_HANDOFF_MS"))]
    handoff_ms: Option<OsString>,

    /// libgreen.so, if it isn't beside this command or in ../lib
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    lib: Option<PathBuf>,

    /// Sets a variable of the environment: another of libgreen's (`green config` lists them), or any
    #[arg(short, long, value_name = "NAME=VALUE")]
    env: Vec<OsString>,

    /// Prints the environment and the command instead, as a shell would take them
    #[arg(long)]
    dry_run: bool,

    /// The program and its arguments
    #[arg(
        required = true, trailing_var_arg = true, value_name = "PROGRAM",
        value_hint = clap::ValueHint::CommandWithArguments)]
    command: Vec<OsString>,
}

/// A variable's meaning, for --help.
fn meaning(name: &str) -> String {
    let help = variables::find(name.as_bytes()).map_or("", |v| v.help);
    format!("{name}: {help}")
}

pub fn run(args: &Args) -> Answer {
    Ok(run_or_refuse(args).unwrap_or_else(|Refusal { status, why }| refuse(&why, status)))
}

fn run_or_refuse(args: &Args) -> Result<ExitCode, Refusal> {
    let mut environment = Environment(std::env::vars_os().collect());
    for (name, value) in settings(args).map_err(|why| Refusal { status: 2, why })? {
        environment.set(&name, value);
    }
    let library = preload::library(args.lib.as_deref()).map_err(|why| Refusal { status: 125, why })?;
    let path = environment.get("PATH");
    let file = launch::find(&args.command[0], path)?;
    let reach = reach::look(&file, path);
    if reach.hurdle.as_ref().is_none_or(|h| !h.harms) {
        let value = preload::compose(&library, environment.get("LD_PRELOAD"));
        environment.set(OsStr::new("LD_PRELOAD"), value);
    }
    if let Some(line) = warning(&reach) {
        tell(&line);
    }
    if args.dry_run {
        let text = render(&environment, &reach, &file, &args.command[1..]);
        return put(&text).map(|()| ExitCode::SUCCESS).map_err(|why| Refusal { status: 125, why });
    }
    Err(launch::replace_self(&file, &args.command, &environment.0))
}

/// The variables that the options and -e stand for, in that order; an error is one line.
fn settings(args: &Args) -> Result<Vec<(OsString, OsString)>, String> {
    let options = [
        ("GREEN_HUBS", args.hubs.clone()),
        ("GREEN_STACK", args.stack.clone()),
        ("GREEN_STATS", args.stats.as_deref().map(absolute)),
        ("GREEN_HUB", args.hub.clone()),
        ("GREEN_NATIVE", args.native.clone()),
        ("GREEN_HANDOFF_MS", args.handoff_ms.clone()),
    ];
    let mut all: Vec<_> =
        options.into_iter().filter_map(|(name, value)| value.map(|v| (OsString::from(name), v))).collect();
    for entry in &args.env {
        let bytes = entry.as_bytes();
        match bytes.iter().position(|&b| b == b'=') {
            Some(at) if at > 0 => all.push((os(&bytes[..at]), os(&bytes[at + 1..]))),
            _ => return Err(format!("-e {} isn't NAME=VALUE", entry.to_string_lossy())),
        }
    }
    all.iter().try_for_each(|(name, value)| check(name, value))?;
    Ok(all)
}

fn os(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

/// The library takes absolute paths only: a daemon changes its folder. A word before a colon is a format's name (`json:file`).
fn absolute(value: &OsStr) -> OsString {
    let stats = variables::find(b"GREEN_STATS");
    if stats.is_some_and(|v| v.accepts(value.as_bytes())) {
        return value.to_owned();
    }
    let bytes = value.as_bytes();
    let start = bytes.iter().position(|&b| b == b':').map_or(0, |at| at + 1);
    let (format, file) = bytes.split_at(if bytes[..start].contains(&b'/') { 0 } else { start });
    let file = std::path::absolute(Path::new(OsStr::from_bytes(file))).unwrap_or_default();
    os(&[format, file.as_os_str().as_bytes()].concat())
}

/// Whether one of libgreen's variables takes this value.
fn check(name: &OsStr, value: &OsStr) -> Result<(), String> {
    let (bytes, shown) = (name.as_bytes(), name.to_string_lossy());
    if !bytes.starts_with(b"GREEN_") || variables::is_foreign(bytes) {
        return Ok(());
    }
    match variables::find(bytes) {
        None => Err(format!("{shown} is not a variable of libgreen's (`green config` lists them)")),
        Some(v) if v.accepts(value.as_bytes()) => Ok(()),
        Some(Variable { takes, .. }) => {
            Err(format!("{shown}={} makes no sense: it takes {takes}", value.to_string_lossy()))
        }
    }
}

/// What must be said of a program that LD_PRELOAD doesn't reach.
fn warning(Reach { files, hurdle }: &Reach) -> Option<String> {
    let hurdle = hurdle.as_ref()?;
    let subject = match &files[..] {
        [script, .., last] => format!("{} is run by {}, which", script.display(), last.display()),
        _ => format!("{}", files[0].display()),
    };
    Some(format!("{subject} {}", hurdle.why))
}

/// The variables that are libgreen's or were set here, and the command, as lines that a shell takes; what runs a script is told in a comment.
fn render(environment: &Environment, reach: &Reach, file: &Path, arguments: &[OsString]) -> String {
    let mut text = String::new();
    if let [script, rest @ ..] = &reach.files[..] {
        let mut runs = script;
        for by in rest {
            text += &format!("# {} is a script, run by {}\n", runs.display(), by.display());
            runs = by;
        }
    }
    for (name, value) in &environment.0 {
        let bytes = name.as_bytes();
        let is_ours = name == "LD_PRELOAD" || bytes.starts_with(b"GREEN_") && !variables::is_foreign(bytes);
        if is_ours || std::env::var_os(name).as_ref() != Some(value) {
            text += &format!("{}={} \\\n", name.to_string_lossy(), quoted(value));
        }
    }
    let command = std::iter::once(file.as_os_str()).chain(arguments.iter().map(OsString::as_os_str));
    text + &command.map(quoted).collect::<Vec<_>>().join(" ") + "\n"
}

/// The environment, in the order in which it came.
struct Environment(Vec<(OsString, OsString)>);

impl Environment {
    fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_os_str())
    }

    fn set(&mut self, name: &OsStr, value: OsString) {
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }
}
