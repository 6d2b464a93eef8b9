//! What the command `green` prints: each subcommand tried as a user would, on programs of every kind.
//!
//! `GREEN_BIN` names the command, else it's the one that cargo built; `GREEN_LIB` the library, else `./libgreen.so`.

mod config;
mod ps;
mod top;
mod trace;

use std::path::PathBuf;
use std::process::{Command, Output};

/// The command, with none of our variables set.
pub fn green(arguments: &[&str]) -> Command {
    let path = std::env::var_os("GREEN_BIN").map_or(PathBuf::from(env!("CARGO_BIN_EXE_green")), PathBuf::from);
    let mut command = Command::new(path);
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GREEN_") || name == "LD_PRELOAD" {
            command.env_remove(name);
        }
    }
    command
}

/// Its exit status, stdout and stderr.
pub fn said(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}
