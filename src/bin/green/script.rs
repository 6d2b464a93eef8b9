//! What runs a script.

use crate::launch;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// How many bytes of a script the kernel looks at.
pub const LOOKED_AT: usize = 256;

/// What runs a script without `#!`: the kernel refuses it (ENOEXEC), and execvp(3) and shells hand it to this one.
pub const SHELL: &str = "/bin/sh";

/// Scripts whose interpreter is a script whose… The kernel gives up there too.
pub const DEEPEST: usize = 5;

/// The file behind the `#!` of a script that begins so; behind env, the one that env will run, given where PATH leads. None: it's no
/// script.
pub fn interpreter(script: &[u8], path: Option<&OsStr>) -> Option<PathBuf> {
    let start = &script[..script.len().min(LOOKED_AT)];
    let line = start.strip_prefix(b"#!")?.split(|&b| b == b'\n').next()?;
    let mut words = line.split(|b| matches!(b, b' ' | b'\t' | b'\r')).filter(|word| !word.is_empty());
    let file = PathBuf::from(OsString::from_vec(words.next()?.to_vec()));
    if file.file_name() != Some(OsStr::new("env")) {
        return Some(file);
    }
    let name = words.find(|word| word[0] != b'-' && !word.contains(&b'='));
    Some(name.and_then(|name| launch::find(OsStr::from_bytes(name), path).ok()).unwrap_or(file))
}

/// Whether a file that begins so is one for `SHELL`: neither ELF nor a script with `#!`, but text.
pub fn is_bare(file: &[u8]) -> bool {
    let start = &file[..file.len().min(LOOKED_AT)];
    !start.is_empty() && !start.starts_with(b"#!") && !start.starts_with(b"\x7fELF") && !start.contains(&0)
}
