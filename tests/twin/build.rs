//! Makes programs of the fixtures, `target/twin/<family>/<build>/<name>`, each only when it is older than what it is made of.
//!
//! A folder `c-tests/<family>/lib/` holds helper libraries: `lib/x.c` becomes `libx.so` beside that family's programs, which
//! find that folder in the environment variable `TWIN_LIB_DIR`, or link with `// link: -L. -lx`. A warning is an error:
//! fixtures are examples of clean code.

use crate::Fixture;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::SystemTime;

/// What a fixture is written in; its file name tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    C,
    Cpp,
    Rust,
    Python,
}

impl Language {
    /// `None` for a file that is no fixture: a header, a text.
    pub fn of(source: &Path) -> Option<Language> {
        match source.extension()?.to_str()? {
            "c" => Some(Language::C),
            "cpp" => Some(Language::Cpp),
            "rs" => Some(Language::Rust),
            "py" => Some(Language::Python),
            _ => None,
        }
    }

    /// How a line begins that is a comment.
    pub fn comment(self) -> &'static str {
        if self == Language::Python {
            "#"
        } else {
            "//"
        }
    }

    /// The Debian package that must be there, and the program that shows that it is. (gcc and rustc made the library.)
    pub fn package(self) -> Option<(&'static str, &'static str)> {
        match self {
            Language::C | Language::Rust => None,
            Language::Cpp => Some(("g++", "g++")),
            Language::Python => Some(("python3", PYTHON)),
        }
    }

    pub fn builds(self) -> &'static [Build] {
        match self {
            Language::C | Language::Cpp => &GCC_BUILDS,
            Language::Rust => &RUST_BUILDS,
            Language::Python => &SCRIPT,
        }
    }
}

/// Debian's, as a fixture's first line names it, wherever another may come first in PATH.
const PYTHON: &str = "/usr/bin/python3";

pub struct Build {
    pub name: &'static str,
    flags: &'static [&'static str],
}

/// `-O0` calls every libc function under its own name; fortified `-O2` calls the `__*_chk` forms, and inlines.
const GCC_BUILDS: [Build; 2] = [
    Build { name: "O0", flags: &["-O0", "-g"] },
    Build { name: "O2", flags: &["-O2", "-g", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"] },
];

const RUST_BUILDS: [Build; 2] = [
    Build { name: "O0", flags: &["-C", "opt-level=0", "-g"] },
    Build { name: "O2", flags: &["-C", "opt-level=2", "-g"] },
];

const SCRIPT: [Build; 1] = [Build { name: "script", flags: &[] }];

const COMMON: [&str; 4] = ["-pthread", "-Wall", "-Wextra", "-Werror"];

pub struct Builder {
    sources: PathBuf,
    target: PathBuf,
    /// When the newest header of `c-tests/` was written: it makes every older program stale.
    headers: SystemTime,
    helpers: Mutex<()>,
}

impl Builder {
    pub fn new(root: &Path) -> Builder {
        let sources = root.join("c-tests");
        let folders = entries(&sources).unwrap_or_default();
        let headers = folders.iter().flat_map(|path| entries(path).unwrap_or_default()).chain(folders.clone());
        let headers = headers.filter(|path| has_extension(path, "h"));
        let headers = headers.filter_map(|path| modified(&path)).max().unwrap_or(SystemTime::UNIX_EPOCH);
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), |dir| root.join(dir));
        Builder { sources, target: target.join("twin"), headers, helpers: Mutex::new(()) }
    }

    /// Builds one fixture one way, its family's helpers first. Returns the program, or what the compiler said.
    pub fn build(&self, fixture: &Fixture, build: &Build) -> Result<PathBuf, String> {
        let folder = self.target.join(&fixture.family).join(build.name);
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}\n", folder.display()))?;
        self.build_helpers(&fixture.family, build, &folder)?;
        let program = folder.join(stem(&fixture.source));
        let (source, link) = (&fixture.source, &fixture.directives.link);
        let mut command;
        match fixture.language {
            Language::C | Language::Cpp => {
                let cpp = fixture.language == Language::Cpp;
                command = self.gcc(if cpp { "g++" } else { "gcc" }, build, &folder);
                command.arg(if cpp { "-std=gnu++20" } else { "-std=gnu11" });
                command.arg(source).args(link).arg("-Wl,-rpath,$ORIGIN").arg("-o");
            }
            Language::Rust => {
                command = Command::new("rustc");
                command.args(["--edition", "2021", "--deny", "warnings"]).args(build.flags).current_dir(&folder);
                command.arg(source).args(link.iter().map(|word| format!("-Clink-arg={word}"))).arg("-o");
            }
            // It's a program as it stands: its first line names the interpreter.
            Language::Python => {
                command = Command::new("install");
                command.args(["-m", "755", "-T"]).arg(source);
            }
        }
        command.arg(&program);
        self.compile(command, source, &program)?;
        Ok(program)
    }

    /// Builds every `c-tests/<family>/lib/*.c`. Only families of C and C++ have any.
    fn build_helpers(&self, family: &str, build: &Build, folder: &Path) -> Result<(), String> {
        let _alone = self.helpers.lock().unwrap(); // two fixtures may want the same helper
        for source in entries(&self.sources.join(family).join("lib")).unwrap_or_default() {
            if has_extension(&source, "c") {
                let name = format!("lib{}.so", stem(&source));
                let product = folder.join(&name);
                let mut gcc = self.gcc("gcc", build, folder);
                gcc.args(["-std=gnu11", "-shared", "-fPIC"]).arg(format!("-Wl,-soname,{name}")).arg(&source);
                gcc.arg("-o").arg(&product);
                self.compile(gcc, &source, &product)?;
            }
        }
        Ok(())
    }

    /// The library that `--pest` preloads.
    pub fn pest(&self) -> Result<PathBuf, String> {
        let build = &GCC_BUILDS[1];
        let folder = self.target.join("eintr").join(build.name);
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}\n", folder.display()))?;
        self.build_helpers("eintr", build, &folder)?;
        Ok(folder.join("libpest.so"))
    }

    fn gcc(&self, compiler: &str, build: &Build, folder: &Path) -> Command {
        let mut command = Command::new(compiler);
        command.args(COMMON).args(build.flags).arg("-I").arg(&self.sources).current_dir(folder);
        command
    }

    /// Runs the command that makes `product`, unless that is newer than its source and was made by this very command.
    fn compile(&self, mut command: Command, source: &Path, product: &Path) -> Result<(), String> {
        let record = product.with_extension("command");
        let made_by = format!("{command:?}");
        let needed = modified(source).map_or(self.headers, |time| time.max(self.headers));
        let fresh = modified(product).is_some_and(|time| time >= needed);
        if fresh && std::fs::read_to_string(&record).is_ok_and(|text| text == made_by) {
            return Ok(());
        }
        let output = command.output().map_err(|e| format!("cannot run the compiler: {e}\n"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        std::fs::write(&record, made_by).map_err(|e| format!("{}: {e}\n", record.display()))
    }
}

/// What a folder holds, in order of name.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let found = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = found.filter_map(|entry| entry.ok()).map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// The last part of a path without its extension.
pub fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

pub fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}
