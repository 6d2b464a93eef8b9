//! A program found as execvp(3) finds it, and put in this process's place. By execve itself and not by std's `Command`, which would
//! reset SIGPIPE and the signal mask: a service whose SIGPIPE is ignored (systemd's default) must find it so.

use crate::script;
use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Where execvp looks when there is no PATH (glibc).
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// Why a program can't be run.
#[derive(Debug)]
pub struct Refusal {
    /// 127 if it isn't there, else 126, as of a shell or env(1).
    pub status: u8,
    /// One line.
    pub why: String,
}

impl Refusal {
    fn new(program: &OsStr, error: &io::Error) -> Refusal {
        let program = program.to_string_lossy();
        match error.raw_os_error() {
            Some(libc::ENOENT) => Refusal { status: 127, why: format!("there is no program {program}") },
            _ => Refusal { status: 126, why: format!("{program} can't be executed: {}", plain(error)) },
        }
    }
}

/// The error without Rust's "(os error 13)".
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// The file of a program that is called by this name: the name itself if it has a slash, else the first executable file of that
/// name in the folders of PATH.
pub fn find(name: &OsStr, path: Option<&OsStr>) -> Result<PathBuf, Refusal> {
    if name.as_bytes().contains(&b'/') {
        let file = PathBuf::from(name);
        return executable(&file).map(|()| file).map_err(|e| Refusal::new(name, &e));
    }
    let mut error = io::Error::from_raw_os_error(libc::ENOENT);
    if !name.is_empty() {
        for folder in path.unwrap_or(OsStr::new(DEFAULT_PATH)).as_bytes().split(|&b| b == b':') {
            let folder = if folder.is_empty() { OsStr::new(".") } else { OsStr::from_bytes(folder) };
            let file = Path::new(folder).join(name);
            match executable(&file) {
                Ok(()) => return Ok(file),
                Err(e) if e.raw_os_error() == Some(libc::EACCES) => error = e,
                Err(_) => {}
            }
        }
    }
    Err(Refusal::new(name, &error))
}

/// Whether it's a file that may be executed.
pub fn executable(file: &Path) -> io::Result<()> {
    if !file.metadata()?.is_file() {
        return Err(io::Error::from_raw_os_error(libc::EACCES));
    }
    let path = CString::new(file.as_os_str().as_bytes())?;
    // SAFETY: faccessat(2) on a string.
    match unsafe { libc::faccessat(libc::AT_FDCWD, path.as_ptr(), libc::X_OK, libc::AT_EACCESS) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Runs a file in this process's place; returns only if that can't be. A file that the kernel doesn't know is taken for a shell
/// script, as by execvp.
pub fn replace_self(file: &Path, arguments: &[OsString], environment: &[(OsString, OsString)]) -> Refusal {
    let text = |bytes: &[u8]| CString::new(bytes).unwrap_or_default();
    let entry = |(name, value): &(OsString, OsString)| text(&[name.as_bytes(), b"=", value.as_bytes()].concat());
    let environment: Vec<CString> = environment.iter().map(entry).collect();
    let mut arguments: Vec<CString> = arguments.iter().map(|a| text(a.as_bytes())).collect();
    let path = text(file.as_os_str().as_bytes());
    descriptors_as_inherited();
    let mut error = execve(&path, &arguments, &environment);
    if error.raw_os_error() == Some(libc::ENOEXEC) {
        let shell = text(script::SHELL.as_bytes());
        arguments.splice(..1, [shell.clone(), path]);
        error = execve(&shell, &arguments, &environment);
    }
    match error.raw_os_error() {
        // It was there a moment ago: what is missing is what would run it.
        Some(libc::ENOENT) => {
            Refusal { status: 127, why: format!("{} can't be executed: its interpreter is missing", file.display()) }
        }
        _ => Refusal::new(file.as_os_str(), &error),
    }
}

fn execve(file: &CString, arguments: &[CString], environment: &[CString]) -> io::Error {
    let list = |strings: &[CString]| -> Vec<*const libc::c_char> {
        strings.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let (arguments, environment) = (list(arguments), list(environment));
    // SAFETY: NUL-terminated strings in arrays that end in NULL, all alive.
    unsafe { libc::execve(file.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    io::Error::last_os_error()
}

static SIGPIPE_WAS_IGNORED: AtomicBool = AtomicBool::new(false);
/// Of stdin, stdout and stderr.
static WAS_CLOSED: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// Rust's runtime ignores SIGPIPE before main, and opens /dev/null where stdin, stdout or stderr is closed; a constructor comes before
/// that.
#[used]
#[link_section = ".init_array"]
static NOTE: extern "C" fn() = note;

extern "C" fn note() {
    // SAFETY: sigaction(2) into an object of ours, for which zeros will do.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGPIPE, std::ptr::null(), &mut now);
        SIGPIPE_WAS_IGNORED.store(now.sa_sigaction == libc::SIG_IGN, Ordering::Relaxed);
    }
    for (fd, was_closed) in (0..).zip(&WAS_CLOSED) {
        // SAFETY: no pointers.
        was_closed.store(unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1, Ordering::Relaxed);
    }
}

/// Closes what was closed when this process began.
fn descriptors_as_inherited() {
    for (fd, was_closed) in (0..).zip(&WAS_CLOSED) {
        if was_closed.load(Ordering::Relaxed) {
            // SAFETY: it's the runtime's, on /dev/null, and nobody uses it any more.
            unsafe { libc::close(fd) };
        }
    }
}

/// SIGPIPE as this process got it: for the program that `green run` runs, and so that `green ps … | head` ends as others do.
pub fn signals_as_inherited() {
    if !SIGPIPE_WAS_IGNORED.load(Ordering::Relaxed) {
        // SAFETY: the default action is always valid.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    }
}
