//! Runs one fixture once, in an empty folder and a process group of its own, and brings back all that it left behind.

use crate::build::Builder;
use crate::directives::Ending;
use crate::options::Options;
use crate::pest::Pest;
use crate::{packages, Fixture};
use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// One way to run a program.
pub struct Variant {
    pub name: &'static str,
    /// `None` runs natively, else the library is preloaded with these variables set.
    env: Option<&'static [(&'static str, &'static str)]>,
}

impl Variant {
    pub fn is_native(&self) -> bool {
        self.env.is_none()
    }

    fn is_chaos(&self) -> bool {
        self.name == "chaos"
    }
}

/// The native run comes first: it is what the others are compared with.
const VARIANTS: [Variant; 5] = [
    Variant { name: "native", env: None },
    Variant { name: "GREEN_HUBS=1", env: Some(&[("GREEN_HUBS", "1")]) },
    Variant { name: "green", env: Some(&[]) },
    Variant { name: "GREEN_HUBS=8", env: Some(&[("GREEN_HUBS", "8")]) },
    Variant { name: "chaos", env: Some(&[("GREEN_HUBS", "4"), ("GREEN_HANDOFF_MS", "0")]) },
];

/// `GREEN_CHAOS` of the chaos runs, or of the first of them: 1, or another for whoever looks for what happens rarely.
fn first_seed() -> u64 {
    std::env::var("GREEN_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// What a run left behind.
pub struct Outcome {
    pub ending: Ending,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// The lines that `GREEN_STATS` collected, one per process.
    pub stats: String,
    /// What `green ps` told of a green run that hung: each parked thread, and what it waits for.
    pub parked: String,
}

pub struct Runner {
    library: PathBuf,
    /// The command that looks into a green process: `GREEN_BIN`, else `green` beside the library. Nothing if it isn't there.
    inspector: Option<PathBuf>,
    timeout: Duration,
    native_only: bool,
    quick: bool,
    fds: Option<u64>,
    /// How it bites, and the library that does it.
    pest: Option<(Pest, PathBuf)>,
    hub: Option<String>,
}

impl Runner {
    pub fn new(root: &Path, options: &Options, builder: &Builder) -> Result<Runner, String> {
        let library = std::env::var_os("GREEN_LIB").map_or(root.join("libgreen.so"), PathBuf::from);
        let library = match library.canonicalize() {
            Err(e) if !options.native_only => {
                return Err(format!("{}: {e} (build it with `make`, or name it in GREEN_LIB)", library.display()));
            }
            found => found.unwrap_or(library),
        };
        let inspector = std::env::var_os("GREEN_BIN").map_or(library.with_file_name("green"), PathBuf::from);
        let inspector = inspector.canonicalize().ok();
        Ok(Runner {
            library,
            inspector,
            timeout: options.timeout,
            native_only: options.native_only,
            quick: options.quick,
            fds: options.fds,
            pest: options.pest.map(|pest| builder.pest().map(|library| (pest, library))).transpose()?,
            hub: options.hub.clone(),
        })
    }

    pub fn variants(&self) -> Vec<&'static Variant> {
        let wanted = |variant: &&Variant| match variant.name {
            "native" => true,
            "green" => !self.native_only,
            _ => !self.native_only && !self.quick,
        };
        VARIANTS.iter().filter(wanted).collect()
    }

    pub fn native(&self) -> &'static Variant {
        &VARIANTS[0]
    }

    /// How round number so-and-so runs. Chaos is another one each time it comes round.
    pub fn variant_of_round(&self, round: usize) -> (&'static Variant, Option<u64>) {
        let greens = &VARIANTS[1..];
        let variant = &greens[round % greens.len()];
        (variant, variant.is_chaos().then(|| first_seed() + (round / greens.len()) as u64))
    }

    /// Runs the program once. What goes wrong around it (no disk, no fork) ends the tests: it says nothing of the library.
    /// A chaos run takes this seed, if there is one.
    pub fn run(&self, fixture: &Fixture, program: &Path, variant: &Variant, seed: Option<u64>) -> Outcome {
        self.try_run(fixture, program, variant, seed).unwrap_or_else(|e| panic!("{}: cannot run it: {e}", fixture.name))
    }

    fn try_run(&self, fixture: &Fixture, program: &Path, variant: &Variant, seed: Option<u64>) -> io::Result<Outcome> {
        let folder = Folder::new()?;
        let path = |name: &str| folder.0.join(name);
        fs::create_dir(path("cwd"))?;

        let mut command = Command::new(program);
        command.args(&fixture.directives.args).current_dir(path("cwd")).process_group(0);
        command.stdin(Stdio::null()).stdout(File::create(path("stdout"))?).stderr(File::create(path("stderr"))?);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GREEN_") || name == "LD_PRELOAD" {
                command.env_remove(name);
            }
        }
        if let Some(hub) = self.hub.as_ref().filter(|_| !variant.is_native()) {
            command.env("GREEN_HUB", hub);
        }
        command.env("TWIN_LIB_DIR", program.parent().unwrap_or(Path::new("/")));
        command.envs(fixture.directives.env.iter().map(|(name, value)| (name, value)));
        let preload = self.preload(fixture, variant);
        if !preload.is_empty() {
            command.env("LD_PRELOAD", preload);
        }
        if let Some((pest, _)) = &self.pest {
            command.env("PEST", pest.name());
        }
        if let Some(env) = variant.env {
            command.envs(env.iter().copied()).env("GREEN_STATS", path("stats"));
            if variant.is_chaos() {
                command.env("GREEN_CHAOS", seed.unwrap_or_else(first_seed).to_string());
            }
        }
        let fds = self.fds.map(|most| most.max(fixture.directives.fds.unwrap_or(0)));
        // SAFETY: getrlimit and setrlimit are async-signal-safe, and the closure touches nothing else.
        unsafe { command.pre_exec(move || limit_output().and_then(|()| fds.map_or(Ok(()), limit_fds))) };

        let mut parked = String::new();
        let ending = wait(command.spawn()?, self.timeout, |pid| {
            if !variant.is_native() {
                parked = self.inspect(pid);
            }
        })?;
        Ok(Outcome {
            ending,
            parked,
            stdout: fs::read(path("stdout"))?,
            stderr: fs::read(path("stderr"))?,
            stats: fs::read_to_string(path("stats")).unwrap_or_default(),
        })
    }

    /// What `green ps` says of a process, if there is such a command here. It has ten seconds.
    fn inspect(&self, pid: libc::pid_t) -> String {
        let Some(inspector) = &self.inspector else {
            return String::new();
        };
        let output = Command::new("timeout").arg("10").arg(inspector).arg("ps").arg(pid.to_string()).output();
        match output {
            Ok(output) => {
                [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
            }
            Err(e) => format!("{}: {e}\n", inspector.display()),
        }
    }

    /// The value of LD_PRELOAD: our library unless the run is native, the neighbour that the fixture asks for, and the pest.
    fn preload(&self, fixture: &Fixture, variant: &Variant) -> String {
        let mut libraries = Vec::new();
        if !variant.is_native() {
            libraries.push(self.library.display().to_string());
        }
        if let Some(neighbour) = &fixture.directives.neighbour {
            let path = packages::library(&neighbour.library).expect("packages::provide looked for it");
            libraries.insert(if neighbour.before { 0 } else { libraries.len() }, path);
        }
        libraries.extend(self.pest.iter().map(|(_, library)| library.display().to_string()));
        libraries.join(":")
    }
}

/// Waits for a process, and kills it when its time is over, after a look at it. Whatever it started and left running is killed too.
fn wait(mut child: Child, timeout: Duration, look: impl FnOnce(libc::pid_t)) -> io::Result<Ending> {
    let pid = child.id() as libc::pid_t;
    let deadline = Instant::now() + timeout;
    let mut pause = Duration::from_millis(1);
    let hang = loop {
        if has_ended(pid)? {
            break false;
        }
        if Instant::now() >= deadline {
            break true;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    };
    if hang {
        look(pid);
    }
    // SAFETY: the child leads its own group and is not reaped yet, so the number is still its own.
    unsafe { libc::kill(-pid, libc::SIGKILL) };
    let status = child.wait()?;
    Ok(if hang { Ending::Hang } else { ending(status) })
}

/// Whether the child has ended; it stays unreaped.
fn has_ended(pid: libc::pid_t) -> io::Result<bool> {
    // SAFETY: siginfo_t is plain data, for which all zeroes is a value.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: `info` outlives the call.
    match unsafe { libc::waitid(libc::P_PID, pid as libc::id_t, &mut info, flags) } {
        // SAFETY: waitid filled the child fields, or left the zeroes.
        0 => Ok(unsafe { info.si_pid() } != 0),
        _ => Err(io::Error::last_os_error()),
    }
}

fn ending(status: ExitStatus) -> Ending {
    match status.signal() {
        Some(number) => Ending::Signal(number),
        None => Ending::Exit(status.code().unwrap_or(-1)),
    }
}

/// A program gone wild may not fill the disk: 64 MiB of output, no core.
fn limit_output() -> io::Result<()> {
    for (resource, most) in [(libc::RLIMIT_FSIZE, 64 << 20), (libc::RLIMIT_CORE, 0)] {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        // SAFETY: `limit` is a valid rlimit.
        if unsafe { libc::setrlimit(resource, &limit) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// So many file descriptors, or what the hard limit allows, which stays: a program may raise its own.
fn limit_fds(most: u64) -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid rlimit.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    limit.rlim_cur = most.min(limit.rlim_max);
    // SAFETY: `limit` is a valid rlimit.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A folder under /tmp that goes when the run is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Folder> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("green-twin-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder)?;
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
