//! `green config`: the GREEN_* variables, from the library's own table (`src/variables.rs`).

use crate::variables::{self, Variable, VARIABLES};
use crate::Answer;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::ExitCode;

/// Prints every GREEN_* variable: default, meaning, and its value here, and whether that makes sense
///
/// Exit status 1 if a variable is set to something that makes no sense, or isn't one of the library's.
#[derive(clap::Args)]
pub struct Args {
    /// As rows of a Markdown table, as in the README
    #[arg(long)]
    markdown: bool,
}

pub fn run(args: &Args) -> Answer {
    if args.markdown {
        print!("| variable | default | meaning |\n| --- | --- | --- |\n");
        VARIABLES.iter().for_each(|v| println!("| `{}` | {} | {} |", v.name, v.default, v.help));
        return Ok(ExitCode::SUCCESS);
    }
    let width = VARIABLES.iter().map(|v| v.name.len()).max().unwrap_or(0);
    let mut wrong = false;
    for v in VARIABLES {
        println!("{:width$}  default {}; {}", v.name, v.default, v.help);
        if let Some(value) = std::env::var_os(v.name) {
            let makes_sense = v.accepts(value.as_bytes());
            wrong |= !makes_sense;
            println!("{:width$}  set here: {}{}", "", value.to_string_lossy(), verdict(v, makes_sense));
        }
    }
    for name in strangers() {
        wrong = true;
        println!("{:width$}  set here, but not a variable of libgreen's; ignored", name.to_string_lossy());
    }
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn verdict(v: &Variable, makes_sense: bool) -> String {
    if makes_sense {
        String::new()
    } else {
        format!(", which makes no sense: the default is used, {}", v.default)
    }
}

/// The names in the environment that look like the library's and aren't, in order.
fn strangers() -> Vec<OsString> {
    let is_ours = |name: &[u8]| variables::find(name).is_some() || variables::is_foreign(name);
    let names = std::env::vars_os().map(|(name, _)| name.into_vec());
    let mut names: Vec<_> = names.filter(|n| n.starts_with(b"GREEN_") && !is_ours(n)).map(OsString::from_vec).collect();
    names.sort();
    names
}
