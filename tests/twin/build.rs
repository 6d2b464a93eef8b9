//! Compiles the fixtures into `target/twin/<family>/<build>/<name>`, each only when it is older than what it is made of.
//!
//! A folder `c-tests/<family>/lib/` holds helper libraries: `lib/x.c` becomes `libx.so` beside that family's programs, which
//! find that folder in the environment variable `TWIN_LIB_DIR`, or link with `// link: -L. -lx`. A warning is an error:
//! fixtures are examples of clean C.

use crate::Fixture;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::SystemTime;

pub struct Build {
    pub name: &'static str,
    flags: &'static [&'static str],
}

/// `-O0` calls every libc function under its own name; fortified `-O2` calls the `__*_chk` forms, and inlines.
pub const BUILDS: [Build; 2] = [
    Build { name: "O0", flags: &["-O0", "-g"] },
    Build { name: "O2", flags: &["-O2", "-g", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"] },
];

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
        Builder { sources, target: root.join("target/twin"), headers, helpers: Mutex::new(()) }
    }

    /// Builds one fixture one way, its family's helpers first. Returns the program, or what the compiler said.
    pub fn build(&self, fixture: &Fixture, build: &Build) -> Result<PathBuf, String> {
        let folder = self.target.join(&fixture.family).join(build.name);
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}\n", folder.display()))?;
        self.build_helpers(&fixture.family, build, &folder)?;
        let program = folder.join(stem(&fixture.source));
        let (compiler, language) = if fixture.is_cpp() { ("g++", "-std=gnu++17") } else { ("gcc", "-std=gnu11") };
        let mut gcc = self.compiler(compiler, build, &folder);
        gcc.arg(language).arg(&fixture.source).args(&fixture.directives.link).arg("-Wl,-rpath,$ORIGIN");
        self.compile(gcc, &fixture.source, &program)?;
        Ok(program)
    }

    /// Builds every `c-tests/<family>/lib/*.c`.
    fn build_helpers(&self, family: &str, build: &Build, folder: &Path) -> Result<(), String> {
        let _alone = self.helpers.lock().unwrap(); // two fixtures may want the same helper
        for source in entries(&self.sources.join(family).join("lib")).unwrap_or_default() {
            if has_extension(&source, "c") {
                let name = format!("lib{}.so", stem(&source));
                let mut gcc = self.compiler("gcc", build, folder);
                gcc.args(["-std=gnu11", "-shared", "-fPIC"]).arg(format!("-Wl,-soname,{name}")).arg(&source);
                self.compile(gcc, &source, &folder.join(name))?;
            }
        }
        Ok(())
    }

    fn compiler(&self, compiler: &str, build: &Build, folder: &Path) -> Command {
        let mut command = Command::new(compiler);
        command.args(COMMON).args(build.flags).arg("-I").arg(&self.sources).current_dir(folder);
        command
    }

    /// Runs the compiler unless `product` is newer than its source and was made by this very command.
    fn compile(&self, mut command: Command, source: &Path, product: &Path) -> Result<(), String> {
        let record = product.with_extension("command");
        let made_by = format!("{command:?}");
        let needed = modified(source).map_or(self.headers, |time| time.max(self.headers));
        let fresh = modified(product).is_some_and(|time| time >= needed);
        if fresh && std::fs::read_to_string(&record).is_ok_and(|text| text == made_by) {
            return Ok(());
        }
        let output = command.arg("-o").arg(product).output().map_err(|e| format!("cannot run the compiler: {e}\n"))?;
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
