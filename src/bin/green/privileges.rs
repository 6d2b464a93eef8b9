//! What a program's file gives to whoever starts it: then the loader doesn't heed LD_PRELOAD.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

pub struct Privileges {
    /// The user, and the group, that it runs as.
    pub setuid: Option<u32>,
    pub setgid: Option<u32>,
    pub capabilities: bool,
}

impl Privileges {
    pub fn of(path: &Path) -> io::Result<Privileges> {
        let file = path.metadata()?;
        // Without the group's right to execute, the bit means something else.
        let group_bits = libc::S_ISGID | libc::S_IXGRP;
        Ok(Privileges {
            setuid: (file.mode() & libc::S_ISUID != 0).then_some(file.uid()),
            setgid: (file.mode() & group_bits == group_bits).then_some(file.gid()),
            capabilities: has_capabilities(path),
        })
    }

    pub fn any(&self) -> bool {
        self.setuid.is_some() || self.setgid.is_some() || self.capabilities
    }

    /// Whether the user of this process gains any by it: whether the kernel would say AT_SECURE.
    pub fn are_gained(&self) -> bool {
        // SAFETY: these two can't fail.
        let (user, group) = unsafe { (libc::getuid(), libc::getgid()) };
        self.setuid.is_some_and(|id| id != user)
            || self.setgid.is_some_and(|id| id != group)
            || user != 0 && self.capabilities
    }
}

fn has_capabilities(file: &Path) -> bool {
    let Ok(path) = CString::new(file.as_os_str().as_bytes()) else { return false };
    // SAFETY: two strings; with no buffer, only the size is asked for.
    unsafe { libc::getxattr(path.as_ptr(), c"security.capability".as_ptr(), std::ptr::null_mut(), 0) > 0 }
}
