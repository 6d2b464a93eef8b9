use crate::looked_at::{compile, folder, unprivileged, LookedAt};
use crate::{green, library, said};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

#[test]
fn a_process_that_is_not_there_and_one_without_libgreen() {
    let (status, _, err) = said(&mut green(&["ps", "999999999"]));
    assert_eq!((status, err.as_str()), (1, "green: there is no process 999999999\n"));
    let me = std::process::id().to_string();
    for (command, wanted) in [("ps", 1), ("stack", 1), ("locks", 3)] {
        let (status, _, err) = said(&mut green(&[command, &me]));
        assert!(status == wanted && err.contains("doesn't run under libgreen"), "{err}");
        let (status, _, err) = said(&mut green(&[command, "me"]));
        assert!(status == 2 && err.contains("me"), "{err}");
    }
}

/// What a subcommand says of a process once it has its library: until then it looks as if it had none, or half of one.
fn once_loaded(command: &str, child: &mut Child) -> (i32, String) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let (status, _, err) = said(&mut green(&[command, &child.id().to_string()]));
        if !["doesn't run under", "is just loading"].iter().any(|words| err.contains(words)) {
            return (status, err);
        }
        assert!(matches!(child.try_wait(), Ok(None)) && Instant::now() < end, "{err}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn one_that_has_no_threads_yet() {
    let library = library();
    let mut child = Command::new("sleep").arg("1000").env("LD_PRELOAD", library).spawn().expect("sleep starts");
    let (status, err) = once_loaded("ps", &mut child);
    let _ = child.kill();
    let _ = child.wait();
    assert_eq!((status, err.as_str()), (1, "green: the process has not created a thread yet\n"));
}

#[test]
fn a_process_of_another_user() {
    // SAFETY: plain geteuid(2).
    if unsafe { libc::geteuid() } != 0 {
        return eprintln!("skipped: only root can try what nobody may");
    }
    let folder = folder();
    let copy = folder.join("green");
    let original = green(&[]).get_program().to_owned();
    fs::copy(original, &copy).expect("the command is copied");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("for all to read");
    let me = std::process::id().to_string();
    for (command, refused) in [(&["ps"][..], 1), (&["stack"], 1), (&["locks"], 3), (&["top", "--once"], 1)] {
        let Some(mut nobody) = unprivileged(&copy) else { return };
        let (status, _, err) = said(nobody.args(command).arg(&me));
        let wanted =
            format!("green: process {me} may not be looked at: it's another user's, or ptrace is restricted\n");
        assert_eq!((status, err), (refused, wanted));
    }
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn a_table_of_another_version() {
    let library = library();
    let folder = folder();
    // The table begins with its name and its version.
    let mut bytes = fs::read(library).expect("the library is there");
    let version = bytes.windows(12).position(|w| w.starts_with(b"libgreen") && w[8] > 0 && w[9..] == [0; 3]);
    bytes[version.expect("the table is in it") + 8] = 99;
    let other = folder.join("libgreen.so");
    fs::write(&other, bytes).expect("a copy");
    let mut child = Command::new("cat")
        .env("LD_PRELOAD", &other)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("cat");
    let (status, err) = once_loaded("locks", &mut child);
    let _ = child.kill();
    let _ = child.wait();
    let _ = fs::remove_dir_all(folder);
    assert!(status == 3 && err.contains("libgreen of another version (99,"), "{err}");
}

const WAITS: [&str; 6] = [
    "process ",
    "sleeper          waiting",
    "(socket, 127.0.0.1:",
    "(UNIX socket ",
    "hog              running",
    ", held by",
];

#[test]
fn what_threads_wait_for_while_it_is_stopped() {
    let Some(process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&WAITS);
    process.stop();
    let (status, out, err) = said(&mut green(&["ps", &process.pid()]));
    assert_eq!((status, err.as_str()), (0, ""));
    let line = |name: &str| out.lines().find(|l| l.split_whitespace().nth(1) == Some(name)).unwrap_or_default();
    assert!(out.starts_with(&format!(
        "process {} (stopped): 6 green threads: 1 running, 0 ready, 5 waiting, 0 ended\n",
        process.pid()
    )));
    assert!(out.contains("\nkernel threads of hubs: hub 0 on "), "{out}");
    assert!(line("sleeper").ends_with("time to pass"), "{out}");
    assert!(line("reader").contains("(socket, 127.0.0.1:") && line("reader").contains(" from 127.0.0.1:"), "{out}");
    assert!(line("reader").ends_with(") to be readable"), "{out}");
    assert!(line("pair_reader").contains("(UNIX socket "), "{out}");
    assert!(line("locker").contains("(main)"), "{out}");
    assert!(line("main").contains("the end of thread"), "{out}");
    assert!(line("hog").contains("on kernel thread "), "{out}");
}

#[test]
fn the_same_of_a_core_file() {
    let Some(mut process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&WAITS);
    let Some(core) = process.core() else { return };
    let (core, program) = (core.to_string_lossy(), process.program.to_string_lossy());
    let (status, out, err) = said(&mut green(&["ps", "--core", &core, &program]));
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.starts_with(&format!("process {} (core): 6 green threads: 1 running", process.pid())), "{out}");
    for words in ["sleeper", "time to pass", "to be readable", "held by", "the end of thread"] {
        assert!(out.contains(words), "{out}");
    }
    let (status, _, err) = said(&mut green(&["ps", "--core", &program, &program]));
    assert!(status == 1 && err.contains("is not a core file"), "{err}");
    let (status, _, err) = said(&mut green(&["ps", "--core", "/nonexistent/core", &program]));
    assert_eq!((status, err.as_str()), (1, "green: /nonexistent/core can't be read\n"));
}

/// Whoever chose them may not tell the terminal what to do.
#[test]
fn names_with_control_characters() {
    let Some(process) = LookedAt::start("names") else { return };
    let out =
        process.until_ps_says(&["\\x1b[31mred\\nline", "/fifo\\x1b[2J\\n) to be readable", ", socket\\x1bc) to be"]);
    assert_eq!(out.lines().count(), 6, "{out}");
    assert!(!out.chars().any(|c| c.is_control() && c != '\n'), "{out:?}");
    let (status, out, err) = said(&mut green(&["stack", &process.pid(), "\\x1b[31mred\\nline"]));
    assert!(status == 0 && out.contains("(\\x1b[31mred\\nline)"), "{out}{err}");
}

/// A program that waits, in namespaces of its own. Ended when this goes.
struct Inside {
    unshare: Child,
    folder: PathBuf,
}

impl Inside {
    /// None: there are no such namespaces to be had.
    fn start(namespaces: &[&str]) -> Option<Inside> {
        let unshare = || {
            let mut unshare = Command::new("unshare");
            unshare.args(namespaces).args(["--fork", "--kill-child"]);
            unshare
        };
        if !unshare().arg("true").output().is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: unshare {namespaces:?} doesn't work here");
            return None;
        }
        let folder = folder();
        let program = compile("waiting", &folder)?;
        let preload = format!("LD_PRELOAD={}", library().display());
        let unshare = unshare().arg("env").arg(preload).arg(program).stdin(Stdio::null()).spawn().expect("it starts");
        Some(Inside { unshare, folder })
    }

    /// Waits until `green ps` says what's wanted: the process's id, and what it says.
    fn until(&self, is_wanted: impl Fn(&str) -> bool) -> (String, String) {
        let children = format!("/proc/{0}/task/{0}/children", self.unshare.id());
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let pid = fs::read_to_string(&children).unwrap_or_default().trim().to_string();
            let (_, out, err) = if pid.is_empty() { Default::default() } else { said(&mut green(&["ps", &pid])) };
            if WAITS.iter().all(|words| out.contains(words)) && is_wanted(&out) {
                return (pid, out);
            }
            assert!(Instant::now() < end, "{pid}: {out}{err}");
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = self.unshare.kill();
        let _ = self.unshare.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// As in a container: its kernel threads' ids are told as they are here.
#[test]
fn a_process_in_a_pid_namespace_of_its_own() {
    let Some(process) = Inside::start(&["--pid"]) else { return };
    // Every hub has its kernel thread by then.
    let (pid, out) = process.until(|out| !out.contains(" on 0"));
    let hubs = out.lines().nth(1).unwrap_or_default().split(" on ").skip(1);
    let runs = out.lines().filter_map(|line| line.split_once("on kernel thread ").map(|(_, id)| id));
    let ids: Vec<&str> = hubs.chain(runs).map(|rest| rest.split(',').next().unwrap_or_default()).collect();
    assert!(ids.len() > 1, "{out}");
    for id in ids {
        assert!(fs::exists(format!("/proc/{pid}/task/{id}")).is_ok_and(|there| there), "{id} isn't there: {out}");
    }
}

/// Its clock says something else than ours; how long threads have waited isn't told by the difference.
#[test]
fn a_process_in_a_time_namespace_of_its_own() {
    const OFFSET: f64 = 1e6;
    let Some(process) = Inside::start(&["--time", "--monotonic", &OFFSET.to_string()]) else { return };
    let seconds = |out: &str| -> f64 {
        let sleeper = out.lines().find(|line| line.contains("sleeper")).unwrap_or_default();
        sleeper.split_whitespace().nth(3).and_then(|s| s.parse().ok()).unwrap_or(0.0)
    };
    let (_, out) = process.until(|out| seconds(out) > 0.1);
    assert!(seconds(&out) < OFFSET / 10.0, "{out}");
}

/// A table that promises more places for threads than there can be: they aren't all listed, or looked at.
#[test]
fn a_damaged_core() {
    let Some(mut process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&WAITS);
    let Some(core) = process.core() else { return };
    // The table of a process that is active, in what was dumped: its name, version and size, then `active`.
    let mut bytes = fs::read(&core).expect("the core is there");
    let is_table = |w: &[u8]| w.starts_with(b"libgreen") && w[8] > 0 && w[9..12] == [0; 3] && w[16..20] == [1, 0, 0, 0];
    let table = bytes.windows(20).position(is_table).expect("the table is in it");
    let size = u32::from_le_bytes(bytes[table + 12..table + 16].try_into().expect("four bytes")) as usize;
    let (count, ranges) = (16384u64, table + size);
    bytes[ranges - 8..ranges].copy_from_slice(&count.to_le_bytes());
    for n in 0..count as usize {
        let range = ranges + n * 24;
        for (field, value) in [0x1000 << (n % 50), 4096, u64::MAX >> 1].into_iter().enumerate() {
            bytes[range + 8 * field..range + 8 * field + 8].copy_from_slice(&u64::to_le_bytes(value));
        }
    }
    fs::write(&core, bytes).expect("ours");
    let mut ps = green(&["ps", "--core", &core.to_string_lossy(), &process.program.to_string_lossy()]);
    // SAFETY: setrlimit(2) is safe to call there.
    unsafe {
        ps.pre_exec(|| {
            let most = libc::rlimit { rlim_cur: 8 << 30, rlim_max: 8 << 30 };
            libc::setrlimit(libc::RLIMIT_AS, &most);
            Ok(())
        });
    }
    let (status, out, err) = said(&mut ps);
    assert!(status == 0 && err.is_empty() && out.contains("1 green threads") && out.contains(" main "), "{out}{err}");
}

#[test]
fn waits_in_the_kernel_for_children_and_for_one_of_several() {
    let Some(process) = LookedAt::start("blocked") else { return };
    process.until_ps_says(&[
        "locker           blocked",
        "reader           blocked",
        "the end of process",
        "an event on",
    ]);
    let (_, out, _) = said(&mut green(&["ps", &process.pid()]));
    let line = |name: &str| out.lines().find(|l| l.contains(&format!(" {name:<16} "))).unwrap_or_default().to_string();
    let program = process.program.display().to_string();
    assert!(
        line("locker").contains("in flock on fd ") && line("locker").contains(&format!("({program}), on kernel")),
        "{out}"
    );
    assert!(line("reader").contains("in read on fd 3 (pipe:["), "{out}");
    assert!(line("parent").contains("the end of process ") && line("parent").ends_with(" (cat)"), "{out}");
    let poller = line("poller");
    assert!(poller.contains("an event on fd 3 (pipe:[") && poller.contains(") or fd 5 (pipe:["), "{out}");
}
