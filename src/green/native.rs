//! GREEN_NATIVE: threads that stay kernel threads, named by the function that they begin with, by the library which that is in,
//! or by their own name. (A thread that is given such a name later is green already: it gets a kernel thread to itself.)
//!
//! A function's name is looked up in its object's file. That's done once for each function, on the creator's stack, which may
//! be small: no allocation, no recursion, small buffers.

use crate::config;
use crate::lock::Lock;
use crate::sys;
use libc::{Elf64_Ehdr, Elf64_Phdr, Elf64_Shdr, Elf64_Sym};

/// What was found out of functions that threads began with.
struct Known {
    answers: [(usize, bool); 64],
    next: usize,
}

static KNOWN: Lock<Known> = Lock::new(Known { answers: [(0, false); 64], next: 0 });

/// In the child of a fork: what was found out is true there too, but who was finding out is not there.
pub fn after_fork() {
    // SAFETY: the child has one thread; an entry that was being written is compared with functions only.
    unsafe { KNOWN.force_unlock() }
}

/// Whether a thread that begins with this function, and this argument, is to be native.
pub fn is_chosen(routine: usize, argument: usize) -> bool {
    if config::get().native.is_none() {
        return false;
    }
    let known = |k: &Known| k.answers.iter().find(|(r, _)| *r == routine).map(|&(_, answer)| answer);
    if let Some(answer) = known(&KNOWN.lock()) {
        return answer;
    }
    let mut remember = true;
    let answer = locate(routine).is_some_and(|place| {
        if name_of_file(&place).starts_with(b"libstdc++.so") {
            // std::thread: all begin with one function, and the argument is an object of a class of the program's.
            remember = false;
            // SAFETY: that object, which begins with the address of its class's table.
            let class = unsafe { *(argument as *const usize) };
            return locate(class).is_some_and(|place| matches_library(name_of_file(&place)));
        }
        matches_library(name_of_file(&place)) || has_chosen_symbol(&place)
    });
    if remember {
        let mut known = KNOWN.lock();
        let n = known.next % known.answers.len();
        known.answers[n] = (routine, answer);
        known.next += 1;
    }
    answer
}

/// Whether a thread of that name is.
pub fn is_chosen_name(name: &[u8]) -> bool {
    config::get().native.is_some() && patterns().any(|p| p == name)
}

/// The words of the variable, between commas.
fn patterns() -> impl Iterator<Item = &'static [u8]> {
    let all = config::get().native.map_or(&[][..], |v| v.to_bytes());
    all.split(|&b| b == b',').filter(|p| !p.is_empty())
}

/// `libx.so` means libx.so.1.2 too.
fn matches_library(file: &[u8]) -> bool {
    patterns().any(|p| {
        p.windows(3).any(|w| w == b".so")
            && file.strip_prefix(p).is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'.'))
    })
}

/// Where an address lies: in which file (its path, NUL-terminated), at which offset.
struct Place {
    path: [u8; 512],
    len: usize,
    offset: u64,
}

fn name_of_file(place: &Place) -> &[u8] {
    let path = &place.path[..place.len];
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
}

/// From the kernel's list of mappings: the loader's own functions take its locks.
fn locate(address: usize) -> Option<Place> {
    let fd = sys::open(b"/proc/self/maps\0", libc::O_RDONLY | libc::O_CLOEXEC, 0).ok()?;
    let mut line = [0u8; 1024];
    let mut len = 0;
    let mut found = None;
    let mut buffer = [0u8; 1024];
    'reading: while let Ok(n @ 1..) = sys::read(fd, &mut buffer) {
        for &byte in &buffer[..n] {
            if byte != b'\n' {
                // What doesn't fit is no path that we could open.
                line[len.min(line.len() - 1)] = byte;
                len = (len + 1).min(line.len());
                continue;
            }
            found = place_in(&line[..len], address);
            len = 0;
            if found.is_some() {
                break 'reading;
            }
        }
    }
    sys::close(fd);
    found
}

/// `low-high perms offset device inode path`, if the address lies in there and it's a file.
fn place_in(line: &[u8], address: usize) -> Option<Place> {
    let mut fields = line.split(|&b| b == b' ').filter(|f| !f.is_empty());
    let range = fields.next()?;
    let dash = range.iter().position(|&b| b == b'-')?;
    let (low, high) = (hex(&range[..dash])?, hex(&range[dash + 1..])?);
    if !(low..high).contains(&(address as u64)) {
        return None;
    }
    let offset = hex(fields.nth(1)?)?;
    let start = line.iter().position(|&b| b == b'/')?;
    let text = &line[start..];
    let mut path = [0; 512];
    if text.len() >= path.len() {
        return None;
    }
    path[..text.len()].copy_from_slice(text);
    Some(Place { path, len: text.len(), offset: address as u64 - low + offset })
}

fn hex(text: &[u8]) -> Option<u64> {
    u64::from_str_radix(core::str::from_utf8(text).ok()?, 16).ok()
}

/// Whether a function begins at that place whose name is one of the words.
fn has_chosen_symbol(place: &Place) -> bool {
    let Ok((file, len)) = sys::map_file(&place.path[..=place.len]) else { return false };
    // SAFETY: the mapping, which nobody writes to.
    let bytes = unsafe { core::slice::from_raw_parts(file, len) };
    let answer = search(bytes, place.offset).unwrap_or(false);
    // SAFETY: nothing refers to it any more.
    unsafe { sys::unmap(file as *mut u8, len) };
    answer
}

/// A struct of an ELF file; None beyond its end. Any bytes are such a struct.
fn read<T: Copy>(bytes: &[u8], at: u64) -> Option<T> {
    let at = usize::try_from(at).ok()?;
    let part = bytes.get(at..at.checked_add(size_of::<T>())?)?;
    // SAFETY: as many bytes, of plain numbers.
    Some(unsafe { core::ptr::read_unaligned(part.as_ptr() as *const T) })
}

fn search(bytes: &[u8], offset: u64) -> Option<bool> {
    const SYMTAB: u32 = 2;
    const DYNSYM: u32 = 11;
    let header: Elf64_Ehdr = read(bytes, 0)?;
    if header.e_ident[..4] != *b"\x7fELF" {
        return None;
    }
    let address = (0..header.e_phnum as u64).find_map(|n| {
        let p: Elf64_Phdr = read(bytes, header.e_phoff + n * size_of::<Elf64_Phdr>() as u64)?;
        let inside = p.p_type == libc::PT_LOAD && (p.p_offset..p.p_offset + p.p_filesz).contains(&offset);
        inside.then(|| offset - p.p_offset + p.p_vaddr)
    })?;
    let section = |n: u64| read::<Elf64_Shdr>(bytes, header.e_shoff + n * size_of::<Elf64_Shdr>() as u64);
    for table in (0..header.e_shnum as u64).filter_map(section).filter(|s| s.sh_type == SYMTAB || s.sh_type == DYNSYM) {
        let names = section(table.sh_link as u64)?;
        for n in 0..table.sh_size / size_of::<Elf64_Sym>() as u64 {
            let symbol: Elf64_Sym = read(bytes, table.sh_offset + n * size_of::<Elf64_Sym>() as u64)?;
            if symbol.st_value == address {
                let name = bytes.get((names.sh_offset + symbol.st_name as u64) as usize..)?;
                let name = name.split(|&b| b == 0).next()?;
                if patterns().any(|p| p == name) {
                    return Some(true);
                }
            }
        }
    }
    Some(false)
}
