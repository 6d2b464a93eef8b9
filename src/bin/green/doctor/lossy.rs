//! Paths in JSON, which knows only UTF-8: what isn't that is replaced in what's printed, not in what's looked at.

use serde::{Serialize, Serializer};
use std::ops::Deref;
use std::path::{Path, PathBuf};

#[derive(Clone)]
pub struct Lossy(pub PathBuf);

impl Deref for Lossy {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Serialize for Lossy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_string_lossy())
    }
}
