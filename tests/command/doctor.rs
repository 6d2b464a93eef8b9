//! The doctor on programs of every kind. Some are true ones; others only look like it from outside, which is all the doctor sees.

use crate::{green, said};
use std::ffi::{CString, OsStr};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const THREADED: &str = "#include <pthread.h>\n#include <unistd.h>\n\
    static void *f(void *a) { sleep(1); return a; }\n\
    int main(void) { pthread_t t; pthread_create(&t, 0, f, 0); return pthread_join(t, 0); }\n";
const PLAIN: &str = "int main(void) { return 0; }\n";

/// A folder for one test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("green-doctor-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a plain path").to_string()
    }

    /// Compiles C. None, and a line, if it can't be done here.
    fn compile(&self, name: &str, source: &str, flags: &[&str]) -> Option<String> {
        let (from, to) = (self.path(&format!("{name}.c")), self.path(name));
        fs::write(&from, source).expect("a source");
        run("gcc", &[&["-o", &to, &from], flags].concat()).then_some(to)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Whether a tool did it; a line if not.
fn run(tool: &str, arguments: &[&str]) -> bool {
    let done = Command::new(tool).args(arguments).output();
    let done = done.is_ok_and(|output| output.status.success());
    if !done {
        eprintln!("skipped: {tool} {} doesn't work here", arguments.join(" "));
    }
    done
}

/// libgreen.so, as the other tests have it.
fn library() -> String {
    crate::library().to_str().expect("a plain path").to_string()
}

/// Status, stdout, stderr of the doctor on a file; its verdict is the last thing that it says.
fn doctor(file: &str) -> (i32, String, String) {
    said(&mut green(&["doctor", "--lib", &library(), file]))
}

/// The last line, whole.
fn verdict(out: &str) -> String {
    let words = out.split("\nverdict").last().expect("a verdict").split_whitespace();
    words.collect::<Vec<_>>().join(" ")
}

/// What's wrong with a program that can't work, by a word of it; and the report.
fn cannot(file: &str, why: &str) -> String {
    let (status, out, err) = doctor(file);
    assert!(status == 2 && err.is_empty(), "{status} {out}{err}");
    let verdict = verdict(&out);
    assert!(verdict.starts_with("Cannot work: ") && verdict.contains(why), "{out}");
    out
}

#[test]
fn threads_are_helped() {
    let folder = Folder::new("threads");
    let Some(program) = folder.compile("server", THREADED, &["-pthread"]) else { return };
    let (status, out, err) = doctor(&program);
    assert!(status == 0 && err.is_empty(), "{out}{err}");
    assert!(out.contains("64-bit x86, dynamically linked\n"), "{out}");
    assert!(out.contains("threads     yes: pthread_create\n"), "{out}");
    assert!(out.contains("verdict     Helps: ") && out.contains("LD_PRELOAD=/"), "{out}");
    assert!(out.lines().count() <= 25, "{out}");
    // To be copied, so in one line.
    let copied = |line: &str| line.contains("`LD_PRELOAD=/") && line.ends_with(&format!(" {program}`."));
    assert!(out.lines().any(copied), "{out}");
}

#[test]
fn no_threads_no_help() {
    let folder = Folder::new("plain");
    let compiled = folder.compile("plain", PLAIN, &[]);
    for program in compiled.iter().map(String::as_str).chain(["/bin/true"]) {
        let (status, out, err) = doctor(program);
        assert!(status == 1 && err.is_empty(), "{out}{err}");
        assert!(out.contains("threads     none") && out.contains("Works but will not help: "), "{out}");
    }
}

#[test]
fn a_library_may_make_threads() {
    let folder = Folder::new("library");
    let made = THREADED.replace("main", "serve");
    let flags = ["-shared", "-fPIC", "-pthread"];
    if folder.compile("libserve.so", &made, &flags).is_none() {
        return;
    }
    let source = "int serve(void); int main(void) { return serve(); }\n";
    let dir = folder.0.to_str().expect("a plain path");
    // Found as ld.so finds it: beside the program.
    let flags = ["-L", dir, "-lserve", "-Wl,-rpath,$ORIGIN"];
    let Some(program) = folder.compile("server", source, &flags) else { return };
    let (status, out, _) = doctor(&program);
    assert!(status == 0 && out.contains("May help: it makes no threads itself, but libserve.so can; "), "{out}");
    fs::remove_file(folder.path("libserve.so")).expect("it's there");
    let (status, out, _) = doctor(&program);
    assert!(status == 1 && out.contains("it may not start: libserve.so\n"), "{out}");
}

#[test]
fn what_may_wait_and_is_not_hooked() {
    let folder = Folder::new("imports");
    let source = "#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <stdio.h>\n#include <syslog.h>\n#include <unistd.h>\n\
        #include <wchar.h>\n\
        int main(void) { char b[9]; syslog(3, \"hi\"); fgetwc(stdin); syscall(186); dlopen(0, 2); return read(0, b, 9); }\n";
    let Some(program) = folder.compile("daemon", source, &["-O0"]) else { return };
    let (status, out, _) = doctor(&program);
    assert_eq!(status, 1, "{out}");
    assert!(out.contains("not hooked  syslog (writes to the log daemon inside libc); 1 more"), "{out}");
    assert!(out.contains("syscall()   by daemon: ") && out.contains("dlopen()    by daemon: "), "{out}");
    assert!(out.contains("plug-in"), "{out}");
    let (_, out, _) = said(&mut green(&["doctor", "-v", "--lib", &library(), &program]));
    assert!(out.contains("fgetwc [daemon]") && out.contains("read"), "{out}");
}

#[test]
fn static_programs() {
    let folder = Folder::new("static");
    if let Some(program) = folder.compile("static", THREADED, &["-static", "-pthread"]) {
        assert!(cannot(&program, "statically linked").contains("64-bit x86, statically linked\n"));
    }
    if let Some(program) = folder.compile("static-pie", PLAIN, &["-static-pie"]) {
        assert!(cannot(&program, "statically linked").contains("(static-pie)\n"));
    }
}

#[test]
fn privileged_programs() {
    let folder = Folder::new("setuid");
    let Some(program) = folder.compile("server", THREADED, &["-pthread"]) else { return };
    fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).expect("ours");
    assert!(cannot(&program, "setuid (").contains("privileges  setuid ("));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o2755)).expect("ours");
    cannot(&program, "setgid (");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("ours");
    if give_capability(&program) {
        cannot(&program, "a file with capabilities");
    } else {
        eprintln!("skipped: no file capabilities may be given here");
    }
}

/// CAP_NET_BIND_SERVICE, as setcap(8) gives it: struct vfs_cap_data, its second version, effective.
fn give_capability(program: &str) -> bool {
    let words: [u32; 5] = [0x0200_0001, 1 << 10, 0, 0, 0];
    let value: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let path = CString::new(program).expect("a plain path");
    let (path, name) = (path.as_ptr(), c"security.capability".as_ptr());
    // SAFETY: two strings, and a value with its length.
    unsafe { libc::setxattr(path, name, value.as_ptr().cast(), value.len(), 0) == 0 }
}

#[test]
fn go_programs() {
    let folder = Folder::new("go");
    let Some(program) = folder.compile("server", THREADED, &["-pthread"]) else { return };
    let (info, go) = (folder.path("info"), folder.path("go"));
    fs::write(&info, "\u{ff} Go buildinf:").expect("a file");
    if run("objcopy", &["--add-section", &format!(".go.buildinfo={info}"), &program, &go]) {
        assert!(cannot(&go, "a Go program").contains("built with  Go\n"));
    }
}

#[test]
fn other_libcs() {
    let folder = Folder::new("musl");
    let loader = "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1";
    if let Some(program) = folder.compile("musl", THREADED, &["-pthread", loader]) {
        assert!(cannot(&program, "musl").contains("libc        musl\n"));
    }
    if let Some(program) = folder.compile("other", PLAIN, &["-nostdlib", "-Wl,--dynamic-linker=/system/bin/linker64"]) {
        cannot(&program, "a libc that libgreen doesn't know");
    }
}

#[test]
fn an_old_glibc() {
    let folder = Folder::new("old");
    // A library of that name that says so.
    let old = "const char banner[] = \"GNU C Library stable release version 2.31.\\n\";\n";
    let flags = ["-shared", "-fPIC", "-nostdlib", "-Wl,-soname,libc.so.6"];
    if folder.compile("libc.so.6", old, &flags).is_none() {
        return;
    }
    let Some(program) = folder.compile("server", THREADED, &["-pthread", "-Wl,-rpath,$ORIGIN"]) else { return };
    let out = cannot(&program, "its glibc is 2.31, and libgreen needs 2.3");
    assert!(out.contains("glibc: 2.31 is installed"), "{out}");
}

#[test]
fn hidden_names() {
    let folder = Folder::new("hidden");
    let Some(program) = folder.compile("server", THREADED, &["-pthread"]) else { return };
    // e_shoff, e_shnum, e_shstrndx: a program whose section headers were removed runs as ever.
    let mut bytes = fs::read(&program).expect("it's there");
    bytes[40..48].fill(0);
    bytes[60..64].fill(0);
    fs::write(&program, bytes).expect("ours");
    let (status, out, _) = doctor(&program);
    assert!(status == 0 && out.contains("can't be seen: its names are hidden\n"), "{out}");
    assert!(out.contains("libraries   libc's own only\n") && out.contains("May help: "), "{out}");
}

#[test]
fn other_machines() {
    let folder = Folder::new("machines");
    let Some(program) = folder.compile("plain", PLAIN, &[]) else { return };
    // e_machine: a program of another machine, as far as its header goes.
    let mut bytes = fs::read(&program).expect("it's there");
    bytes[18..20].copy_from_slice(&183u16.to_le_bytes());
    fs::write(&program, bytes).expect("ours");
    cannot(&program, "64-bit ARM");
}

#[test]
fn sanitizers() {
    let folder = Folder::new("sanitizers");
    for (flag, name) in [("-fsanitize=address", "AddressSanitizer"), ("-fsanitize=thread", "ThreadSanitizer")] {
        if let Some(program) = folder.compile(name, THREADED, &["-pthread", flag]) {
            cannot(&program, name);
        }
    }
}

#[test]
fn scripts() {
    let folder = Folder::new("scripts");
    let Some(program) = folder.compile("server", THREADED, &["-pthread"]) else { return };
    let script = folder.path("script");
    fs::write(&script, format!("#!{program} -x\nhello\n")).expect("a file");
    let (status, out, _) = doctor(&script);
    assert!(status == 0 && out.starts_with("script ") && out.contains("its interpreter is"), "{out}");
    assert!(out.replace('\n', " ").contains("Helps"), "{out}");
    fs::write(&script, "#!/usr/bin/env sh\nexec /bin/true\n").expect("a file");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("ours");
    let (status, out, _) = doctor(&script);
    let line = verdict(&out);
    assert!(status == 0 && line.contains("programs that the script starts inherit the library"), "{out}");
    assert!(line.ends_with(&format!(" {script}`.")), "{out}");
    // Not executable: its interpreter takes it.
    fs::set_permissions(&script, fs::Permissions::from_mode(0o644)).expect("ours");
    let (status, out, _) = doctor(&script);
    assert!(status == 0 && out.contains("the script isn't executable"), "{out}");
    assert!(verdict(&out).ends_with(&format!("/sh {script}`.")), "{out}");
    fs::write(&script, format!("#!{script}\n")).expect("a file");
    let (status, _, err) = doctor(&script);
    assert!(status == 3 && err.contains("too many scripts"), "{err}");
    fs::write(&script, "#!/nowhere/python\n").expect("a file");
    let (status, _, err) = doctor(&script);
    assert_eq!(
        (status, err.as_str()),
        (3, "green: /nowhere/python: the script's interpreter: there is no such file\n")
    );
}

/// A shell runs what the kernel doesn't know.
#[test]
fn scripts_without_an_interpreter() {
    let folder = Folder::new("bare");
    let script = folder.path("script");
    fs::write(&script, "exec /bin/true\n").expect("a file");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("ours");
    let (status, out, err) = doctor(&script);
    assert!(status == 0 && err.is_empty() && verdict(&out).contains("sh, which runs the script"), "{out}{err}");
    assert!(out.replace('\n', " ").contains("it has no #!, so a shell runs it with /bin/sh"), "{out}");
}

#[test]
fn a_program_that_is_not_executable() {
    let folder = Folder::new("mode");
    let Some(program) = folder.compile("server", THREADED, &["-pthread"]) else { return };
    fs::set_permissions(&program, fs::Permissions::from_mode(0o644)).expect("ours");
    assert!(cannot(&program, "isn't executable").contains("mode        it isn't executable (chmod +x)\n"));
}

#[test]
fn what_is_no_program() {
    let folder = Folder::new("none");
    let path = folder.path("file");
    let told = |bytes: &[u8], what: &str| {
        fs::write(&path, bytes).expect("a file");
        let (status, out, err) = doctor(&path);
        assert_eq!((status, out.as_str()), (3, ""), "{err}");
        assert!(err.starts_with("green: ") && err.contains(what) && err.lines().count() == 1, "{err}");
    };
    told(b"To whom it may concern\n", "neither ELF nor a script");
    told(b"", "neither ELF nor a script");
    told(b"\x7fELF", "a damaged ELF file");
    told(b"\x7fELF\x02\x01\x01 and so on, and so on, and so on, and so on, and so on, and so on", "damaged");
    let (status, _, err) = doctor(&folder.path("nothing"));
    assert!(status == 3 && err.ends_with("there is no such file\n"), "{err}");
    let (status, _, err) = doctor(folder.0.to_str().expect("a plain path"));
    assert!(status == 3 && err.ends_with("it's a directory\n"), "{err}");
    let (status, _, err) = doctor("/dev/null");
    assert!(status == 3 && err.ends_with("it isn't a regular file\n"), "{err}");
    let (status, _, err) = doctor(&library());
    assert!(status == 3 && err.ends_with("a shared library, not a program\n"), "{err}");
    let (status, _, err) = said(&mut green(&["doctor", "--lib", "/bin/true", "/bin/true"]));
    assert_eq!((status, err.as_str()), (3, "green: --lib /bin/true: it isn't libgreen.so\n"));
}

/// Whatever a file holds, the doctor says something and ends.
#[test]
fn damaged_files() {
    let folder = Folder::new("damaged");
    let whole = fs::read("/bin/true").expect("it's there");
    let path = folder.path("file");
    let mut seed = 1u64;
    for round in 0..80 {
        let mut bytes = whole.clone();
        if round % 4 == 0 {
            bytes.truncate(round * whole.len() / 80);
        }
        for _ in 0..8 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            // In the headers, mostly, and in the tables that they lead to.
            let at = (seed >> 33) as usize % if round % 2 == 0 { 1024 } else { whole.len() };
            if let Some(byte) = bytes.get_mut(at.max(5)) {
                *byte = (seed >> 20) as u8;
            }
        }
        fs::write(&path, &bytes).expect("a file");
        let (status, out, err) = doctor(&path);
        assert!((0..=3).contains(&status) && !err.contains("panicked"), "round {round}: {status} {out}{err}");
    }
}

#[test]
fn the_same_as_json() {
    let (status, out, _) = said(&mut green(&["doctor", "--json", "--lib", &library(), "/bin/true"]));
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["verdict"]["word"], "will not help");
    assert_eq!(report["verdict"]["exit_status"], status);
    assert_eq!(report["program"]["linkage"], "dynamic");
    assert_eq!(report["program"]["libc"], "glibc");
    assert_eq!(report["threads"]["answer"], "no");
    assert!(report["libraries"][0]["path"].is_string(), "{out}");
    let hooked = report["imports"]["hooked"].as_array().expect("a list");
    assert!(hooked.iter().any(|name| name == "fflush" || name == "__libc_start_main"), "{out}");
    assert!(report["machine"]["open_files"].is_object(), "{out}");
}

#[test]
fn nothing_to_say_as_json() {
    let (status, out, err) = said(&mut green(&["doctor", "--json", "/no/such/file"]));
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["file"], "/no/such/file");
    assert_eq!(report["error"], "/no/such/file: there is no such file");
    assert_eq!((status, err.as_str()), (3, "green: /no/such/file: there is no such file\n"));
}

/// Paths are bytes: a folder whose name isn't UTF-8, with a library that is found by $ORIGIN and by LD_LIBRARY_PATH.
#[test]
fn names_that_are_not_utf8() {
    let folder = Folder::new("bytes");
    let (library_of, serves) = (["-shared", "-fPIC"], "int serve(void) { return 0; }\n");
    let inner = folder.0.join(OsStr::from_bytes(b"\xff\xfe"));
    fs::create_dir_all(&inner).expect("a folder");
    if folder.compile("libserve.so", serves, &library_of).is_none() {
        return;
    }
    let dir = folder.0.to_str().expect("a plain path");
    let source = "int serve(void); int main(void) { return serve(); }\n";
    for (name, rpath) in [("by-origin", "-Wl,-rpath,$ORIGIN"), ("by-variable", "-Wl,-rpath,/nowhere")] {
        let Some(program) = folder.compile(name, source, &["-L", dir, "-lserve", rpath]) else { return };
        fs::rename(program, inner.join(name)).expect("it's there");
    }
    fs::rename(folder.path("libserve.so"), inner.join("libserve.so")).expect("it's there");
    for name in ["by-origin", "by-variable"] {
        let mut doctor = green(&["doctor", "--json", "--lib", &library()]);
        doctor.arg(inner.join(name)).env("LD_LIBRARY_PATH", if name == "by-variable" { &inner } else { Path::new("") });
        let (status, out, err) = said(&mut doctor);
        assert_eq!((status, err.as_str()), (1, ""), "{name}: {out}");
        let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert!(report["file"].as_str().is_some_and(|path| path.ends_with(name)), "{out}");
        let served = &report["libraries"][0];
        assert_eq!(served["name"], "libserve.so");
        assert!(served["path"].as_str().is_some_and(|path| path.contains('\u{fffd}')), "{name}: {out}");
    }
}

#[test]
fn a_name_is_sought_as_a_shell_does() {
    let folder = Folder::new("name");
    let (Some(_), Some(_)) = (folder.compile("ls", THREADED, &["-pthread"]), folder.compile("here", PLAIN, &[])) else {
        return;
    };
    let asked = |name: &str| said(green(&["doctor", "--lib", &library(), name]).current_dir(&folder.0));
    for (name, what) in [("ls", "program     /"), ("./ls", "program     ./ls: "), ("here", "program     ./here: ")] {
        let (_, out, err) = asked(name);
        assert!(out.starts_with(what) && err.is_empty(), "{name}: {out}{err}");
    }
    // A file of this folder isn't run by its name alone.
    if folder.compile("server", THREADED, &["-pthread"]).is_none() {
        return;
    }
    let out = verdict(&asked("server").1);
    assert!(out.contains(&format!("run --lib {} ./server` or `LD_PRELOAD=", library())), "{out}");
    assert!(out.ends_with(" ./server`."), "{out}");
    assert_eq!(asked("nowhere"), (3, String::new(), "green: nowhere: there is no such file\n".to_string()));
}
