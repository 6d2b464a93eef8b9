//! On what it ran.

use serde::{Deserialize, Serialize};
use std::ffi::CStr;
use std::fs;
use std::path::Path;
use std::process::Command;

#[derive(Clone, Serialize, Deserialize)]
pub struct Machine {
    pub processor: String,
    pub processors: usize,
    pub memory_gib: f64,
    pub kernel: String,
    pub glibc: String,
    pub gcc: String,
    pub date: String,
    /// Of libgreen's repository; with `+` if files were changed since.
    pub revision: String,
}

impl Machine {
    pub fn look(root: &Path) -> Machine {
        // SAFETY: it gives a string that lives as long as the process.
        let glibc = unsafe { CStr::from_ptr(libc::gnu_get_libc_version()) }.to_string_lossy().into_owned();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Machine {
            processor: field("/proc/cpuinfo", "model name").unwrap_or_default(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: meminfo_kib("MemTotal").unwrap_or(0.0) / 1024.0 / 1024.0,
            kernel: kernel.trim().to_string(),
            glibc,
            gcc: output(Command::new("gcc").arg("-dumpfullversion")),
            date: output(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"])),
            revision: revision(root),
        }
    }
}

/// One line of /proc/meminfo.
pub fn meminfo_kib(name: &str) -> Option<f64> {
    field("/proc/meminfo", name)?.split(' ').next()?.parse().ok()
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.split_once(':').filter(|(key, _)| key.trim() == name))?;
    Some(line.1.trim().to_string())
}

fn revision(root: &Path) -> String {
    let git = |arguments: &[&str]| output(Command::new("git").arg("-C").arg(root).args(arguments));
    let changed = !git(&["status", "--porcelain"]).is_empty();
    format!("{}{}", git(&["rev-parse", "--short", "HEAD"]), if changed { "+" } else { "" })
}

/// What a command prints, without the newline; nothing if it can't be run.
fn output(command: &mut Command) -> String {
    let printed = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&printed).trim().to_string()
}
