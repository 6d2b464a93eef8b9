//! Where libgreen.so is, and what LD_PRELOAD must be so that it comes first.

use crate::launch::{self, plain};
use crate::{files, table};
use object::elf::{EM_X86_64, ET_DYN};
use object::read::elf::{ElfFile64, FileHeader};
use object::{LittleEndian, Object, ObjectSymbol};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

pub const LIBRARY: &str = "libgreen.so";

/// Where it is relative to the command: in a checkout, and as `make install` and distributions put it.
const BESIDE: [&str; 4] = ["", "../lib", "../lib64", "../lib/x86_64-linux-gnu"];

/// The library's absolute path: the one that is given, or the one that belongs to this command.
pub fn library(given: Option<&Path>) -> Result<PathBuf, String> {
    let file = match given {
        Some(file) => file.to_path_buf(),
        None => beside()?,
    };
    let option = if given.is_some() { "--lib " } else { "" };
    let told = |why: &str| format!("{option}{}: {why}", file.display());
    if !is_ours(files::map(&file).map_err(|e| told(&plain(&e)))?) {
        return Err(told("it isn't libgreen.so"));
    }
    let file = std::path::absolute(&file).map_err(|e| told(&plain(&e)))?;
    // The loader takes both for the end of a name, and knows no way to quote them.
    if file.as_os_str().as_bytes().iter().any(|b| matches!(b, b' ' | b':')) {
        return Err(format!("{}: LD_PRELOAD can't name a path with a space or a colon in it", file.display()));
    }
    Ok(file)
}

/// Whether a file is the library, as its table tells. The loader would refuse another one in a line, and run the program natively.
fn is_ours(file: &[u8]) -> bool {
    ElfFile64::<LittleEndian>::parse(file).is_ok_and(|elf| {
        let header = elf.elf_header();
        let mut exports = elf.dynamic_symbols().filter(|s| !s.is_undefined());
        header.e_type(LittleEndian) == ET_DYN
            && header.e_machine(LittleEndian) == EM_X86_64
            && exports.any(|s| s.name() == Ok(table::SYMBOL))
    })
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
