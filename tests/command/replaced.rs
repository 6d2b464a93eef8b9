//! Files that were replaced after a process had mapped them, as by an upgrade: seen as an ordinary user sees it, whom the kernel doesn't
//! let at the mapped ones.

use crate::looked_at::{compile, folder, unprivileged};
use crate::{green, library, said};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A program that waits, with a library and a command of its own.
struct Copies {
    folder: PathBuf,
    child: Child,
}

impl Copies {
    fn start(library_name: &str) -> Option<Copies> {
        let folder = folder();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("for all to read");
        compile("waiting", &folder)?;
        fs::copy(library(), folder.join(library_name)).expect("a library");
        let _ = Command::new("cp").arg(green(&[]).get_program()).arg(folder.join("green")).status();
        let mut command = unprivileged(Path::new("env"))?;
        let preload = format!("LD_PRELOAD={}", folder.join(library_name).display());
        let child = command.arg(preload).arg(folder.join("waiting")).stdin(Stdio::null()).spawn().expect("it starts");
        let copies = Copies { folder, child };
        copies.until(|(status, out, _)| *status == 0 && out.contains("sleeper          waiting"));
        Some(copies)
    }

    /// What a subcommand says of the process.
    fn asked(&self, command: &str) -> (i32, String, String) {
        let mut green = unprivileged(&self.folder.join("green")).expect("it worked before");
        said(green.args([command, &self.child.id().to_string()]))
    }

    fn until(&self, is_wanted: impl Fn(&(i32, String, String)) -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let answer = self.asked("ps");
            if is_wanted(&answer) {
                return;
            }
            assert!(Instant::now() < end, "{answer:?}");
            sleep(Duration::from_millis(20));
        }
    }

    /// Puts another file in the place of one, as a package manager does.
    fn replace(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.join("new"), bytes).expect("a file");
        fs::rename(self.folder.join("new"), self.folder.join(name)).expect("a file in its place");
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn another_file_is_not_taken_for_the_mapped_one() {
    let Some(copies) = Copies::start("libgreen.so") else { return };
    let original = fs::read(library()).expect("the library is there");
    // Of another build: its id is another.
    let mut other = original.clone();
    let name = other.windows(4).position(|w| w == b"GNU\0").expect("its build id, or another note");
    other[name + 4] ^= 0xff;
    let is_told = |what: &str| {
        let (status, out, err) = copies.asked("ps");
        let wanted = "libgreen.so was replaced since the process started (root can still look)\n";
        assert!(status == 1 && out.is_empty() && err.ends_with(wanted), "{what}: {status} {out}{err}");
    };
    copies.replace("libgreen.so", &other);
    is_told("another build");
    copies.replace("libgreen.so", &fs::read("/bin/true").expect("it's there"));
    is_told("another file");
    fs::remove_file(copies.folder.join("libgreen.so")).expect("it's there");
    is_told("no file");
    copies.replace("libgreen.so", &original);
    let (status, out, err) = copies.asked("ps");
    assert!(status == 0 && out.contains("sleeper") && err.is_empty(), "the same file again: {err}");
    // The program itself can be had whatever is in its place.
    copies.replace("waiting", &fs::read("/bin/true").expect("it's there"));
    let (status, out, err) = copies.asked("stack");
    assert!(status == 0 && err.is_empty() && out.contains(" sleeper+0x") && out.contains("(waiting.c:"), "{out}{err}");
}

#[test]
fn a_library_of_another_name() {
    let Some(copies) = Copies::start("lg.so") else { return };
    let (status, out, err) = copies.asked("stack");
    assert!(status == 0 && err.is_empty() && out.contains("#0   pthread_mutex_lock (libgreen)\n"), "{out}{err}");
    let (status, out, _) = copies.asked("locks");
    assert!(status == 0 && out.contains("mutex ") && out.contains("at locker+0x"), "{out}");
}
