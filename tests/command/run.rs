use crate::{green, said};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

/// A temporary folder of a test's own.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("green-command-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a plain path").to_string()
    }

    /// A file with this text and mode; its path. Written by a shell: had this process it open, a child that another test starts
    /// just now would hold it, and executing it would fail (ETXTBSY).
    fn file(&self, name: &str, text: &str, mode: u32) -> String {
        let (path, mode) = (self.path(name), format!("{mode:o}"));
        let write = "printf %s \"$1\" >\"$2\" && chmod \"$3\" \"$2\"";
        assert!(Command::new("sh").args(["-c", write, "sh", text, &path, &mode]).status().unwrap().success());
        path
    }

    /// A C program, compiled; None (and a line) if that can't be here.
    fn program(&self, compiler: &str, name: &str, flags: &[&str], source: &str) -> Option<String> {
        let (source, path) = (self.file(&format!("{name}.c"), source, 0o644), self.path(name));
        let done = Command::new(compiler).args([&source, "-o", &path]).args(flags).env_remove("LD_PRELOAD").output();
        if !done.is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: {compiler} {flags:?} doesn't work here");
            return None;
        }
        Some(path)
    }

    /// The library, here.
    fn library(&self) -> String {
        let path = self.path("libgreen.so");
        fs::copy(crate::library(), &path).expect("a copy");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const HELLO: &str = "#include <stdio.h>\nint main(void) { return puts(\"hello\") < 0; }\n";

#[test]
fn the_library_comes_first_and_the_others_are_kept() {
    let folder = Folder::new("first");
    let library = folder.library();
    let run = ["run", "--lib", &library, "--dry-run", "--", "sh"];
    let (status, out, err) = said(green(&run).env("LD_PRELOAD", ""));
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.starts_with(&format!("LD_PRELOAD={library} \\\n")) && out.ends_with("/sh\n"), "{out}");
    let (_, out, _) = said(green(&run).env("LD_PRELOAD", "libm.so.6 libgreen.so::/old/libgreen.so:libdl.so.2"));
    assert!(out.contains(&format!("LD_PRELOAD={library}:libm.so.6:libdl.so.2 \\\n")), "{out}");
    // What -e gives is what was there.
    let (_, out, _) = said(&mut green(&["run", "--lib", &library, "--dry-run", "-e", "LD_PRELOAD=libm.so.6", "sh"]));
    assert!(out.contains(&format!("LD_PRELOAD={library}:libm.so.6 \\\n")), "{out}");
}

#[test]
fn a_dry_run_is_what_a_shell_takes() {
    let folder = Folder::new("dry");
    let library = folder.library();
    let mut run = green(&["run", "--lib", &library, "--hubs", "2", "--stats=s", "-e", "A=it's", "--dry-run"]);
    let (status, out, _) = said(run.args(["--", "/bin/echo", "-n", "a b", ""]).current_dir("/"));
    let expected = format!(
        "GREEN_HUBS=2 \\\nGREEN_STATS=/s \\\nA='it'\\''s' \\\nLD_PRELOAD={library} \\\n/bin/echo -n 'a b' ''\n"
    );
    assert_eq!((status, out), (0, expected));
}

#[test]
fn the_program_gets_its_environment_and_its_arguments() {
    let library = crate::library().display().to_string();
    let options = ["run", "--lib", &library, "--hubs=2", "--stack", "64k", "--hub", "poll", "--handoff-ms", "7"];
    let mut run = green(&options);
    run.args(["--native", "f,g", "--stats", "-e", "GREEN_MAX_THREADS=9:eagain", "-e", "A=b=c", "--", "env"]);
    let (status, out, err) = said(run.env("LD_PRELOAD", "libm.so.6").env("GREEN_HUBS", "4"));
    assert_eq!((status, err.as_str()), (0, ""));
    let preload = format!("LD_PRELOAD={library}:libm.so.6");
    let set = ["GREEN_HUBS=2", "GREEN_STACK=64k", "GREEN_HUB=poll", "GREEN_HANDOFF_MS=7", "GREEN_NATIVE=f,g"];
    for line in set.iter().chain(&["GREEN_STATS=1", "GREEN_MAX_THREADS=9:eagain", "A=b=c", &preload]) {
        assert_eq!(out.lines().filter(|l| l == line).count(), 1, "{line} in {out}");
    }
    // Without --, what follows the program is its own; its exit status is ours.
    let (status, out, _) =
        said(&mut green(&["run", "--lib", &library, "sh", "-c", "echo $0 $1; exit 7", "x", "--lib"]));
    assert_eq!((status, out.as_str()), (7, "x --lib\n"));
}

#[test]
fn values_that_make_no_sense() {
    let folder = Folder::new("values");
    let library = folder.library();
    let wrong = |options: &[&str], why: &str| {
        let (status, out, err) = said(green(&["run", "--lib", &library]).args(options).args(["--", "true"]));
        assert_eq!((status, out.as_str(), err.lines().count()), (2, "", 1), "{options:?}: {err}");
        assert!(err.starts_with("green: ") && err.contains(why), "{options:?}: {err}");
    };
    wrong(&["--hubs", "lots"], "GREEN_HUBS=lots makes no sense");
    wrong(&["--hubs", "0"], "GREEN_HUBS=0");
    wrong(&["--stack", "64q"], "GREEN_STACK=64q");
    wrong(&["--hub", "kqueue"], "GREEN_HUB=kqueue");
    wrong(&["--handoff-ms", "soon"], "GREEN_HANDOFF_MS=soon");
    wrong(&["-e", "GREEN_HUSB=2"], "GREEN_HUSB is not a variable of libgreen's");
    wrong(&["-e", "GREEN_BUDGET=0"], "GREEN_BUDGET=0");
    wrong(&["-e", "HOME"], "-e HOME isn't NAME=VALUE");
    wrong(&["-e", "=x"], "-e =x isn't NAME=VALUE");
    let (status, _, err) = said(&mut green(&["run", "--hubz", "2", "true"]));
    assert!(status == 2 && err.contains("--hubz"), "{err}");
    let (status, _, _) = said(&mut green(&["run"]));
    assert_eq!(status, 2);
}

#[test]
fn a_library_that_cannot_be_named() {
    let folder = Folder::new("library");
    let (status, _, err) = said(&mut green(&["run", "--lib", &folder.path("none.so"), "true"]));
    assert_eq!((status, err), (125, format!("green: --lib {}: no such file or directory\n", folder.path("none.so"))));
    // Neither a text, nor a library of another's, nor a program.
    for other in ["/etc/passwd", "/lib/x86_64-linux-gnu/libc.so.6", "/bin/true"] {
        let (status, out, err) = said(&mut green(&["run", "--lib", other, "echo"]));
        assert!(status == 125 && out.is_empty(), "{status} {out}");
        assert!(err.starts_with(&format!("green: --lib {other}: ")) && err.lines().count() == 1, "{err}");
    }
    let spaced = folder.path("a b.so");
    fs::copy(crate::library(), &spaced).expect("a copy");
    let (status, _, err) = said(&mut green(&["run", "--lib", &spaced, "true"]));
    assert!(status == 125 && err.contains("space"), "{err}");
    // A command that stands alone has none.
    let alone = folder.path("green");
    assert!(Command::new("cp").arg(green(&[]).get_program()).arg(&alone).status().unwrap().success());
    let (status, _, err) = said(Command::new(&alone).args(["run", "true"]));
    assert!(status == 125 && err.contains("name it with --lib"), "{err}");
    folder.library();
    let (status, out, _) = said(Command::new(&alone).args(["run", "--dry-run", "true"]).env_remove("LD_PRELOAD"));
    assert!(status == 0 && out.contains(&format!("LD_PRELOAD={} ", folder.path("libgreen.so"))), "{out}");
}

#[test]
fn no_such_program_and_one_that_cannot_be_executed() {
    let folder = Folder::new("missing");
    let (library, dull) = (folder.library(), folder.file("dull", "", 0o644));
    let refused = |program: &str, path: &str| {
        let (status, out, err) = said(green(&["run", "--lib", &library, "--", program]).env("PATH", path));
        assert_eq!((out.as_str(), err.lines().count()), ("", 1), "{err}");
        (status, err)
    };
    let path = folder.path("");
    assert_eq!(refused("nothing", &path), (127, "green: there is no program nothing\n".to_string()));
    assert_eq!(refused("./no/thing", &path).0, 127);
    assert_eq!(refused("", &path).0, 127);
    assert_eq!(refused(&dull, &path), (126, format!("green: {dull} can't be executed: permission denied\n")));
    assert_eq!(refused("dull", &path).0, 126);
    assert_eq!(refused("/", &path).0, 126);
    let orphan = folder.file("orphan", "#!/no/such/interpreter\n", 0o755);
    let (status, err) = refused(&orphan, &path);
    assert!(status == 127 && err.contains("its interpreter is missing"), "{err}");
}

#[test]
fn scripts() {
    let library = crate::library().display().to_string();
    let folder = Folder::new("scripts");
    let script = folder.file("script", "#!/bin/sh\necho $1 $LD_PRELOAD\n", 0o755);
    let run = |script: &str| said(&mut green(&["run", "--lib", &library, "--", script, "x"]));
    let expected = format!("x {library}\n");
    assert_eq!(run(&script), (0, expected.clone(), String::new()));
    // The kernel refuses this one; execvp gives it to the shell.
    let bare = folder.file("bare", "echo $1 $LD_PRELOAD\n", 0o755);
    assert_eq!(run(&bare), (0, expected, String::new()));
    let by_env = folder.file("by-env", "#!/usr/bin/env -S A=1 sh\n", 0o755);
    let (_, out, err) = said(&mut green(&["run", "--lib", &library, "--dry-run", &by_env]));
    assert!(out.starts_with(&format!("# {by_env} is a script, run by ")) && err.is_empty(), "{out}{err}");
    assert!(out.lines().next().unwrap_or_default().ends_with("/sh"), "{out}");
    // A FIFO would keep whoever opens it.
    let fifo = folder.path("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let by_fifo = folder.file("by-fifo", &format!("#!{fifo}\n"), 0o755);
    let (status, _, err) = run(&by_fifo);
    assert!(status == 126 && err.lines().count() == 1, "{err}");
    // One that runs itself must end somewhere.
    let itself = folder.path("itself");
    folder.file("itself", &format!("#!{itself}\n"), 0o755);
    let (status, _, err) = run(&itself);
    assert!(status == 126 && err.lines().count() == 1, "{err}");
}

/// Runs a program that libgreen can't help, and looks for the line that says so.
fn runs_and_tells(library: &str, program: &str, why: &str) {
    let (status, out, err) = said(&mut green(&["run", "--lib", library, "--", program]));
    assert_eq!((status, out.as_str(), err.lines().count()), (0, "hello\n", 1), "{program}: {err}");
    assert!(err.starts_with(&format!("green: {program} ")) && err.contains(why), "{err}");
}

#[test]
fn programs_that_the_preload_does_not_reach() {
    let library = crate::library().display().to_string();
    let folder = Folder::new("reach");
    if let Some(program) = folder.program("gcc", "static", &["-static"], HELLO) {
        runs_and_tells(&library, &program, "is statically linked");
        let script = folder.file("script", &format!("#!{program}\n"), 0o755);
        runs_and_tells(&library, &script, &format!("is run by {program}, which is statically linked"));
    }
    if let Some(program) = folder.program("musl-gcc", "musl", &[], HELLO) {
        runs_and_tells(&library, &program, "is linked with musl");
    }
    let go = "asm(\".section .note.go.buildid,\\\"a\\\",@note\\n.long 4,4,4\\n.asciz \\\"Go\\\\0\\\"\\n.long 0\\n.text\");\n";
    if let Some(program) = folder.program("gcc", "go", &[], &format!("{go}{HELLO}")) {
        runs_and_tells(&library, &program, "is written in Go");
    }
    if let Some(program) = folder.program("gcc", "set-id", &[], HELLO) {
        fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).unwrap();
        // Setuid to oneself gains nothing.
        let (status, _, err) = said(&mut green(&["run", "--lib", &library, &program]));
        assert_eq!((status, err.as_str()), (0, ""));
        if std::os::unix::fs::chown(&program, Some(65534), None).is_ok() {
            fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).unwrap();
            runs_and_tells(&library, &program, "rights");
        } else {
            eprintln!("skipped: setuid, which needs root");
        }
    }
}

#[test]
fn a_threaded_program_is_green() {
    let library = crate::library().display().to_string();
    let folder = Folder::new("green");
    let source = "#include <pthread.h>\n#include <unistd.h>\nstatic void *run(void *n) { usleep(1000); return n; }\n\
        int main(void) {\n\tpthread_t threads[20];\n\tfor (int i = 0; i < 20; i++)\n\
        \t\tpthread_create(&threads[i], NULL, run, NULL);\n\
        \tfor (int i = 0; i < 20; i++)\n\t\tpthread_join(threads[i], NULL);\n\treturn 5;\n}\n";
    let Some(program) = folder.program("gcc", "threads", &["-pthread"], source) else { return };
    let mut run = green(&["run", "--lib", &library, "--stats=counters", "--hubs", "1", "./threads"]);
    let (status, out, err) = said(run.current_dir(PathBuf::from(&program).parent().unwrap()));
    assert_eq!((status, out.as_str(), err.as_str()), (5, "", ""));
    let counters = fs::read_to_string(folder.path("counters")).expect("GREEN_STATS names a file");
    assert!(counters.starts_with("libgreen pid=") && counters.contains(" threads=20 "), "{counters}");
}

#[test]
fn signals_are_as_they_were() {
    let library = crate::library().display().to_string();
    let run = green(&["run", "--lib", &library, "grep", "^Sig[BI]", "/proc/self/status"]);
    let words: Vec<_> = run.get_args().map(|word| word.to_str().unwrap()).collect();
    let command = format!("{} {}", run.get_program().to_str().unwrap(), words.join(" "));
    for trap in ["", "trap '' PIPE; ", "trap '' PIPE HUP; "] {
        let shell = |command: &str| said(Command::new("sh").args(["-c", &format!("{trap}exec {command}")]));
        assert_eq!(shell(&command), shell("grep ^Sig[BI] /proc/self/status"), "{trap}");
    }
}

#[test]
fn closed_descriptors_stay_closed() {
    let library = crate::library().display().to_string();
    let run = green(&["run", "--lib", &library, "--", "ls", "/proc/self/fd"]);
    let words: Vec<_> = run.get_args().map(|word| word.to_str().unwrap()).collect();
    let command = format!("{} {}", run.get_program().to_str().unwrap(), words.join(" "));
    for closed in ["<&-", "2>&-", "<&- 2>&-", ""] {
        let shell = |command: &str| said(Command::new("sh").args(["-c", &format!("exec {command} {closed}")]));
        assert_eq!(shell(&command), shell("ls /proc/self/fd"), "{closed}");
    }
    let script = format!("{command} >&-; echo $?; ls /proc/self/fd >&-; echo $?");
    let (_, out, err) = said(Command::new("sh").args(["-c", &script]));
    let statuses: Vec<&str> = out.lines().collect();
    assert!(statuses.len() == 2 && statuses[0] == statuses[1] && statuses[0] != "0", "{out}{err}");
}
