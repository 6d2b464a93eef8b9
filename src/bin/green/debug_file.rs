//! Debug information in a file of its own: by build id where distributions put it, or by the name that the program's file has of it
//! (.gnu_debuglink), in the places where gdb looks too.

use crate::files;
use crate::symbols::Elf;
use object::Object as _;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where gdb looks by default (debug-file-directory).
const GLOBAL: &str = "/usr/lib/debug";

/// The debug file of one that is, or was, at a path; None if there's none, or only one of another build.
pub fn find(elf: &Elf, path: &Path) -> Option<Elf> {
    by_build_id(elf).or_else(|| by_name(elf, path))
}

fn by_build_id(elf: &Elf) -> Option<Elf> {
    let id = elf.build_id().ok()??;
    let hex: String = id.iter().map(|b| format!("{b:02x}")).collect();
    let file = format!("{GLOBAL}/.build-id/{}/{}.debug", hex.get(..2)?, hex.get(2..)?);
    Elf::parse(files::map(Path::new(&file)).ok()?).ok().filter(|debug| debug.build_id() == Ok(Some(id)))
}

fn by_name(elf: &Elf, path: &Path) -> Option<Elf> {
    let (name, sum) = elf.gnu_debuglink().ok()??;
    let (name, folder) = (OsStr::from_bytes(name), path.parent()?);
    let global = Path::new(GLOBAL).join(folder.strip_prefix("/").unwrap_or(folder));
    let candidates: [PathBuf; 3] = [folder.join(name), folder.join(".debug").join(name), global.join(name)];
    candidates.iter().filter(|candidate| *candidate != path).find_map(|candidate| {
        let bytes = files::map(candidate).ok()?;
        let debug = Elf::parse(bytes).ok()?;
        // Most files have build ids; else the name comes with a sum of the whole file.
        let is_it = match elf.build_id().ok().flatten() {
            Some(id) => debug.build_id() == Ok(Some(id)),
            None => crc32(bytes) == sum,
        };
        is_it.then_some(debug)
    })
}

/// The checksum of .gnu_debuglink: CRC-32, as in zip files.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut n = 0;
        while n < 256 {
            let (mut sum, mut bit) = (n as u32, 0);
            while bit < 8 {
                sum = if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
                bit += 1;
            }
            table[n] = sum;
            n += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |sum, &byte| sum >> 8 ^ TABLE[usize::from(sum as u8 ^ byte)])
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sum_that_everybody_knows() {
        assert_eq!(super::crc32(b"123456789"), 0xcbf4_3926);
    }
}
