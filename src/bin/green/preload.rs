//! Where libgreen.so is, and what LD_PRELOAD must be so that it comes first.

use crate::launch::{self, plain};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

pub const LIBRARY: &str = "libgreen.so";

/// Where it is relative to the command: in a checkout, and as `make install` and distributions put it.
const BESIDE: [&str; 4] = ["", "../lib", "../lib64", "../lib/x86_64-linux-gnu"];

/// The library's absolute path: the one that is given, or the one that belongs to this command.
pub fn library(given: Option<&Path>) -> Result<PathBuf, String> {
    let file = match given {
        Some(file) => exists(file).map_err(|e| format!("--lib {}: {}", file.display(), plain(&e)))?,
        None => beside()?,
    };
    // The loader takes both for the end of a name, and knows no way to quote them.
    if file.as_os_str().as_bytes().iter().any(|b| matches!(b, b' ' | b':')) {
        return Err(format!("{}: LD_PRELOAD can't name a path with a space or a colon in it", file.display()));
    }
    Ok(file)
}

fn exists(file: &Path) -> io::Result<PathBuf> {
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it isn't a file"));
    }
    std::path::absolute(file)
}

fn beside() -> Result<PathBuf, String> {
    let command = this_command().ok_or("where this command is can't be told: name libgreen.so with --lib")?;
    let folder = command.parent().unwrap_or(Path::new("/"));
    let places = BESIDE.iter().map(|place| folder.join(place).join(LIBRARY));
    let found = places.filter(|p| p.is_file()).find_map(|p| p.canonicalize().ok());
    found.ok_or(format!("there is no {LIBRARY} beside {} or in ../lib: name it with --lib", command.display()))
}

/// This command's file; where /proc isn't mounted (a chroot), the one that its name leads to.
fn this_command() -> Option<PathBuf> {
    let by_name = || launch::find(&std::env::args_os().next()?, std::env::var_os("PATH").as_deref()).ok();
    std::env::current_exe().ok().or_else(by_name).map(|file| file.canonicalize().unwrap_or(file))
}

/// LD_PRELOAD with the library first, and what was there behind it; a libgreen that was there is left out.
pub fn compose(library: &Path, before: Option<&OsStr>) -> OsString {
    let mut all = library.as_os_str().as_bytes().to_vec();
    for entry in before.unwrap_or_default().as_bytes().split(|b| matches!(b, b' ' | b':')) {
        let name = Path::new(OsStr::from_bytes(entry));
        if !entry.is_empty() && name.file_name() != Some(OsStr::new(LIBRARY)) && name != library {
            all.push(b':');
            all.extend_from_slice(entry);
        }
    }
    OsString::from_vec(all)
}
