//! A core file as memory: what was dumped, and which files were mapped where, for what the kernel or gdb left out.

use crate::files;
use crate::mapping::Mapping;
use object::elf::{ET_CORE, NT_AUXV, NT_FILE, NT_PRPSINFO, PT_LOAD, PT_NOTE};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::LittleEndian;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const E: LittleEndian = LittleEndian;

pub struct Core {
    bytes: &'static [u8],
    segments: Vec<Segment>,
    /// Of the process that was dumped; 0 if the core doesn't tell.
    pub pid: i32,
}

struct Segment {
    low: u64,
    offset: u64,
    size: u64,
}

impl Core {
    /// Reads a core's headers and notes. `program`: where the program's file is now, if not where it was.
    pub fn open(path: &Path, program: &Path) -> Result<(Core, Vec<Mapping>), String> {
        let bytes = files::map(path).map_err(|_| format!("{} can't be read", path.display()))?;
        let not_one = || format!("{} is not a core file of this kind of machine", path.display());
        let elf = ElfFile64::<LittleEndian>::parse(bytes).map_err(|_| not_one())?;
        if elf.elf_header().e_type(E) != ET_CORE {
            return Err(not_one());
        }
        let mut core = Core { bytes, segments: Vec::new(), pid: 0 };
        let mut mappings = Vec::new();
        let mut headers_at = 0;
        for header in elf.elf_program_headers() {
            if header.p_type(E) == PT_LOAD {
                core.segments.push(Segment {
                    low: header.p_vaddr(E),
                    offset: header.p_offset(E),
                    size: header.p_filesz(E),
                });
            }
            if header.p_type(E) != PT_NOTE {
                continue;
            }
            let Ok(Some(mut notes)) = header.notes(E, bytes) else { continue };
            while let Ok(Some(note)) = notes.next() {
                match note.n_type(E) {
                    t if t == NT_FILE => mappings = mapped_files(note.desc()).unwrap_or_default(),
                    t if t == NT_PRPSINFO => core.pid = pid(note.desc()).unwrap_or(0),
                    t if t == NT_AUXV => headers_at = program_headers(note.desc()).unwrap_or(0),
                    _ => {}
                }
            }
        }
        core.segments.sort_by_key(|s| s.low);
        mappings.sort_by_key(|m| m.low);
        // The program is what has the program headers that the kernel told it of.
        let of_program = mappings.iter().find(|m| (m.low..m.high).contains(&headers_at)).map(|m| m.path.clone());
        for mapping in mappings.iter_mut().filter(|m| Some(&m.path) == of_program.as_ref()) {
            mapping.path = program.to_path_buf();
        }
        Ok((core, mappings))
    }

    /// What was dumped at an address, up to the end of its segment; None if that wasn't dumped.
    pub fn at(&self, address: u64) -> Option<&'static [u8]> {
        let segment = self.segments[..self.segments.partition_point(|s| s.low <= address)].last()?;
        let into = address - segment.low;
        if into >= segment.size {
            return None;
        }
        let begin = segment.offset.checked_add(into)? as usize;
        let end = segment.offset.checked_add(segment.size)? as usize;
        // A core may be cut short.
        self.bytes.get(begin..end.min(self.bytes.len()))
    }
}

fn word(bytes: &[u8], index: usize) -> Option<u64> {
    let at = index.checked_mul(8)?;
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// NT_FILE (core(5)): how many, the page size, for each its low and high address and offset in pages, then their names.
fn mapped_files(note: &[u8]) -> Option<Vec<Mapping>> {
    let count = word(note, 0)? as usize;
    let page = word(note, 1)?;
    let names = note.get(count.checked_mul(24)?.checked_add(16)?..)?;
    let names = names.split(|&b| b == 0).map(|n| PathBuf::from(OsStr::from_bytes(n)));
    let one = |(n, path): (usize, PathBuf)| {
        let at = |field| word(note, 2 + 3 * n + field);
        Some(Mapping { low: at(0)?, high: at(1)?, offset: at(2)?.checked_mul(page)?, path })
    };
    (0..count).zip(names).map(one).collect()
}

/// In NT_PRPSINFO (struct elf_prpsinfo, x86-64).
fn pid(note: &[u8]) -> Option<i32> {
    Some(i32::from_le_bytes(note.get(24..28)?.try_into().ok()?))
}

/// In NT_AUXV: pairs of a tag and a value (getauxval(3)).
fn program_headers(note: &[u8]) -> Option<u64> {
    (0..note.len() / 16).find(|n| word(note, 2 * n) == Some(libc::AT_PHDR)).and_then(|n| word(note, 2 * n + 1))
}
