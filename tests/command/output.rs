//! What doesn't take the command's words: a full disk, a reader that has gone.

use crate::looked_at::LookedAt;
use crate::run::Folder;
use crate::{green, said};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Refuses whatever is written.
fn full() -> File {
    File::options().write(true).open("/dev/full").expect("a device of Linux's")
}

fn is_refused(command: &mut Command, refused: i32) {
    let (status, _, err) = said(command.stdout(full()));
    assert_eq!((status, err.as_str()), (refused, "green: stdout: no space left on device\n"), "{command:?}");
}

#[test]
fn a_full_disk() {
    let library = crate::library();
    let library = library.to_str().expect("a plain path");
    is_refused(&mut green(&["config"]), 1);
    is_refused(&mut green(&["config", "--markdown"]), 1);
    is_refused(&mut green(&["doctor", "--lib", library, "/bin/true"]), 3);
    is_refused(&mut green(&["doctor", "--json", "--lib", library, "/bin/true"]), 3);
    is_refused(&mut green(&["run", "--lib", library, "--dry-run", "true"]), 125);
    let folder = Folder::new("full");
    fs::create_dir_all(folder.path("zsh")).expect("a folder");
    std::os::unix::fs::symlink("/dev/full", folder.path("zsh/_green")).expect("a link");
    let (status, _, err) = said(&mut green(&["generate", &folder.path("")]));
    assert!(status == 1 && err.ends_with("No space left on device (os error 28)\n"), "{status} {err}");
    let (status, ..) = said(green(&["ps", "999999999"]).stderr(full()));
    assert_eq!(status, 1);
}

#[test]
fn a_full_disk_for_what_looks_into_a_process() {
    let Some(process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&["hog              running"]);
    let pid = process.pid();
    is_refused(&mut green(&["ps", &pid]), 1);
    is_refused(&mut green(&["stack", &pid]), 1);
    is_refused(&mut green(&["locks", &pid]), 3);
    is_refused(&mut green(&["top", "--once", "--interval", "0.05", &pid]), 1);
}

/// Where SIGPIPE is ignored, as under systemd.
#[test]
fn a_reader_that_has_gone() {
    let (gone, pipe) = std::io::pipe().expect("a pipe");
    drop(gone);
    let mut config = green(&["config"]);
    // SAFETY: signal(2) is safe to call there.
    unsafe {
        config.pre_exec(|| {
            libc::signal(libc::SIGPIPE, libc::SIG_IGN);
            Ok(())
        });
    }
    let (status, _, err) = said(config.stdout(pipe));
    assert_eq!((status, err.as_str()), (0, ""));
}
