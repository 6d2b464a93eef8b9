//! Which process is looked at: a living one by its id, or a dead one by its core file.

use crate::memory::Memory;
use crate::output::tell;
use crate::process::Process;
use crate::starts;
use crate::symbols::Symbols;
use crate::waits::Waits;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Which process: a living one, or a core file's
#[derive(clap::Args)]
pub struct Which {
    /// The process's id; with --core, its program's file
    #[arg(value_name = "PID|PROGRAM", required = true)]
    process: Option<OsString>,
    /// Look at this core file of the program instead of a living process
    #[arg(long, value_name = "CORE", requires = "process")]
    core: Option<PathBuf>,
}

impl Which {
    /// Whether one is named.
    pub fn is_given(&self) -> bool {
        self.process.is_some()
    }

    /// Looks at the threads.
    pub fn look<T>(&self, say: impl FnOnce(&Waits) -> Result<T, String>) -> Result<T, String> {
        let memory = self.open()?;
        let mut process = Process::read(&memory)?;
        if memory.is_truncated() {
            tell("the core is truncated (ulimit -c, or a full disk): much can't be seen, or only in part");
        }
        let mut threads = process.threads();
        let symbols = Symbols::of(&memory);
        starts::name(&mut threads, &symbols);
        say(&Waits::new(&process, &symbols, &threads))
    }

    fn open(&self) -> Result<Memory, String> {
        let process = self.process.clone().unwrap_or_default();
        if let Some(core) = &self.core {
            return Memory::of_core(core, Path::new(&process));
        }
        match process.to_str().and_then(|p| p.parse().ok()).filter(|&pid: &i32| pid > 0) {
            Some(pid) => Memory::of(pid),
            None => {
                tell(&format!("{} is not a process id", process.to_string_lossy()));
                std::process::exit(2)
            }
        }
    }
}
