//! The file that would run: found, its scripts followed to their interpreter, and what can be said of it alone.

use super::elf::{Elf, Problem};
use super::libraries::Library;
use super::lossy::Lossy;
use crate::privileges::Privileges;
use crate::{launch, script};
use serde::Serialize;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A program that was found.
pub struct Target {
    /// As it can be called: what was given, but for a name that's of a file in this folder, which needs its `./`.
    pub called: PathBuf,
    /// The scripts on the way to it, the given one first.
    pub scripts: Vec<PathBuf>,
    /// The script has no `#!`.
    pub is_bare: bool,
    pub path: PathBuf,
    pub elf: Elf,
}

/// What it is.
#[derive(Serialize)]
pub struct Program {
    pub path: Lossy,
    pub scripts: Vec<Lossy>,
    pub bits: u8,
    pub machine: String,
    #[serde(skip)]
    pub is_ours: bool,
    /// `dynamic`, `static` or `static-pie`.
    pub linkage: &'static str,
    pub interpreter: Option<String>,
    pub interpreter_is_here: bool,
    /// `glibc`, `musl` or `other`; None of static programs.
    pub libc: Option<&'static str>,
    pub glibc_needed: Option<String>,
    pub glibc_installed: Option<String>,
    /// Whether who asks may execute it.
    pub is_executable: bool,
    /// The same of the script that was given, if it's one.
    pub script_is_executable: bool,
    /// It has no `#!`.
    pub script_is_bare: bool,
    /// The user, or group, that it runs as, whoever starts it.
    pub setuid: Option<u32>,
    pub setgid: Option<u32>,
    pub file_capabilities: bool,
    pub go: bool,
    pub sanitizer: Option<&'static str>,
    pub packed: bool,
    /// What it imports can't be seen: its section headers were removed.
    pub names_are_hidden: bool,
}

impl Program {
    pub fn is_dynamic(&self) -> bool {
        self.linkage == "dynamic"
    }

    /// Whether the loader ignores LD_PRELOAD for it.
    pub fn is_privileged(&self) -> bool {
        self.setuid.is_some() || self.setgid.is_some() || self.file_capabilities
    }

    /// Its file's name alone.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Finds a program by its path, or by its name alone as a shell would. The error is one line, with the file's name.
pub fn open(given: &Path) -> Result<Target, String> {
    // A name alone is sought where a shell seeks it; what isn't there may still be a file in this folder.
    let is_name = !given.as_os_str().as_bytes().contains(&b'/');
    let folders = std::env::var_os("PATH");
    let found = is_name.then(|| launch::find(given.as_os_str(), folders.as_deref()).ok()).flatten();
    let is_here = is_name && found.is_none() && given.exists();
    let called = if is_here { Path::new(".").join(given) } else { given.to_path_buf() };
    let mut path = found.unwrap_or_else(|| called.clone());
    let mut scripts: Vec<PathBuf> = Vec::new();
    let mut is_bare = false;
    loop {
        let told = |what: &str| format!("{}: {what}", path.display());
        match Elf::read(&path) {
            Ok(elf) if is_program(&elf) => return Ok(Target { called, scripts, is_bare, path, elf }),
            Ok(elf) if elf.is_shared_object => return Err(told("it's a shared library, not a program")),
            Ok(_) => return Err(told("it's an ELF file, but not a program")),
            Err(Problem::Unreadable(why)) if scripts.is_empty() => return Err(told(&why)),
            Err(Problem::Unreadable(why)) => return Err(told(&format!("the script's interpreter: {why}"))),
            Err(Problem::Damaged) => return Err(told("it's a damaged ELF file")),
            Err(Problem::NotElf(data)) => {
                // A shell takes what the kernel doesn't know, as long as it's called as a program.
                is_bare |= scripts.is_empty() && script::is_bare(data) && launch::executable(&path).is_ok();
                let next = script::interpreter(data, folders.as_deref())
                    .or_else(|| (is_bare && scripts.is_empty()).then(|| PathBuf::from(script::SHELL)))
                    .ok_or_else(|| told("it's no program: neither ELF nor a script with #!"))?;
                if scripts.len() == script::DEEPEST {
                    return Err(told("too many scripts, each the interpreter of another"));
                }
                scripts.push(std::mem::replace(&mut path, next));
            }
        }
    }
}

/// Some libraries can be started, to tell their version: those have a name of their own as a library.
fn is_program(elf: &Elf) -> bool {
    elf.is_executable || (elf.is_shared_object && elf.interpreter.is_some() && elf.soname.is_none())
}

/// What it is, with what its libraries say of it.
pub fn describe(target: &Target, privileges: Privileges, libraries: &[Library]) -> Program {
    let elf = &target.elf;
    let linkage = match (elf.is_dynamic, elf.is_shared_object) {
        (true, _) => "dynamic",
        (false, true) => "static-pie",
        (false, false) => "static",
    };
    let written = |(major, minor): (u32, u32)| format!("{major}.{minor}");
    let glibc = libraries.iter().find(|l| l.name == "libc.so.6").and_then(|l| l.elf.as_ref());
    Program {
        path: Lossy(target.path.clone()),
        scripts: target.scripts.iter().cloned().map(Lossy).collect(),
        bits: elf.bits,
        machine: elf.machine.clone(),
        is_ours: elf.is_ours,
        linkage,
        interpreter: elf.interpreter.clone(),
        interpreter_is_here: elf.interpreter.as_ref().is_some_and(|path| Path::new(path).exists()),
        libc: elf.is_dynamic.then(|| libc_of(elf)),
        glibc_needed: elf.needs_glibc.map(written),
        glibc_installed: glibc.and_then(|elf| elf.glibc_release).map(written),
        is_executable: launch::executable(&target.path).is_ok(),
        script_is_executable: target.scripts.first().is_none_or(|script| launch::executable(script).is_ok()),
        script_is_bare: target.is_bare,
        setuid: privileges.setuid,
        setgid: privileges.setgid,
        file_capabilities: privileges.capabilities,
        go: elf.is_go,
        sanitizer: sanitizer(elf, libraries),
        packed: elf.is_packed,
        names_are_hidden: elf.names_are_lost,
    }
}

fn libc_of(elf: &Elf) -> &'static str {
    let needs = |f: fn(&str) -> bool| elf.needed.iter().any(|name| f(name));
    let loader = elf.interpreter.as_deref().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    if loader.starts_with("ld-musl") || needs(|n| n.starts_with("libc.musl") || n == "libc.so") {
        "musl"
    } else if loader.starts_with("ld-linux") || needs(|n| n == "libc.so.6") {
        "glibc"
    } else {
        "other"
    }
}

fn sanitizer(elf: &Elf, libraries: &[Library]) -> Option<&'static str> {
    const KNOWN: [(&str, &str, &str); 5] = [
        ("AddressSanitizer", "__asan_init", "libasan."),
        ("ThreadSanitizer", "__tsan_init", "libtsan."),
        ("MemorySanitizer", "__msan_init", "libmsan."),
        ("HWAddressSanitizer", "__hwasan_init", "libhwasan."),
        ("LeakSanitizer", "__lsan_init", "liblsan."),
    ];
    // Linked in statically, as clang does it, the runtime's names are exported instead.
    let has = |name: &str| elf.imports.contains(name) || elf.exports.contains(name);
    let links = |stem: &str| elf.needed.iter().chain(libraries.iter().map(|l| &l.name)).any(|n| n.starts_with(stem));
    KNOWN.iter().find(|(_, init, stem)| has(init) || links(stem)).map(|(name, ..)| *name)
}
