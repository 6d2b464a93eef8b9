//! `green config`: the GREEN_* variables, from the library's own table (`src/variables.rs`).

use crate::output::put;
use crate::variables::{self, Variable, VARIABLES};
use crate::Answer;
use std::ffi::OsString;
use std::fmt::Write;
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
        let rows = VARIABLES.iter().map(|v| format!("| `{}` | {} | {} |\n", v.name, v.default, v.help));
        put(&format!("| variable | default | meaning |\n| --- | --- | --- |\n{}", rows.collect::<String>()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let width = VARIABLES.iter().map(|v| v.name.len()).max().unwrap_or(0);
    let (mut text, mut wrong) = (String::new(), false);
    for v in VARIABLES {
        let _ = writeln!(text, "{:width$}  default {}; {}", v.name, v.default, v.help);
        if let Some(value) = std::env::var_os(v.name) {
            let makes_sense = v.accepts(value.as_bytes());
            wrong |= !makes_sense;
            let _ = writeln!(text, "{:width$}  set here: {}{}", "", value.to_string_lossy(), verdict(v, makes_sense));
        }
    }
    for name in strangers() {
        wrong = true;
        let name = name.to_string_lossy();
        let _ = writeln!(text, "{name:width$}  set here, but not a variable of libgreen's; ignored");
    }
    put(&text)?;
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
