//! One ELF file, as the doctor wants it: what it needs, imports and exports. For the program, each of its libraries, and libgreen.
//!
//! Everything is read from the file; nothing is loaded or run.

use crate::{files, launch};
use object::elf;
use object::read::elf::{Dyn, ElfFile, FileHeader, ProgramHeader, SectionHeader, Sym};
use object::{Endianness, SectionIndex};
use std::collections::BTreeSet;
use std::path::Path;

/// A version such as 2.34.
pub type Version = (u32, u32);

#[derive(Default)]
pub struct Elf {
    pub bits: u8,
    /// `x86-64`, `32-bit x86`, ….
    pub machine: String,
    /// For 64-bit x86, little-endian.
    pub is_ours: bool,
    /// A program by its type and flags (a shared object may still be one: it has an interpreter then).
    pub is_executable: bool,
    pub is_shared_object: bool,
    pub interpreter: Option<String>,
    pub is_dynamic: bool,
    pub soname: Option<String>,
    pub needed: Vec<String>,
    pub rpath: Vec<String>,
    pub runpath: Vec<String>,
    /// Names that others must define.
    pub imports: BTreeSet<String>,
    /// Names that it defines for others.
    pub exports: BTreeSet<String>,
    /// The highest symbol version of glibc's that it needs.
    pub needs_glibc: Option<Version>,
    /// Its release, if this is glibc itself.
    pub glibc_release: Option<Version>,
    pub is_go: bool,
    /// Packed by UPX: the file is a static unpacker.
    pub is_packed: bool,
    /// It's dynamic, but its list of names can't be found (section headers removed).
    pub names_are_lost: bool,
}

/// Why there's nothing to tell.
pub enum Problem {
    Unreadable(String),
    /// What it is instead.
    NotElf(&'static [u8]),
    Damaged,
}

impl Elf {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Elf, Problem> {
        let data = files::map(path).map_err(|e| Problem::Unreadable(unreadable(&e)))?;
        if !data.starts_with(b"\x7fELF") {
            return Err(Problem::NotElf(data));
        }
        let parsed = match data.get(4) {
            Some(1) => parse::<elf::FileHeader32<Endianness>>(data, 32),
            Some(2) => parse::<elf::FileHeader64<Endianness>>(data, 64),
            _ => return Err(Problem::Damaged),
        };
        parsed.map_err(|_| Problem::Damaged)
    }
}

/// Why a file can't be read.
pub fn unreadable(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_string(),
        std::io::ErrorKind::PermissionDenied => "it may not be read (permission denied)".to_string(),
        _ => launch::plain(e),
    }
}

fn parse<H: FileHeader<Endian = Endianness>>(data: &[u8], bits: u8) -> object::read::Result<Elf> {
    let file = ElfFile::<H>::parse(data)?;
    let endian = file.endian();
    let header = file.elf_header();
    let (machine, kind) = (header.e_machine(endian), header.e_type(endian));
    let mut this = Elf {
        bits,
        machine: name_of(machine, bits),
        is_ours: machine == elf::EM_X86_64 && bits == 64 && endian == Endianness::Little,
        is_executable: kind == elf::ET_EXEC,
        is_shared_object: kind == elf::ET_DYN,
        is_packed: data.iter().take(1024).collect::<Vec<_>>().windows(4).any(|w| w == [&b'U', &b'P', &b'X', &b'!']),
        ..Elf::default()
    };
    for segment in file.elf_program_headers() {
        if let Some(path) = segment.interpreter(endian, data)? {
            this.interpreter = Some(text(path));
        }
        this.is_dynamic |= segment.p_type(endian) == elf::PT_DYNAMIC;
    }
    dynamic_table(&file, data, &mut this)?;
    // A static program that may lie anywhere has a dynamic table for its own relocations.
    this.is_dynamic = this.interpreter.is_some() || (this.is_dynamic && !this.needed.is_empty());
    let symbols = file.elf_dynamic_symbol_table();
    for symbol in symbols.iter().filter(|s| !s.is_local()) {
        let name = text(symbols.symbol_name(endian, symbol)?);
        if name.is_empty() {
            continue;
        }
        if symbol.is_undefined(endian) {
            this.imports.insert(name)
        } else {
            this.exports.insert(name)
        };
    }
    this.names_are_lost = this.is_dynamic && symbols.is_empty();
    let sections = file.elf_section_table();
    for section in sections.iter() {
        let name = sections.section_name(endian, section).unwrap_or(b"");
        this.is_go |= name == b".go.buildinfo" || name == b".note.go.buildid";
        if let Some((mut needs, strings)) = section.gnu_verneed(endian, data)? {
            let strings = sections.strings(endian, data, SectionIndex(strings.0))?;
            while let Some((_, mut versions)) = needs.next()? {
                while let Some(version) = versions.next()? {
                    let name = text(version.name(endian, strings)?);
                    this.needs_glibc = this.needs_glibc.max(name.strip_prefix("GLIBC_").and_then(version_of));
                }
            }
        }
    }
    if this.soname.as_deref() == Some("libc.so.6") {
        this.glibc_release = release(data);
    }
    Ok(this)
}

fn dynamic_table<H: FileHeader<Endian = Endianness>>(
    file: &ElfFile<H>,
    data: &[u8],
    this: &mut Elf,
) -> object::read::Result<()> {
    let endian = file.endian();
    // By the segment, as ld.so does: its strings are where an address says, so the segments tell the place in the file.
    let segments = file.elf_program_headers();
    let entries = segments.iter().find_map(|s| s.dynamic(endian, data).transpose()).transpose()?.unwrap_or(&[]);
    let entries = || entries.iter().map(|d| (d.tag(endian), d.val(endian))).take_while(|(tag, _)| *tag != elf::DT_NULL);
    let value = |wanted| entries().find(|(tag, _)| *tag == wanted).map(|(_, value)| value);
    let strings = value(elf::DT_STRTAB).and_then(|address| {
        let size = value(elf::DT_STRSZ)?;
        segments.iter().find_map(|s| s.data_range(endian, data, address, size).ok().flatten())
    });
    let string = |at: u64| {
        let bytes = strings?.get(at as usize..)?;
        Some(text(bytes.split(|&b| b == 0).next()?))
    };
    let paths = |at| string(at).map_or(Vec::new(), |s| s.split(':').map(str::to_string).collect());
    for (tag, value) in entries() {
        match tag {
            elf::DT_NEEDED => this.needed.extend(string(value)),
            elf::DT_SONAME => this.soname = string(value),
            elf::DT_RPATH => this.rpath = paths(value),
            elf::DT_RUNPATH => this.runpath = paths(value),
            elf::DT_FLAGS_1 => this.is_executable |= value & 0x0800_0000 != 0, // DF_1_PIE
            _ => {}
        }
    }
    Ok(())
}

fn name_of(machine: elf::Machine, bits: u8) -> String {
    match (machine, bits) {
        (elf::EM_X86_64, 64) => "x86-64".to_string(),
        (elf::EM_X86_64, _) => "x32".to_string(),
        (elf::EM_386, _) => "32-bit x86".to_string(),
        (elf::EM_AARCH64, _) => "64-bit ARM".to_string(),
        (elf::EM_ARM, _) => "32-bit ARM".to_string(),
        (elf::EM_RISCV, _) => format!("{bits}-bit RISC-V"),
        (elf::EM_PPC64, _) => "64-bit POWER".to_string(),
        (elf::EM_S390, _) => "s390".to_string(),
        (other, _) => format!("another machine's (ELF number {})", other.0),
    }
}

/// `2.34` of a string that may go on (`2.34.1`); None of other strings.
pub fn version_of(s: &str) -> Option<Version> {
    let mut parts = s.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

/// glibc's own release, which it says in a string ("… stable release version 2.36."). The versions of its symbols don't
/// tell: a release needn't add any.
fn release(data: &[u8]) -> Option<Version> {
    const BEFORE: &[u8] = b"release version ";
    let at = data.windows(BEFORE.len()).position(|w| w == BEFORE)? + BEFORE.len();
    let end = data[at..].iter().position(|b| !(b.is_ascii_digit() || *b == b'.'))?;
    version_of(text(&data[at..at + end]).trim_end_matches('.'))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
