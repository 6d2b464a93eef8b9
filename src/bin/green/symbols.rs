//! Addresses as text for people: functions and source lines of code, names of data. From the mapped files' symbol tables and DWARF, or
//! those of separate debug files.

use crate::debug_file;
use crate::escape::escaped;
use crate::mapping::Mapping;
use crate::memory::{Memory, Unreadable};
use crate::output::tell;
use crate::unwind::Frames;
use addr2line::gimli::{self, EndianSlice, SectionId};
use object::elf::{ELFMAG, PT_LOAD, STT_FUNC, STT_GNU_IFUNC, STT_OBJECT};
use object::read::elf::{ElfFile64, ProgramHeader, Sym};
use object::{CompressionFormat, LittleEndian, Object as _, ObjectSection, ObjectSymbol};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::rc::Rc;

pub type Elf = ElfFile64<'static, LittleEndian>;
type Reader = EndianSlice<'static, gimli::LittleEndian>;
const E: LittleEndian = LittleEndian;

/// The object files of a process, each read when it's first asked for.
pub struct Symbols<'m> {
    memory: &'m Memory,
    objects: RefCell<HashMap<PathBuf, Option<Rc<Object>>>>,
    /// Whether files that were replaced are told of.
    tells: bool,
}

/// A function, or one that was inlined, at an address.
pub struct Place {
    pub function: Option<String>,
    /// file:line
    pub line: Option<String>,
    pub is_inlined: bool,
}

impl<'m> Symbols<'m> {
    pub fn of(memory: &'m Memory) -> Self {
        Symbols { memory, objects: RefCell::default(), tells: true }
    }

    /// The same, for who has the terminal to itself.
    pub fn quietly_of(memory: &'m Memory) -> Self {
        Symbols { tells: false, ..Self::of(memory) }
    }

    /// The object that an address lies in, its zeroed data included; None if it's no file's.
    pub fn object(&self, address: u64) -> Option<Rc<Object>> {
        // Zeroed data lies behind the last of the file's own mappings.
        let mappings = self.memory.mappings();
        let before = mappings.partition_point(|m| m.low <= address);
        let mapping = mappings[..before].last()?;
        let known = self.objects.borrow().get(&mapping.path).cloned();
        let object = known.unwrap_or_else(|| {
            let object = self.load(mapping).map(Rc::new);
            self.objects.borrow_mut().insert(mapping.path.clone(), object.clone());
            object
        })?;
        (object.low..object.high).contains(&address).then_some(object)
    }

    fn load(&self, mapping: &Mapping) -> Option<Object> {
        let first = self.memory.mappings().iter().find(|m| m.path == mapping.path)?;
        let file = self.memory.file(first);
        if self.tells && file == Err(Unreadable::Replaced) && self.memory.bytes(first.low) == Some(ELFMAG) {
            tell(&self.memory.told_of_replaced(first));
        }
        Object::load(first, file.ok()?, self.memory.is_ours(first))
    }

    /// What's at a code address, the innermost inlined function first; at least one.
    pub fn places(&self, address: u64) -> Vec<Place> {
        let found = self.object(address).map(|object| object.places(address)).unwrap_or_default();
        if found.is_empty() {
            return vec![Place { function: None, line: None, is_inlined: false }];
        }
        found
    }

    /// The name of the function at a code address, without parameters.
    pub fn function(&self, address: u64) -> Option<String> {
        let object = self.object(address)?;
        let (name, _) = object.names().find(false, object.file_address(address))?;
        let cpp = cpp_demangle::Symbol::new(name).ok().filter(|_| name.starts_with("_Z"));
        let options = cpp_demangle::DemangleOptions::new().no_params();
        cpp.and_then(|s| s.demangle_with_options(&options).ok()).or_else(|| Some(demangled(name)))
    }

    /// Where the object that an address lies in has something that it exports by this name.
    pub fn exported(&self, address: u64, name: &str) -> Option<u64> {
        let object = self.object(address)?;
        let symbol = object.elf.dynamic_symbols().find(|symbol| symbol.name() == Ok(name))?;
        Some(symbol.address().wrapping_add(object.bias))
    }

    /// `name+offset` of the data at an address, if it has a name.
    pub fn data(&self, address: u64) -> Option<String> {
        let object = self.object(address)?;
        let (name, offset) = object.names().find(true, object.file_address(address))?;
        let name = escaped(name.as_bytes());
        Some(if offset == 0 { format!("{name}+0") } else { format!("{name}+{offset:#x}") })
    }
}

pub struct Object {
    path: PathBuf,
    is_ours: bool,
    pub elf: Elf,
    /// What is added to the file's addresses.
    pub bias: u64,
    low: u64,
    high: u64,
    debug: OnceCell<Option<Elf>>,
    names: OnceCell<Names>,
    lines: OnceCell<Option<addr2line::Context<Reader>>>,
    frames: OnceCell<Option<Frames>>,
}

impl Object {
    /// `first`: its lowest mapping.
    fn load(first: &Mapping, bytes: &'static [u8], is_ours: bool) -> Option<Object> {
        let elf = Elf::parse(bytes).ok()?;
        let loaded = || elf.elf_program_headers().iter().filter(|p| p.p_type(E) == PT_LOAD);
        const PAGE: u64 = 4096;
        let segment = loaded().find(|p| p.p_offset(E) / PAGE * PAGE == first.offset)?;
        let bias = first.low.wrapping_sub(segment.p_vaddr(E) / PAGE * PAGE);
        let high = loaded().map(|p| p.p_vaddr(E).wrapping_add(p.p_memsz(E))).max()?.wrapping_add(bias);
        Some(Object {
            path: first.place().to_path_buf(),
            is_ours,
            elf,
            bias,
            low: first.low,
            high,
            debug: OnceCell::new(),
            names: OnceCell::new(),
            lines: OnceCell::new(),
            frames: OnceCell::new(),
        })
    }

    /// An address as the file has it.
    pub fn file_address(&self, address: u64) -> u64 {
        address.wrapping_sub(self.bias)
    }

    /// The name of its file.
    pub fn name(&self) -> String {
        escaped(self.path.file_name().unwrap_or_default().as_bytes())
    }

    /// Whether it's the library.
    pub fn is_ours(&self) -> bool {
        self.is_ours
    }

    /// Whether it belongs to libc, or to the library: what is between the program and its wait.
    pub fn is_system(&self) -> bool {
        let name = self.name();
        self.is_ours() || ["libc.so", "libc-2", "libpthread", "ld-linux"].iter().any(|n| name.starts_with(n))
    }

    /// Its unwind tables.
    pub fn frames(&self) -> Option<&Frames> {
        self.frames.get_or_init(|| Frames::read(&self.elf)).as_ref()
    }

    /// Its separate debug file, if it needs one and there is one.
    fn debug(&self) -> Option<&Elf> {
        self.debug
            .get_or_init(|| if has_lines(&self.elf) { None } else { debug_file::find(&self.elf, &self.path) })
            .as_ref()
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            let with_symbols =
                self.debug().filter(|d| self.elf.elf_symbol_table().is_empty() && !d.elf_symbol_table().is_empty());
            Names::read(with_symbols.unwrap_or(&self.elf))
        })
    }

    fn lines(&self) -> Option<&addr2line::Context<Reader>> {
        let read = || {
            let elf = if has_lines(&self.elf) { Some(&self.elf) } else { self.debug().filter(|d| has_lines(d)) };
            elf.and_then(lines)
        };
        self.lines.get_or_init(read).as_ref()
    }

    fn places(&self, address: u64) -> Vec<Place> {
        let address = self.file_address(address);
        let mut places = Vec::new();
        if let Some(mut found) = self.lines().and_then(|l| l.find_frames(address).skip_all_loads().ok()) {
            while let Ok(Some(frame)) = found.next() {
                let function = frame.function.and_then(|f| f.raw_name().ok().map(|n| demangled(&n)));
                let line = frame.location.and_then(|l| {
                    let file = escaped(l.file?.rsplit('/').next()?.as_bytes());
                    Some(l.line.map_or(file.clone(), |line| format!("{file}:{line}")))
                });
                places.push(Place { function, line, is_inlined: true });
            }
        }
        // The symbol table has the outermost one's name, and how far into it that is.
        let symbol = self.names().find(false, address).map(|(name, offset)| format!("{}+{offset:#x}", demangled(name)));
        match places.last_mut() {
            Some(outermost) => {
                outermost.is_inlined = false;
                outermost.function = symbol.or(outermost.function.take());
            }
            None => places.push(Place { function: symbol, line: None, is_inlined: false }),
        }
        places
    }
}

/// A function's name for people.
fn demangled(name: &str) -> String {
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        return format!("{rust:#}");
    }
    let cpp = name.starts_with("_Z").then(|| cpp_demangle::Symbol::new(name).ok().and_then(|s| s.demangle().ok()));
    cpp.flatten().unwrap_or_else(|| escaped(name.as_bytes()))
}

/// Functions and data, each by address.
struct Names {
    functions: Vec<Name>,
    data: Vec<Name>,
}

struct Name {
    low: u64,
    size: u64,
    name: &'static str,
}

impl Names {
    fn read(elf: &Elf) -> Names {
        let mut table = elf.elf_symbol_table();
        if table.is_empty() {
            table = elf.elf_dynamic_symbol_table();
        }
        let mut names = Names { functions: Vec::new(), data: Vec::new() };
        for symbol in table.iter() {
            let Ok(Ok(name)) = table.symbol_name(E, symbol).map(std::str::from_utf8) else { continue };
            let list = match symbol.st_type() {
                t if t == STT_FUNC || t == STT_GNU_IFUNC => &mut names.functions,
                t if t == STT_OBJECT => &mut names.data,
                _ => continue,
            };
            let (low, size) = (symbol.st_value(E), symbol.st_size(E));
            if low != 0 && size != 0 && !name.is_empty() {
                list.push(Name { low, size, name });
            }
        }
        // Of several names at one address the last is taken: that with the fewest underscores.
        let key = |n: &Name| (n.low, std::cmp::Reverse(n.name.bytes().take_while(|&b| b == b'_').count()), n.name);
        names.functions.sort_by_key(key);
        names.data.sort_by_key(key);
        names
    }

    /// The name of the function, or the data, that an address lies in, and how far.
    fn find(&self, data: bool, address: u64) -> Option<(&'static str, u64)> {
        let list = if data { &self.data } else { &self.functions };
        let before = &list[..list.partition_point(|n| n.low <= address)];
        let found = before.iter().rev().take(16).find(|n| address - n.low < n.size)?;
        Some((found.name, address - found.low))
    }
}

fn has_lines(elf: &Elf) -> bool {
    elf.section_by_name(".debug_info").is_some()
}

fn lines(elf: &Elf) -> Option<addr2line::Context<Reader>> {
    let load = |id: SectionId| -> Result<Reader, gimli::Error> {
        Ok(EndianSlice::new(section(elf, id.name()).unwrap_or(&[]), gimli::LittleEndian))
    };
    addr2line::Context::from_dwarf(gimli::Dwarf::load(load).ok()?).ok()
}

/// A section's bytes, decompressed if need be.
pub fn section(elf: &Elf, name: &str) -> Option<&'static [u8]> {
    let compressed = elf.section_by_name(name)?.compressed_data().ok()?;
    match compressed.format {
        CompressionFormat::None => Some(compressed.data),
        CompressionFormat::Zlib => {
            let size = usize::try_from(compressed.uncompressed_size).ok()?;
            let plain = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(compressed.data, size).ok()?;
            Some(plain.leak())
        }
        _ => None,
    }
}
