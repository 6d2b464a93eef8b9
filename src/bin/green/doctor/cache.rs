//! `/etc/ld.so.cache`, which `ldconfig` makes: where each library of the standard directories is.
//!
//! The format is glibc's `struct cache_file_new`: a magic, the number of entries, and 24 bytes for each, with offsets of its
//! strings from the beginning of that structure.

use std::collections::HashMap;
use std::fs;

#[derive(Default)]
pub struct Cache {
    paths: HashMap<String, String>,
}

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const HEADER: usize = 48;
const ENTRY: usize = 24;
/// FLAG_ELF_LIBC6 | FLAG_X8664_LIB64.
const X86_64: u32 = 0x0303;

impl Cache {
    /// An empty one if there is none, or none that we understand: then the default directories are all there is.
    pub fn read() -> Cache {
        fs::read("/etc/ld.so.cache").ok().and_then(|data| Cache::parse(&data)).unwrap_or_default()
    }

    fn parse(data: &[u8]) -> Option<Cache> {
        // An old-format cache may stand before it.
        let start = data.windows(MAGIC.len()).position(|w| w == MAGIC)?;
        let data = &data[start..];
        let word = |at: usize| Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?));
        let string = |at: u32| {
            let bytes = data.get(at as usize..)?;
            Some(String::from_utf8_lossy(bytes.split(|&b| b == 0).next()?).into_owned())
        };
        let mut paths = HashMap::new();
        for n in 0..word(MAGIC.len())? as usize {
            let at = HEADER + n * ENTRY;
            let (flags, key, value) = (word(at)?, word(at + 4)?, word(at + 8)?);
            let is_variant = (word(at + 16)?, word(at + 20)?) != (0, 0);
            if flags == X86_64 && !is_variant {
                paths.entry(string(key)?).or_insert(string(value)?);
            }
        }
        Some(Cache { paths })
    }

    pub fn find(&self, name: &str) -> Option<&str> {
        self.paths.get(name).map(String::as_str)
    }
}
