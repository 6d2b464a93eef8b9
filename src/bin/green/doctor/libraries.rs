//! The libraries that a program loads at its start, found as ld.so finds them: RPATH, LD_LIBRARY_PATH, RUNPATH, the cache,
//! the default directories. Variants for newer processors (glibc-hwcaps) are passed over: they import the same.

use super::cache::Cache;
use super::elf::Elf;
use crate::bytes::replaced;
use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

pub struct Library {
    /// As it's asked for.
    pub name: String,
    /// None: it's not on this machine.
    pub path: Option<PathBuf>,
    pub elf: Option<Elf>,
}

/// The directories of last resort, Debian's first.
const DEFAULT: [&str; 6] =
    ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];

/// Whether it's one of glibc's own.
pub fn is_libc(name: &str) -> bool {
    const STEMS: [&str; 11] = [
        "libc.so.",
        "libpthread.so.",
        "libm.so.",
        "libmvec.so.",
        "libdl.so.",
        "librt.so.",
        "libresolv.so.",
        "libutil.so.",
        "libanl.so.",
        "libnsl.so.1",
        "ld-linux",
    ];
    STEMS.iter().any(|stem| name.starts_with(stem))
}

/// Where a file's own libraries are to be sought.
#[derive(Clone, Default)]
struct Seeker {
    /// RPATHs: its own, then those of who loaded it.
    rpath: Vec<PathBuf>,
    runpath: Vec<PathBuf>,
}

/// All that a program needs, breadth first as ld.so loads them, each once.
///
/// `ignores_environment`: it's privileged, so LD_LIBRARY_PATH isn't heeded.
pub fn find(program: &Elf, path: &Path, ignores_environment: bool) -> Vec<Library> {
    let environment = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let environment: Vec<PathBuf> = if ignores_environment || environment.is_empty() {
        Vec::new()
    } else {
        environment.as_bytes().split(|b| b":;".contains(b)).map(|dir| expand(dir, path)).collect()
    };
    let cache = Cache::read();
    let mut seen: HashSet<String> = HashSet::new();
    let mut found: Vec<Library> = Vec::new();
    let mut queue: Vec<(String, Seeker)> = wishes(program, path, &Seeker::default());
    let mut next = 0;
    while let Some((name, seeker)) = queue.get(next).cloned() {
        next += 1;
        if !seen.insert(name.clone()) {
            continue;
        }
        let located = locate(&name, program, &seeker, &environment, &cache);
        let (path, elf) = located.map_or((None, None), |(path, elf)| (Some(path), Some(elf)));
        if let (Some(path), Some(elf)) = (&path, &elf) {
            queue.extend(wishes(elf, path, &seeker));
        }
        found.push(Library { name, path, elf });
    }
    found
}

fn wishes(elf: &Elf, path: &Path, loader: &Seeker) -> Vec<(String, Seeker)> {
    let paths = |list: &[String]| -> Vec<PathBuf> { list.iter().map(|dir| expand(dir.as_bytes(), path)).collect() };
    // A file with a RUNPATH has no use for any RPATH, but hands the loader's on.
    let own = if elf.runpath.is_empty() { paths(&elf.rpath) } else { Vec::new() };
    let rpath = own.into_iter().chain(loader.rpath.iter().cloned()).collect();
    let seeker = Seeker { rpath, runpath: paths(&elf.runpath) };
    elf.needed.iter().map(|name| (name.clone(), seeker.clone())).collect()
}

fn locate(
    name: &str,
    program: &Elf,
    seeker: &Seeker,
    environment: &[PathBuf],
    cache: &Cache,
) -> Option<(PathBuf, Elf)> {
    let fitting = |path: PathBuf| {
        let elf = Elf::read(&path).ok().filter(|elf| elf.is_ours)?;
        Some((path, elf))
    };
    if name.contains('/') {
        return fitting(PathBuf::from(name));
    }
    // The dynamic linker itself is in memory by then.
    if let Some(interpreter) = program.interpreter.as_ref().filter(|i| i.rsplit('/').next() == Some(name)) {
        return fitting(PathBuf::from(interpreter));
    }
    let rpath: &[PathBuf] = if seeker.runpath.is_empty() { &seeker.rpath } else { &[] };
    let told = rpath.iter().chain(environment).chain(&seeker.runpath).map(|dir| dir.join(name));
    let cached = cache.find(name).map(PathBuf::from);
    let default = DEFAULT.iter().map(|dir| Path::new(dir).join(name));
    told.chain(cached).chain(default).find_map(fitting)
}

/// A directory with ld.so's own variables put in; the empty one is the present one.
fn expand(dir: &[u8], path: &Path) -> PathBuf {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let origin = path.parent().unwrap_or(Path::new("/")).as_os_str().as_bytes();
    let values = [("ORIGIN", origin), ("LIB", b"lib/x86_64-linux-gnu"), ("PLATFORM", b"x86_64")];
    let mut dir = if dir.is_empty() { b"." } else { dir }.to_vec();
    for (name, value) in values {
        for variable in [format!("${{{name}}}"), format!("${name}")] {
            dir = replaced(&dir, variable.as_bytes(), value);
        }
    }
    PathBuf::from(OsString::from_vec(dir))
}
