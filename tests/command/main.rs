//! What the command `green` prints: each subcommand tried as a user would, on programs of every kind.
//!
//! `GREEN_BIN` names the command, else it's the one that cargo built; `GREEN_LIB` the library, else `./libgreen.so`.

mod absent;
mod alike;
mod config;
mod cores;
mod daemon;
mod doctor;
mod gdb;
mod generate;
mod locks;
mod looked_at;
mod output;
mod ps;
mod replaced;
mod run;
mod stack;
mod top;
mod trace;
mod valgrind;

use std::path::{Path, PathBuf};
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

/// The library.
pub fn library() -> PathBuf {
    let path =
        std::env::var_os("GREEN_LIB").map_or(Path::new(env!("CARGO_MANIFEST_DIR")).join("libgreen.so"), PathBuf::from);
    path.canonicalize().unwrap_or_else(|e| panic!("{}: {e} (make builds it)", path.display()))
}

/// A C program of this source, `program.c`, in a folder of its own for this test.
pub fn compiled(test: &str, source: &str, options: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("program.c"), source).expect("a file");
    let status = Command::new("gcc")
        .current_dir(&folder)
        .args(["-pthread", "-o", "program", "program.c"])
        .args(options)
        .status();
    assert!(status.expect("gcc runs").success());
    folder.join("program")
}

/// Its exit status, stdout and stderr.
pub fn said(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}
