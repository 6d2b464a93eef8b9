//! Starts, pins, bounds and ends the programs that are measured.

use crate::contender::Call;
use crate::machine::meminfo_kib;
use anyhow::{bail, Context, Result};
use std::fs::{self, File};
use std::io;
use std::mem;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const LOOK_EVERY: Duration = Duration::from_millis(10);
const MEMORY_LOOK_EVERY: Duration = Duration::from_millis(100);
/// A program that leaves the machine less than this part of its memory is ended, before the kernel chooses whom to end.
const MEMORY_LEFT: f64 = 1.0 / 16.0;
const LONGEST_COMPLAINT: usize = 100;
/// What the environment may have, and would change what is measured: variables that begin so.
const UNWANTED: [&str; 3] = ["LD_PRELOAD", "GREEN_", "GOMAXPROCS"];
/// How long a program that was told to end may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The processors that this process may use.
pub fn processors() -> Vec<usize> {
    // SAFETY: a cpu_set_t is a bit field: zeroes are an empty one, and the kernel fills as much as it is told there is.
    let set = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        libc::sched_getaffinity(0, mem::size_of_val(&set), &mut set);
        set
    };
    // SAFETY: the index is below CPU_SETSIZE.
    (0..libc::CPU_SETSIZE as usize).filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, &set) }).collect()
}

/// Keeps the calling thread on these processors.
pub fn pin(processors: &[usize]) -> io::Result<()> {
    // SAFETY: as above; the processors come from a set of that size. No allocation: it runs between fork and exec too.
    let result = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        processors.iter().for_each(|processor| libc::CPU_SET(*processor, &mut set));
        libc::sched_setaffinity(0, mem::size_of_val(&set), &set)
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

pub enum Ended {
    /// It ended by itself.
    Status(ExitStatus),
    /// It was ended, for this reason.
    Stopped(String),
}

/// A program that runs, with its output in files. Dropped, it is killed.
pub struct Process {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Process {
    /// `role` names its output files in the folder.
    pub fn start(call: &Call, processors: &[usize], folder: &Path, role: &str) -> Result<Process> {
        let (out, err) = (folder.join(format!("{role}.out")), folder.join(format!("{role}.err")));
        let mut command = Command::new(&call.words[0]);
        command.args(&call.words[1..]).stdin(Stdio::null()).stdout(File::create(&out)?).stderr(File::create(&err)?);
        for (name, _) in std::env::vars_os() {
            if UNWANTED.iter().any(|unwanted| name.to_string_lossy().starts_with(unwanted)) {
                command.env_remove(name);
            }
        }
        command.envs(call.environment.iter().map(|(name, value)| (name, value)));
        let processors = processors.to_vec();
        let prepare = move || {
            // SAFETY: no pointers. If the runner is killed, what it started goes with it.
            unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
            pin(&processors)
        };
        // SAFETY: between fork and exec it only makes two system calls.
        unsafe { command.pre_exec(prepare) };
        let child = command.spawn().with_context(|| call.words[0].clone())?;
        Ok(Process { child, out, err })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn output(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.out).unwrap_or_default()).into_owned()
    }

    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.err).unwrap_or_default()).into_owned()
    }

    /// How the first line that it wrote to stderr begins, to be put behind what went wrong.
    pub fn complaint(&self) -> String {
        let errors = self.errors();
        let first = errors.lines().map(str::trim).find(|line| !line.is_empty());
        first.map_or(String::new(), |line| format!(": {}", line.chars().take(LONGEST_COMPLAINT).collect::<String>()))
    }

    /// How long it ran so far, on whatever processor: of its main thread only.
    pub fn ran(&self) -> Option<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/schedstat", self.id())).ok()?;
        Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
    }

    pub fn has_ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Until its output, in the file or on stderr, is what is looked for.
    pub fn wait_for<T>(&mut self, what: &str, limit: Duration, look: impl Fn(&Process) -> Option<T>) -> Result<T> {
        let start = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return Ok(found);
            }
            if let Some(status) = self.has_ended()? {
                bail!("it {} before {what}{}", told(status), self.complaint());
            }
            if start.elapsed() > limit {
                bail!("no {what} within {} s{}", limit.as_secs(), self.complaint());
            }
            sleep(LOOK_EVERY);
        }
    }

    /// Until it has ended; it is killed if that takes too long, or if it takes nearly all of the memory.
    pub fn wait(&mut self, limit: Duration) -> Result<Ended> {
        let start = Instant::now();
        let least = meminfo_kib("MemTotal").unwrap_or(0.0) * MEMORY_LEFT;
        let mut looked = start;
        loop {
            if let Some(status) = self.has_ended()? {
                return Ok(Ended::Status(status));
            }
            let mut why = None;
            if start.elapsed() > limit {
                why = Some(format!("took longer than {} s", limit.as_secs()));
            } else if looked.elapsed() > MEMORY_LOOK_EVERY {
                looked = Instant::now();
                let left = meminfo_kib("MemAvailable").unwrap_or(f64::MAX);
                why = (left < least).then(|| format!("took all memory but {:.1} GiB", left / 1024.0 / 1024.0));
            }
            if let Some(why) = why {
                self.end(libc::SIGKILL);
                return Ok(Ended::Stopped(why));
            }
            sleep(LOOK_EVERY);
        }
    }

    /// Asks it to end, by this signal, and waits. SIGKILL if it takes too long.
    pub fn end(&mut self, signal: i32) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // SAFETY: no pointers; the child was not waited for yet, so that its id is its own.
        unsafe { libc::kill(self.child.id() as i32, signal) };
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(LOOK_EVERY);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How it ended, in words.
pub fn told(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with status {code}"),
        (_, Some(signal)) => format!("was ended by signal {signal}"),
        _ => "ended".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, name: &str) -> Process {
        let words = ["/bin/sh", "-c", script].map(str::to_string).to_vec();
        let call = Call { words, environment: vec![("GREEN_HUBS".to_string(), "1".to_string())] };
        Process::start(&call, &processors(), &std::env::temp_dir(), name).unwrap()
    }

    #[test]
    fn a_program_is_waited_for() {
        let mut process = shell("echo $GREEN_HUBS$LD_PRELOAD; echo no >&2; exit 3", "bench-test-waited");
        match process.wait(Duration::from_secs(5)).unwrap() {
            Ended::Status(status) => assert_eq!(told(status), "ended with status 3"),
            Ended::Stopped(why) => panic!("{why}"),
        }
        assert_eq!((process.output().as_str(), process.complaint().as_str()), ("1\n", ": no"));
    }

    #[test]
    fn one_that_takes_too_long_is_ended() {
        let mut process = shell("exec sleep 5", "bench-test-ended");
        assert!(matches!(process.wait(Duration::from_millis(50)).unwrap(), Ended::Stopped(_)));
    }

    #[test]
    fn its_output_is_waited_for_and_its_end_told() {
        let look = |process: &Process| process.output().trim().parse::<u16>().ok();
        let mut process = shell("sleep 0.05; echo 4711; exec sleep 5", "bench-test-port");
        assert_eq!(process.wait_for("port", Duration::from_secs(5), look).unwrap(), 4711);
        let mut process = shell("echo broken >&2; exit 1", "bench-test-dies");
        let error = process.wait_for("port", Duration::from_secs(5), look).unwrap_err();
        assert_eq!(error.to_string(), "it ended with status 1 before port: broken");
    }
}
