//! `green generate DIR`, hidden: man pages and shell completions, from the arguments' own definitions and the table of variables.
//! `make install` calls it.

use crate::variables::VARIABLES;
use crate::{Answer, Cli};
use clap::CommandFactory;
use clap_complete::{Generator, Shell};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Writes man pages and shell completions into a folder (man1, man7, bash, zsh, fish)
#[derive(clap::Args)]
#[command(hide = true)]
pub struct Args {
    /// The folder; made if it isn't there
    folder: PathBuf,
}

pub fn run(args: &Args) -> Answer {
    write(&args.folder).map_err(|e| format!("{}: {e}", args.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path) -> io::Result<()> {
    let within = |name: &str| {
        let inner = folder.join(name);
        fs::create_dir_all(&inner).map(|()| inner)
    };
    let man1 = within("man1")?;
    clap_mangen::generate_to(visible(), &man1)?;
    for page in fs::read_dir(&man1)? {
        File::options().append(true).open(page?.path())?.write_all(SEE_ALSO.as_bytes())?;
    }
    fs::write(within("man7")?.join("libgreen.7"), page())?;
    for (shell, name) in [(Shell::Bash, "bash"), (Shell::Zsh, "zsh"), (Shell::Fish, "fish")] {
        // Into memory: this panics where it can't write.
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut visible(), "green", &mut text);
        fs::write(within(name)?.join(shell.file_name("green")), text)?;
    }
    Ok(())
}

/// The command without what is hidden, which completions would offer.
fn visible() -> clap::Command {
    let whole = Cli::command();
    let shown = whole.get_subcommands().filter(|sub| !sub.is_hide_set()).cloned();
    let about = whole.get_about().cloned().unwrap_or_default();
    clap::Command::new("green").version(env!("CARGO_PKG_VERSION")).about(about).subcommands(shown)
}

const SEE_ALSO: &str = ".SH \"SEE ALSO\"\n.BR green (1),\n.BR libgreen (7)\n";

/// libgreen(7): the text beside this file, with the version and the variables put in.
fn page() -> String {
    let variables = VARIABLES
        .iter()
        .map(|v| format!(".TP\n.BR {} \" (default: {})\"\n{}.\n", v.name, escaped(v.default), escaped(v.help)));
    include_str!("libgreen.7")
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@VARIABLES@\n", &variables.collect::<String>())
}

/// As roff takes it for plain text.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('…', "...").replace('"', "\\(dq").replace('\'', "\\(aq")
}
