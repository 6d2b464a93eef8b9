//! `green generate DIR`, hidden: man pages and shell completions, from the arguments' own definitions and the table of variables.
//! `make install` calls it.

use crate::variables::VARIABLES;
use crate::{Answer, Cli};
use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::{Generator, Shell};
use clap_mangen::Man;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Writes man pages and shell completions into a folder (man1, man7, bash, zsh, fish)
#[derive(clap::Args)]
#[command(hide = true)]
pub struct Args {
    /// The folder; made if it isn't there
    folder: PathBuf,
    /// Where README, examples and the like will be installed, which the manual names
    #[arg(long, value_name = "FOLDER", default_value = "/usr/local/share/doc/libgreen")]
    doc: String,
}

pub fn run(args: &Args) -> Answer {
    write(&args.folder, &args.doc).map_err(|e| format!("{}: {e}", args.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, doc: &str) -> io::Result<()> {
    let within = |name: &str| {
        let inner = folder.join(name);
        fs::create_dir_all(&inner).map(|()| inner)
    };
    let man1 = within("man1")?;
    let mut whole = visible().disable_help_subcommand(true);
    whole.build();
    for command in whole.get_subcommands().chain([&whole]) {
        fs::write(man1.join(format!("{}.1", called(command))), manual(command, &whole)?)?;
    }
    fs::write(within("man7")?.join("libgreen.7"), page(doc))?;
    for (shell, name) in [(Shell::Bash, "bash"), (Shell::Zsh, "zsh"), (Shell::Fish, "fish")] {
        // Into memory: this panics where it can't write.
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut visible(), "green", &mut text);
        if shell == Shell::Bash {
            text = with_programs(&String::from_utf8_lossy(&text)).into_bytes();
        }
        fs::write(within(name)?.join(shell.file_name("green")), text)?;
    }
    Ok(())
}

/// The command without what is hidden, which completions would offer.
fn visible() -> Command {
    let whole = Cli::command();
    let shown = whole.get_subcommands().filter(|sub| !sub.is_hide_set()).cloned();
    let about = whole.get_about().cloned().unwrap_or_default();
    let shown = shown.map(|sub| sub.mut_args(hinted));
    Command::new("green")
        .version(env!("CARGO_PKG_VERSION"))
        .about(about)
        .subcommands(shown)
        .subcommand_required(true)
        .subcommand_value_name("COMMAND")
}

/// What to complete: files for paths, and nothing (rather than files) for numbers and the like.
fn hinted(argument: Arg) -> Arg {
    match argument.get_value_hint() {
        ValueHint::AnyPath => argument.value_hint(ValueHint::FilePath),
        ValueHint::Unknown if takes_value(&argument) && argument.get_possible_values().is_empty() => {
            argument.value_hint(ValueHint::Other)
        }
        _ => argument,
    }
}

fn takes_value(argument: &Arg) -> bool {
    argument.get_action().takes_values()
}

/// bash's completions, with those of what `green run` runs.
fn with_programs(text: &str) -> String {
    let whole = visible();
    let run = whole.find_subcommand("run").into_iter().flat_map(Command::get_opts);
    let apart = run.filter(|o| takes_value(o) && !o.is_require_equals_set());
    let names = apart.flat_map(|o| [o.get_short().map(|c| format!("-{c}")), o.get_long().map(|l| format!("--{l}"))]);
    let names: Vec<String> = names.flatten().collect();
    let function = include_str!("run.bash").replace("@OPTIONS@", &names.join(" | "));
    // Defined last, and named where the shell is told of it.
    text.replace("complete -F _green ", "complete -F _green_run ") + &function
}

/// The name of a command's page.
fn called(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// A page of section 1.
fn manual(command: &Command, whole: &Command) -> io::Result<String> {
    let mut text = Vec::new();
    Man::new(command.clone()).source(concat!("green ", env!("CARGO_PKG_VERSION"))).render(&mut text)?;
    let mut text = String::from_utf8_lossy(&text).replace('…', "...");
    // Its synopsis leaves out what options take.
    for option in command.get_opts().filter(|o| takes_value(o)) {
        let (name, value) = (option.get_long().unwrap_or_default(), option.get_value_names().unwrap_or_default());
        let name = format!("\\fB\\-\\-{}\\fR", escaped(name));
        text = text.replacen(&format!("[{name}]"), &format!("[{name} \\fI{}\\fR]", escaped(&value.join(" "))), 1);
    }
    let is_whole = called(command) == called(whole);
    let others: Vec<&str> = if is_whole { whole.get_subcommands().map(called).collect() } else { vec!["green"] };
    let others = others.iter().map(|name| format!(".BR {} (1),\n", escaped(name)));
    let tail = if is_whole { include_str!("green.1") } else { "" };
    Ok(format!("{text}{tail}.SH \"SEE ALSO\"\n{}.BR libgreen (7)\n", others.collect::<String>()))
}

/// libgreen(7): the text beside this file, with the version, the variables and a place put in.
fn page(doc: &str) -> String {
    let variables = VARIABLES.iter().map(|v| {
        let (takes, help) = (escaped(&v.takes.to_string()), escaped(v.help));
        format!(".TP\n.BR {} \" (default: {})\"\n{help}.\nTakes {takes}.\n", v.name, escaped(v.default))
    });
    include_str!("libgreen.7")
        .replace("@DOC@", &escaped(doc))
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@VARIABLES@\n", &variables.collect::<String>())
}

/// As roff takes it for plain text.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('…', "...").replace('"', "\\(dq").replace('\'', "\\(aq")
}
