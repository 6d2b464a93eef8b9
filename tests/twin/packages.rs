//! What fixtures need beyond gcc: their language, and the Debian packages they name. Installed where we may, else the fixture is skipped.

use crate::Fixture;
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// Sees to everything that the fixture needs; the error says what is missing.
pub fn provide(fixture: &Fixture) -> Result<(), String> {
    if let Some((package, program)) = fixture.language.package() {
        if !have_program(program) {
            installed(package)?;
        }
    }
    fixture.directives.needs.iter().try_for_each(|package| installed(package))?;
    match &fixture.directives.neighbour {
        Some(neighbour) if library(&neighbour.library).is_none() => Err(format!("{} is not here", neighbour.library)),
        _ => Ok(()),
    }
}

/// The full path of a shared library, as the loader's cache knows it.
pub fn library(soname: &str) -> Option<String> {
    let cache = output(Command::new("/sbin/ldconfig").arg("-p"))?;
    let line =
        cache.lines().find(|line| line.trim_start().starts_with(&format!("{soname} ")) && line.contains("x86-64"))?;
    Some(line.split_once("=> ")?.1.trim().to_string())
}

/// Whether a Debian package is there, after an attempt to install it. Each package is tried once.
fn installed(package: &str) -> Result<(), String> {
    static TRIED: OnceLock<Mutex<HashMap<String, Result<(), String>>>> = OnceLock::new();
    let mut tried = TRIED.get_or_init(Default::default).lock().unwrap();
    tried.entry(package.to_string()).or_insert_with(|| try_install(package)).clone()
}

fn try_install(package: &str) -> Result<(), String> {
    let there = || {
        output(Command::new("dpkg-query").args(["-W", "-f", "${Status}", package]))
            .is_some_and(|s| s.ends_with(" installed"))
    };
    if there() {
        return Ok(());
    }
    if std::env::var_os("GREEN_TEST_NO_INSTALL").is_some() {
        return Err(format!("needs the Debian package {package} (GREEN_TEST_NO_INSTALL forbids installing it)"));
    }
    // SAFETY: geteuid has no preconditions.
    if unsafe { libc::geteuid() } != 0 {
        return Err(format!("needs the Debian package {package}, and only root can install it"));
    }
    let apt = |args: &[&str]| output(Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive"));
    let install = ["install", "-y", "--no-install-recommends", package];
    // A fresh machine has no list of packages yet.
    if apt(&install).is_none() {
        apt(&["update"]);
        apt(&install);
    }
    if there() {
        Ok(())
    } else {
        Err(format!("needs the Debian package {package}, and apt-get could not install it"))
    }
}

/// A name to look for in PATH, or a full path.
fn have_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| Path::new(&dir).join(name).exists())
}

/// What a command printed, if it succeeded.
fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
