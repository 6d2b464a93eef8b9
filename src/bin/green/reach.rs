//! Whether LD_PRELOAD reaches a program at all, by a look at the first bytes of its file, or of what runs it if it's a script. For
//! `green run`, which says so in a line and runs the program anyway.

use crate::privileges::Privileges;
use crate::{files, script};
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// What the look at a program has shown.
pub struct Reach {
    /// The program, and what runs it if it's a script; the last one is what the loader loads.
    pub files: Vec<PathBuf>,
    pub hurdle: Option<Hurdle>,
}

/// Why LD_PRELOAD doesn't reach a program, or to no use.
pub struct Hurdle {
    /// To be said after the program's name.
    pub why: &'static str,
    /// The program's loader would try, and end the program: it must run without.
    pub harms: bool,
}

const SET_ID: &str = "gains rights when it's executed (setuid, setgid or a capability), so the loader ignores LD_PRELOAD; it runs natively";
const STATIC: &str = "is statically linked, so there is no loader that would heed LD_PRELOAD; it runs natively";
const FOREIGN: &str = "isn't for x86-64, which libgreen is; it runs natively";
const MUSL: &str = "is linked with musl, and libgreen needs glibc; it runs natively";
/// With cgo it is reached, to no use.
const GO: &str = "is written in Go, which has green threads of its own; libgreen doesn't help it";

/// Looks at a program, given where PATH leads (for `#!/usr/bin/env name`). A file that can't be read is taken to be fine.
pub fn look(program: &Path, path: Option<&OsStr>) -> Reach {
    let mut files = vec![program.to_path_buf()];
    while files.len() <= script::DEEPEST {
        match files.last().and_then(|file| interpreter(file, path)) {
            Some(next) => files.push(next),
            None => break,
        }
    }
    if files.len() == 1 && start(program).is_some_and(|start| script::is_bare(&start)) {
        files.push(PathBuf::from(script::SHELL));
    }
    let hurdle = files.last().and_then(|file| hurdle(file));
    Reach { files, hurdle }
}

/// What runs a file, if it's a script.
fn interpreter(file: &Path, path: Option<&OsStr>) -> Option<PathBuf> {
    script::interpreter(&start(file)?, path)
}

/// A file's first bytes.
fn start(file: &Path) -> Option<Vec<u8>> {
    let mut start = vec![0; script::LOOKED_AT];
    let length = files::open(file).ok()?.read_at(&mut start, 0).ok()?;
    start.truncate(length);
    Some(start)
}

fn hurdle(file: &Path) -> Option<Hurdle> {
    let is = |why| Some(Hurdle { why, harms: false });
    if Privileges::of(file).is_ok_and(|p| p.are_gained()) {
        return is(SET_ID);
    }
    let elf = Elf::open(file)?;
    if !elf.is_ours() {
        return is(FOREIGN);
    }
    let segments = elf.segments();
    if segments.iter().any(|s| s.kind == object::elf::PT_NOTE.0 && elf.read(s).is_some_and(|notes| has_go(&notes))) {
        return is(GO);
    }
    // The loader itself, run by name, asks for none.
    let is_loader = file.file_name().is_some_and(|name| name.as_bytes().starts_with(b"ld-"));
    match segments.iter().find(|s| s.kind == object::elf::PT_INTERP.0) {
        None if is_loader => None,
        None => is(STATIC),
        Some(loader) if elf.read(loader)?.windows(7).any(|w| w == b"ld-musl") => {
            Some(Hurdle { why: MUSL, harms: true })
        }
        Some(_) => None,
    }
}

/// A program's ELF file, of which only the headers and small pieces are read.
struct Elf {
    file: File,
    header: [u8; 64],
}

struct Segment {
    kind: u32,
    offset: u64,
    size: u64,
}

impl Elf {
    /// None if the file isn't ELF, or can't be read.
    fn open(file: &Path) -> Option<Elf> {
        let file = files::open(file).ok()?;
        let mut header = [0; 64];
        file.read_exact_at(&mut header, 0).ok()?;
        header.starts_with(&object::elf::ELFMAG).then_some(Elf { file, header })
    }

    fn is_ours(&self) -> bool {
        self.header[4] == object::elf::ELFCLASS64.0 && number(&self.header[18..20]) == object::elf::EM_X86_64.0 as u64
    }

    fn segments(&self) -> Vec<Segment> {
        let (at, size, count) =
            (number(&self.header[32..40]), number(&self.header[54..56]), number(&self.header[56..58]));
        let one = |n| {
            let mut bytes = [0; 56];
            self.file.read_exact_at(&mut bytes, at.checked_add(n * size)?).ok()?;
            let kind = number(&bytes[..4]) as u32;
            Some(Segment { kind, offset: number(&bytes[8..16]), size: number(&bytes[32..40]) })
        };
        (0..count).map_while(one).collect()
    }

    /// A segment's bytes, if they aren't many.
    fn read(&self, segment: &Segment) -> Option<Vec<u8>> {
        let mut bytes = vec![0; segment.size.min(4096) as usize];
        self.file.read_exact_at(&mut bytes, segment.offset).ok().map(|()| bytes)
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, &b| n << 8 | b as u64)
}

/// Whether a note of Go's linker is among them: each is the sizes of name and content, a type, name, content, in fours.
fn has_go(mut notes: &[u8]) -> bool {
    while notes.len() >= 16 {
        let whole = |size: u64| size.next_multiple_of(4) as usize;
        let (name, content) = (number(&notes[..4]), number(&notes[4..8]));
        if notes[12..].starts_with(b"Go\0\0") {
            return true;
        }
        notes = notes.get(12 + whole(name) + whole(content)..).unwrap_or_default();
    }
    false
}
