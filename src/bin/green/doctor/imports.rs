//! Which libc functions a program and its libraries import, and which of them libgreen hooks: by the names that the library's
//! own file exports, so that this can't go stale.

use super::blocking;
use super::elf::{Elf, Problem, Version};
use super::libraries::{is_libc, Library};
use super::lossy::Lossy;
use super::program::Target;
use crate::preload;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// libgreen.so, as a file.
pub struct Hooks {
    pub path: PathBuf,
    names: BTreeSet<String>,
    /// The glibc that it needs itself.
    pub needs_glibc: Option<Version>,
}

impl Hooks {
    /// The library at a path, which `preload` has looked at. The error is one line.
    fn read(path: &Path) -> Result<Hooks, String> {
        let told = |why: &str| format!("{}: {why}", path.display());
        let elf = Elf::read(path).map_err(|e| match e {
            Problem::Unreadable(why) => told(&why),
            _ => told("it isn't libgreen.so"),
        })?;
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        Ok(Hooks { path, names: elf.exports, needs_glibc: elf.needs_glibc })
    }
}

/// What's imported. The lists are in order, without repetitions.
#[derive(Serialize)]
pub struct Imports {
    /// Where the hooks were looked up; None: no libgreen.so was found, and the lists of names are empty.
    pub libgreen: Option<Lossy>,
    /// How many of libc's names are imported.
    pub libc_names: usize,
    pub hooked: Vec<String>,
    /// Names that may wait, and aren't hooked.
    pub blocking_not_hooked: Vec<Unhooked>,
    /// Who makes system calls by number, or processes by `clone`, or loads more libraries.
    pub syscall: Vec<String>,
    pub clone: Vec<String>,
    pub dlopen: Vec<String>,
}

#[derive(Serialize)]
pub struct Unhooked {
    pub name: String,
    pub what: &'static str,
    /// Who imports it.
    pub by: Vec<String>,
    pub by_the_program: bool,
    #[serde(skip)]
    pub matters: bool,
}

pub fn find(target: &Target, program: &str, libraries: &[Library], hooks: Option<&Hooks>) -> Imports {
    let (libc, others): (Vec<&Library>, Vec<&Library>) = libraries.iter().partition(|l| is_libc(&l.name));
    let libc_has = |name: &str| libc.iter().any(|l| l.elf.as_ref().is_some_and(|elf| elf.exports.contains(name)));
    let mut importers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let files = others.iter().filter_map(|l| Some((l.name.as_str(), l.elf.as_ref()?)));
    for (who, elf) in std::iter::once((program, &target.elf)).chain(files) {
        elf.imports.iter().for_each(|name| importers.entry(name).or_default().push(who));
    }
    let by = |names: &[&str]| -> Vec<String> {
        let all: BTreeSet<&str> = names.iter().filter_map(|name| importers.get(name)).flatten().copied().collect();
        all.into_iter().map(str::to_string).collect()
    };
    let is_hooked = |name: &str| hooks.is_some_and(|hooks| hooks.names.contains(name));
    let unhooked = |(name, by): (&&str, &Vec<&str>)| {
        let group = blocking::find(name)?;
        Some(Unhooked {
            name: name.to_string(),
            what: group.what,
            by: by.iter().map(|who| who.to_string()).collect(),
            by_the_program: by.contains(&program),
            matters: group.matters,
        })
    };
    Imports {
        libgreen: hooks.map(|hooks| Lossy(hooks.path.clone())),
        libc_names: importers.keys().filter(|name| libc_has(name)).count(),
        hooked: importers.keys().filter(|name| is_hooked(name)).map(|name| name.to_string()).collect(),
        blocking_not_hooked: if hooks.is_some() {
            importers.iter().filter(|(name, _)| !is_hooked(name)).filter_map(unhooked).collect()
        } else {
            Vec::new()
        },
        syscall: by(&["syscall"]),
        clone: by(&["clone", "__clone", "__clone2", "clone3"]),
        dlopen: by(&["dlopen", "dlmopen"]),
    }
}

/// The library that was named, or else the one that belongs to this command, if there is one. A named one that can't be used is an
/// error.
pub fn hooks(named: Option<&Path>) -> Result<Option<Hooks>, String> {
    match named {
        Some(_) => Hooks::read(&preload::library(named)?).map(Some),
        None => Ok(preload::library(None).ok().and_then(|path| Hooks::read(&path).ok())),
    }
}
