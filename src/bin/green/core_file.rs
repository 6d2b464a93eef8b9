//! A core file as memory: what was dumped, and which files were mapped where, for what the kernel or gdb left out.

use crate::files;
use crate::mapping::Mapping;
use crate::thread::Left;
use object::elf::{ET_CORE, NT_AUXV, NT_FILE, NT_PRPSINFO, NT_PRSTATUS, NT_SIGINFO, PT_LOAD, PT_NOTE};
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
    /// The kernel's threads; the first one is that which got the signal.
    pub threads: Vec<Dumped>,
    /// Where the memory is that couldn't be accessed, if that is what happened.
    pub fault: Option<u64>,
    /// Whether its end is missing.
    pub is_truncated: bool,
}

/// A thread of the kernel's, as it was.
pub struct Dumped {
    pub id: u32,
    pub signal: u16,
    /// The pthread_t of what ran on it.
    pub thread_pointer: u64,
    pub left: Left,
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
        if let Some(format) = compression(bytes) {
            return Err(format!("{} is compressed: decompress it first ({format})", path.display()));
        }
        let truncated = || format!("{} is truncated: its headers aren't whole", path.display());
        let not_one = || format!("{} is not a core file of this kind of machine", path.display());
        let elf = ElfFile64::<LittleEndian>::parse(bytes).map_err(|_| {
            if is_cut_short(bytes) {
                truncated()
            } else {
                not_one()
            }
        })?;
        if elf.elf_header().e_type(E) != ET_CORE {
            return Err(not_one());
        }
        let mut core =
            Core { bytes, segments: Vec::new(), pid: 0, threads: Vec::new(), fault: None, is_truncated: false };
        let mut mappings = Vec::new();
        let mut headers_at = 0;
        for header in elf.elf_program_headers() {
            let end = header.p_offset(E).saturating_add(header.p_filesz(E));
            core.is_truncated |= end > bytes.len() as u64;
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
                    t if t == NT_PRSTATUS => core.threads.extend(dumped(note.desc())),
                    t if t == NT_SIGINFO => core.fault = core.fault.or_else(|| fault(note.desc())),
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
        let segment = self.segment(address)?;
        let begin = segment.offset.checked_add(address - segment.low)? as usize;
        let end = segment.offset.checked_add(segment.size)? as usize;
        self.bytes.get(begin..end.min(self.bytes.len()))
    }

    /// Whether an address was dumped, but the file ends before it.
    pub fn is_cut_off(&self, address: u64) -> bool {
        self.segment(address).is_some() && self.at(address).is_none_or(|bytes| bytes.is_empty())
    }

    fn segment(&self, address: u64) -> Option<&Segment> {
        let segment = self.segments[..self.segments.partition_point(|s| s.low <= address)].last()?;
        (address - segment.low < segment.size).then_some(segment)
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

/// NT_PRSTATUS (struct elf_prstatus, x86-64): the signal, the thread's id, and its registers as ptrace(2) has them.
fn dumped(note: &[u8]) -> Option<Dumped> {
    let register = |n: usize| word(note.get(112..)?, n);
    let others = Some([register(3)?, register(2)?, register(1)?, register(0)?]);
    Some(Dumped {
        id: u32::from_le_bytes(note.get(32..36)?.try_into().ok()?),
        signal: u16::from_le_bytes(note.get(12..14)?.try_into().ok()?),
        thread_pointer: register(21)?,
        left: Left {
            rip: register(16)?,
            rsp: register(19)?,
            rbp: register(4)?,
            rbx: register(5)?,
            others,
            has_called: false,
        },
    })
}

/// NT_SIGINFO (siginfo_t): the address that is behind it if the signal is of that kind and the kernel sent it.
fn fault(note: &[u8]) -> Option<u64> {
    /// SI_KERNEL: the processor didn't tell where.
    const UNKNOWN: i32 = 0x80;
    let number = |n: usize| Some(i32::from_le_bytes(note.get(4 * n..4 * n + 4)?.try_into().ok()?));
    let (signal, code) = (number(0)?, number(2)?);
    ([libc::SIGSEGV, libc::SIGBUS].contains(&signal) && code > 0 && code != UNKNOWN).then(|| word(note, 2))?
}

/// What decompresses a file, if it's compressed as systemd, or people, compress cores.
fn compression(bytes: &[u8]) -> Option<&'static str> {
    let formats: [(&[u8], &str); 4] = [
        (&[0x1f, 0x8b], "gunzip"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "zstd -d"),
        (&[0x04, 0x22, 0x4d, 0x18], "lz4 -d"),
        (b"\xfd7zXZ\0", "xz -d"),
    ];
    formats.into_iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, program)| program)
}

/// Whether what looks like the beginning of a core ends before its headers do.
fn is_cut_short(bytes: &[u8]) -> bool {
    const HEADER: usize = 64;
    bytes.starts_with(b"\x7fELF\x02\x01")
        && (bytes.len() < HEADER || bytes.get(16..18) == Some(&ET_CORE.0.to_le_bytes()))
}

/// In NT_AUXV: pairs of a tag and a value (getauxval(3)).
fn program_headers(note: &[u8]) -> Option<u64> {
    (0..note.len() / 16).find(|n| word(note, 2 * n) == Some(libc::AT_PHDR)).and_then(|n| word(note, 2 * n + 1))
}
