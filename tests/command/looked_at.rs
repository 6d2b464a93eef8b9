//! Programs that run under the library to be looked at: compiled from tests/command/c, ended when the test ends.

use crate::{green, library, said};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub struct LookedAt {
    child: Child,
    pub folder: PathBuf,
    pub program: PathBuf,
}

/// Whether a program is installed; if not, says that the test is skipped.
pub fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("skipped: {program} isn't installed");
    }
    there
}

/// A program's source.
pub fn source(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/command/c/{name}.c"));
    fs::read_to_string(path).expect("the source is there")
}

/// `name.c:line` of the line that has these words.
pub fn place(name: &str, words: &str) -> String {
    let n = source(name).lines().position(|l| l.ends_with(words)).expect("the line is there") + 1;
    format!("{name}.c:{n}")
}

/// Compiles a program, with debug information, into a folder. None: that can't be here.
pub fn compile(name: &str, folder: &Path) -> Option<PathBuf> {
    let program = folder.join(name);
    let built = Command::new("gcc")
        .args(["-g", "-O1", "-fno-inline", "-w", "-pthread", "-Wl,--build-id", "-o"])
        .arg(&program)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/command/c/{name}.c")))
        .status();
    if built.is_err() {
        eprintln!("skipped: gcc isn't installed");
        return None;
    }
    assert!(built.is_ok_and(|s| s.success()), "{name}.c compiles");
    Some(program)
}

/// A command by a user without privileges. None: there's no way to one.
pub fn unprivileged(program: &Path) -> Option<Command> {
    // SAFETY: plain geteuid(2).
    if unsafe { libc::geteuid() } != 0 {
        return Some(Command::new(program));
    }
    if !has("setpriv") {
        return None;
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]);
    command.arg(program);
    Some(command)
}

impl LookedAt {
    /// Starts a program, with debug information, under the library. None: that can't be here.
    pub fn start(name: &str) -> Option<LookedAt> {
        Self::start_with(name, &[])
    }

    /// The same with arguments.
    pub fn start_with(name: &str, arguments: &[&str]) -> Option<LookedAt> {
        let folder = folder();
        let program = compile(name, &folder)?;
        Some(Self::of(folder, program, arguments))
    }

    /// Starts a program of a folder, which goes with it.
    pub fn of(folder: PathBuf, program: PathBuf, arguments: &[&str]) -> LookedAt {
        let library = library();
        let mut command = Command::new(&program);
        // SAFETY: setrlimit(2) is safe to call there.
        unsafe {
            command.pre_exec(|| {
                let all = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
                libc::setrlimit(libc::RLIMIT_CORE, &all);
                Ok(())
            });
        }
        let child = command
            .args(arguments)
            .current_dir(&folder)
            .env("LD_PRELOAD", library)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        LookedAt { child, folder, program }
    }

    pub fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Waits until `green ps` says all of this, and gives what it says.
    pub fn until_ps_says(&self, words: &[&str]) -> String {
        let pid = self.pid();
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let (_, out, err) = said(&mut green(&["ps", &pid]));
            if words.iter().all(|w| out.contains(w)) {
                return out;
            }
            assert!(Instant::now() < end, "not all of {words:?}:\n{out}{err}");
            sleep(Duration::from_millis(20));
        }
    }

    /// Stops it as SIGSTOP does, and waits until it is.
    pub fn stop(&self) {
        // SAFETY: plain kill(2) of our own child, which wasn't waited for.
        unsafe { libc::kill(self.child.id() as i32, libc::SIGSTOP) };
        let end = Instant::now() + Duration::from_secs(60);
        let stat = format!("/proc/{}/stat", self.pid());
        while !fs::read_to_string(&stat).unwrap_or_default().contains(") T ") {
            assert!(Instant::now() < end, "it doesn't stop");
            sleep(Duration::from_millis(5));
        }
    }

    /// Its core file. It's ended for that, since only the kernel leaves out no green thread's stack: gcore gives up at guard regions
    /// (Linux 6.13), so it's asked only where the kernel sends its cores elsewhere. None if neither works.
    pub fn core(&mut self) -> Option<PathBuf> {
        let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
        if pattern.starts_with("core") {
            // SAFETY: plain kill(2) of our own child, which wasn't waited for.
            unsafe { libc::kill(self.child.id() as i32, libc::SIGABRT) };
            let _ = self.child.wait();
        } else if has("gdb") {
            let _ = Command::new("gcore").arg("-o").arg(self.folder.join("core")).arg(self.pid()).output();
        }
        let core = core_of(&self.folder);
        let size = core.as_ref().and_then(|c| fs::metadata(c).ok()).map_or(0, |m| m.len());
        if size == 0 || (!pattern.starts_with("core") && has_guard_regions()) {
            eprintln!("skipped: neither the kernel nor gcore gives a whole core here");
            return None;
        }
        core
    }

    /// The core file that the kernel writes when the program dies of itself. None: it writes none here.
    pub fn core_it_leaves(&mut self) -> Option<PathBuf> {
        let _ = self.child.wait();
        let core = core_of(&self.folder).filter(|core| fs::metadata(core).is_ok_and(|m| m.len() > 0));
        if core.is_none() {
            eprintln!("skipped: the kernel leaves no core here");
        }
        core
    }
}

fn core_of(folder: &Path) -> Option<PathBuf> {
    let mut names = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    names.find(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("core")))
}

/// Whether stacks may have guard regions, which gcore can't read over.
fn has_guard_regions() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split('.').map_while(|n| n.trim().parse::<u32>().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (6, 13)
}

impl Drop for LookedAt {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A new folder, for others to look into.
pub fn folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("green-look-{}-{n}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}
