//! What a fixture asks of the runner, written as comment lines at its top, before the first line of code:
//!
//! ```text
//! // exit: 3                              ends with this status (default 0)
//! // signal: SIGSEGV                      is killed by this signal
//! // green: none                          creates no threads: the green run must leave no counters at all
//! // green: lost                          the counters cannot be had (a signal kills it, an exec replaces it)
//! // args: one two                        its arguments
//! // env: KEY=VALUE                       one more variable, in native and green runs alike
//! // fds: 4000                            it needs so many file descriptors, whatever --fds says
//! // pest: none                           cannot live with --pest: left out then (say why in the next line)
//! // link: -lm                            more arguments for the linker
//! // needs: libjemalloc2                  a Debian package; installed if allowed, else the fixture is skipped
//! // preload: libjemalloc.so.2 before     a second preloaded library, before or after ours; alone in the native run
//! // stderr: ignore                       do not compare stderr (say why in the next line)
//! // stderr-green: stack                  the green run's stderr has this text, and is not compared otherwise
//! ```
//!
//! In a Python program they begin with `# `. `env`, `link` and `needs` may be repeated. Prose may stand between them: a line is a directive only when it begins with one
//! lower-case word and a colon, and a word not listed here is an error, so that a typo does not pass unseen.

use crate::build::Language;
use std::fmt;
use std::path::Path;

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Exit(i32),
    Signal(i32),
    /// It had to be killed when its time was over.
    Hang,
}

/// What the counters of a green run must show.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// At least one thread, at least one switch.
    Threads,
    /// No threads at all.
    None,
    /// Nothing can be expected.
    Lost,
}

/// A library preloaded beside ours.
pub struct Neighbour {
    pub library: String,
    pub before: bool,
}

pub struct Directives {
    pub ending: Ending,
    pub proof: Proof,
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
    /// How many file descriptors it needs at least.
    pub fds: Option<u64>,
    /// It has a reason not to live with `--pest`.
    pub spared: bool,
    pub link: Vec<String>,
    pub needs: Vec<String>,
    pub neighbour: Option<Neighbour>,
    pub ignore_stderr: bool,
    pub green_stderr: Option<String>,
}

impl Directives {
    pub fn of(source: &Path, language: Language) -> Result<Directives, String> {
        let text = std::fs::read_to_string(source).map_err(|e| format!("{}: {e}\n", source.display()))?;
        Directives::parse(&text, language.comment()).map_err(|e| format!("{}: {e}\n", source.display()))
    }

    fn parse(text: &str, comment: &str) -> Result<Directives, String> {
        let mut found = Directives {
            ending: Ending::Exit(0),
            proof: Proof::Threads,
            args: Vec::new(),
            env: Vec::new(),
            fds: None,
            spared: false,
            link: Vec::new(),
            needs: Vec::new(),
            neighbour: None,
            ignore_stderr: false,
            green_stderr: None,
        };
        for line in text.lines().take_while(|line| line.is_empty() || line.starts_with(comment)) {
            let Some((key, value)) = directive(line, comment) else {
                continue;
            };
            let wrong = || format!("`{key}: {value}` is not understood");
            match key {
                "exit" => found.ending = Ending::Exit(value.parse().map_err(|_| wrong())?),
                "signal" => found.ending = Ending::Signal(signal_number(value).ok_or_else(wrong)?),
                "green" if value == "none" => found.proof = Proof::None,
                "green" if value == "lost" => found.proof = Proof::Lost,
                "args" => found.args = words(value),
                "env" => {
                    let (name, content) = value.split_once('=').ok_or_else(wrong)?;
                    found.env.push((name.to_string(), content.to_string()));
                }
                "fds" => found.fds = Some(value.parse().map_err(|_| wrong())?),
                "pest" if value == "none" => found.spared = true,
                "link" => found.link.extend(words(value)),
                "needs" => found.needs.extend(words(value)),
                "preload" => {
                    let (library, place) = value.split_once(' ').unwrap_or((value, "after"));
                    let before = match place {
                        "before" => true,
                        "after" => false,
                        _ => return Err(wrong()),
                    };
                    found.neighbour = Some(Neighbour { library: library.to_string(), before });
                }
                "stderr" if value == "ignore" => found.ignore_stderr = true,
                "stderr-green" => {
                    found.green_stderr = Some(value.to_string());
                }
                _ => return Err(wrong()),
            }
        }
        Ok(found)
    }
}

/// `// key: value`, where key is one lower-case word.
fn directive<'a>(line: &'a str, comment: &str) -> Option<(&'a str, &'a str)> {
    let (key, value) = line.strip_prefix(comment)?.strip_prefix(' ')?.split_once(": ")?;
    let is_word = !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    is_word.then_some((key, value.trim()))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_string).collect()
}

/// The signals a fixture may die of.
const SIGNALS: [(&str, i32); 8] = [
    ("SIGABRT", libc::SIGABRT),
    ("SIGBUS", libc::SIGBUS),
    ("SIGFPE", libc::SIGFPE),
    ("SIGILL", libc::SIGILL),
    ("SIGKILL", libc::SIGKILL),
    ("SIGPIPE", libc::SIGPIPE),
    ("SIGSEGV", libc::SIGSEGV),
    ("SIGTERM", libc::SIGTERM),
];

fn signal_number(name: &str) -> Option<i32> {
    SIGNALS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Ending::Exit(status) => write!(f, "exit status {status}"),
            Ending::Signal(number) => match SIGNALS.iter().find(|(_, n)| n == number) {
                Some((name, _)) => write!(f, "{name}"),
                None => write!(f, "signal {number}"),
            },
            Ending::Hang => write!(f, "a hang"),
        }
    }
}
