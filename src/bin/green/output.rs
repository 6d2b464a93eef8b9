//! What the command says, on stdout and on stderr: not by the macros that panic when a disk is full or nobody listens.

use crate::launch::plain;
use std::io::{self, Write};
use std::process::ExitCode;

/// Prints to stdout. A reader that has gone (`| head`) has heard enough; that anything else went wrong is one line.
pub fn put(text: &str) -> Result<(), String> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("stdout: {}", plain(&e))),
        _ => Ok(()),
    }
}

/// A line on stderr, if that takes it.
pub fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "green: {line}");
}

/// A line on stderr that says why it ends, and the exit status for that.
pub fn refuse(why: &str, status: u8) -> ExitCode {
    tell(why);
    ExitCode::from(status)
}
