//! Processes that there's nothing to be seen of, and why; and those that there are.

use crate::looked_at::LookedAt;
use crate::{compiled, green, library, said};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Ended when this goes.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Running {
        Running(command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts"))
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }

    /// Asks until the answer has these words: it may have yet to execute its program.
    fn until(&self, words: &str) -> String {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let (_, out, err) = said(&mut green(&["ps", &self.pid()]));
            if err.contains(words) {
                return err;
            }
            assert!(Instant::now() < end, "no {words}: {out}{err}");
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn why_a_process_does_not_run_under_libgreen() {
    let cat = Running::start(Command::new("cat").env_remove("LD_PRELOAD"));
    let pid = cat.pid();
    assert_eq!(
        cat.until("LD_PRELOAD\n"),
        format!("green: process {pid} doesn't run under libgreen: it was started without LD_PRELOAD\n")
    );
    let missing =
        Running::start(Command::new("cat").env("LD_PRELOAD", "/nonexistent/libgreen.so").stderr(Stdio::null()));
    missing.until("the loader hasn't loaded it by LD_PRELOAD=/nonexistent/libgreen.so\n");
    let source = "#include <unistd.h>\nint main(void) { pause(); return 0; }\n";
    let program = compiled("absent-static", source, &["-static"]);
    let program = program.canonicalize().expect("it's there");
    let still = Running::start(&mut Command::new(&program));
    still.until(&format!(
        "{} is statically linked, so there is no loader that would heed LD_PRELOAD\n",
        program.display()
    ));
    let disabled = Running::start(Command::new("cat").env("LD_PRELOAD", library()).env("GREEN_DISABLE", "1"));
    disabled.until(&format!("libgreen is inert in process {}, which was started with GREEN_DISABLE\n", disabled.pid()));
}

/// A script starts the server: it's the shell's id that one has at hand.
#[test]
fn its_children_that_do() {
    let script = format!("LD_PRELOAD={} cat; exit", library().display());
    let shell = Running::start(Command::new("sh").args(["-c", &script]).env_remove("LD_PRELOAD"));
    let told = shell.until("; its child ");
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", shell.pid())).unwrap_or_default();
    assert!(told.ends_with(&format!("; its child {} (cat) does\n", children.trim())), "{told}");
}

#[test]
fn threads_and_what_has_ended() {
    let Some(process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&["hog              running"]);
    let tasks = fs::read_dir(format!("/proc/{}/task", process.pid())).expect("its threads").flatten();
    let ids = tasks.map(|task| task.file_name().to_string_lossy().into_owned());
    let thread = ids.into_iter().find(|id| *id != process.pid()).expect("another thread");
    for (command, refused) in [("ps", 1), ("stack", 1), ("locks", 3)] {
        let (status, _, err) = said(&mut green(&[command, &thread]));
        let wanted = format!("green: {thread} is no process, but a thread of process {} (waiting)\n", process.pid());
        assert_eq!((status, err), (refused, wanted));
    }
    let ended = Running::start(&mut Command::new("true"));
    let told = ended.until("has ended");
    let parent = fs::read_to_string("/proc/self/comm").unwrap_or_default();
    let wanted = format!("and its parent, process {} ({}), hasn't collected it\n", std::process::id(), parent.trim());
    assert!(told.ends_with(&wanted), "{told}");
    if Path::new("/proc/2/comm").exists() && fs::read("/proc/2/cmdline").is_ok_and(|words| words.is_empty()) {
        let (status, _, err) = said(&mut green(&["ps", "2"]));
        assert!(status == 1 && err == "green: process 2 is a kernel thread\n", "{err}");
    }
}

#[test]
fn a_list_of_those_that_do() {
    let Some(process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&["hog              running", "6 green threads"]);
    let idle = Running::start(Command::new("cat").env("LD_PRELOAD", library()));
    idle.until("has not created a thread yet");
    let (status, out, err) = said(&mut green(&["ps"]));
    assert_eq!((status, err.as_str()), (0, ""));
    let line = |pid: &str| {
        let mut lines = out.lines().filter(|line| line.split_whitespace().next() == Some(pid));
        lines.next().unwrap_or_default().to_string()
    };
    let words: Vec<String> = line(&process.pid()).split_whitespace().map(str::to_string).collect();
    assert_eq!(words.last(), Some(&process.program.display().to_string()), "{out}");
    assert_eq!(words[1..4].iter().filter_map(|n| n.parse::<u32>().ok()).sum::<u32>(), 6, "{out}");
    assert!(line(&idle.pid()).contains(" cat  (the process has not created a thread yet)"), "{out}");
    assert_eq!(line(&std::process::id().to_string()), "", "{out}");
    let (status, _, err) = said(&mut green(&["ps", "--core", "somewhere"]));
    assert!(status == 2 && err.contains("<PID|PROGRAM>"), "{err}");
    let (status, _, err) = said(&mut green(&["stack"]));
    assert!(status == 2 && err.contains("<PID|PROGRAM>"), "{err}");
}
