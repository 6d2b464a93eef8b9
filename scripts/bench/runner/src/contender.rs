//! Who takes part, and by which command.

use crate::workload::{Kind, Workload};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// In the order in which they run within a round.
pub const NAMES: [&str; 11] = [
    "native",
    "native-unpinned",
    "green",
    "green-io_uring",
    "epoll",
    "ring",
    "gevent",
    "eventlet",
    "go",
    "may",
    "tokio",
];

/// What ratios are relative to: the limit, and what the program is without libgreen.
pub const BASES: [&str; 2] = ["epoll", "native"];

/// Beyond this, Python takes minutes and most of the memory.
const PYTHON_PARKED_AT_MOST: u32 = 100_000;

#[derive(Clone, Serialize, Deserialize)]
pub struct Contender {
    pub name: String,
    /// Why it can't take part at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Of a peer, where its install script says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// For a peer, what its install script says: the words before `serve echo` and the like.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
}

/// Program, arguments, environment.
#[derive(Debug, PartialEq)]
pub struct Call {
    pub words: Vec<String>,
    pub environment: Vec<(String, String)>,
}

/// Can this contender run that workload?
#[derive(Debug, PartialEq)]
pub enum Part {
    Takes(Call),
    /// It could, but it has no sense to try.
    Stops(String),
    /// It isn't made for that: no row in the table.
    None,
}

impl Contender {
    /// All of them. `peers` is what the peers' install script printed: `NAME ok COMMAND…` or `NAME missing REASON` a line.
    /// `versions` has a `NAME VERSION` a line.
    pub fn all(peers: &str, versions: &str, programs: &Path, library: &Path) -> Vec<Contender> {
        let versions: HashMap<&str, &str> = versions.lines().filter_map(|line| line.trim().split_once(' ')).collect();
        let lines: HashMap<&str, (&str, &str)> = peers.lines().filter_map(peer).collect();
        let contender = |name: &&str| {
            let needed = match *name {
                "native" | "native-unpinned" => Some(programs.join("threads")),
                "epoll" | "ring" => Some(programs.join(name)),
                "green" | "green-io_uring" => Some(library.to_path_buf()),
                _ => None,
            };
            let (command, missing) = match (needed, lines.get(name)) {
                (Some(file), _) => (Vec::new(), (!file.exists()).then(|| format!("no {}", file.display()))),
                (None, Some(("ok", command))) => (command.split_whitespace().map(str::to_string).collect(), None),
                (None, Some((_, reason))) => (Vec::new(), Some(reason.to_string())),
                (None, None) => (Vec::new(), Some("scripts/bench/peers/install.sh says nothing of it".to_string())),
            };
            Contender { name: name.to_string(), missing, version: versions.get(name).map(|v| v.to_string()), command }
        };
        NAMES.iter().map(contender).collect()
    }

    pub fn is_green(&self) -> bool {
        self.name.starts_with("green")
    }

    /// Native threads wake each other from processor to processor if there are several, which costs more: so most programs run.
    pub fn is_pinned(&self) -> bool {
        self.name != "native-unpinned"
    }

    pub fn is_python(&self) -> bool {
        matches!(self.name.as_str(), "gevent" | "eventlet")
    }

    /// How it takes part in a workload. `rounds` is for the small costs only: how often each is paid.
    pub fn part(&self, workload: &Workload, programs: &Path, library: &Path, rounds: u64) -> Part {
        let words = match &workload.kind {
            Kind::Load { .. } | Kind::Syscalls { .. } => {
                vec!["serve".to_string(), workload.service().unwrap_or_default().to_string()]
            }
            Kind::Micro { cost } => vec!["micro".to_string(), cost.clone(), rounds.to_string()],
            Kind::Parked { count } => vec!["parked".to_string(), count.to_string()],
        };
        match (&workload.kind, self.name.as_str()) {
            (Kind::Micro { .. } | Kind::Parked { .. }, "epoll" | "ring") => return Part::None,
            // It has only that one service.
            (_, "ring") if workload.service() != Some("echo") => return Part::None,
            (kind, "native-unpinned") if !matches!(kind, Kind::Micro { .. }) => return Part::None,
            // Its hub differs in how it waits for events, and these threads wait for none.
            (Kind::Parked { .. }, "green-io_uring") => return Part::None,
            (Kind::Parked { count }, _) if self.is_python() && *count > PYTHON_PARKED_AT_MOST => {
                return Part::Stops(format!(
                    "not tried beyond {}",
                    crate::table::commas(f64::from(PYTHON_PARKED_AT_MOST))
                ));
            }
            _ => {}
        }
        let environment =
            |list: &[(&str, &str)]| list.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect::<Vec<_>>();
        let preload = library.to_string_lossy();
        match self.name.as_str() {
            "native" | "native-unpinned" => {
                Part::Takes(Call { words: c_words(words, programs, "threads"), environment: Vec::new() })
            }
            "green" => {
                let environment = environment(&[("LD_PRELOAD", &preload), ("GREEN_HUBS", "1")]);
                Part::Takes(Call { words: c_words(words, programs, "threads"), environment })
            }
            "green-io_uring" => {
                let environment =
                    environment(&[("LD_PRELOAD", &preload), ("GREEN_HUBS", "1"), ("GREEN_HUB", "io_uring")]);
                Part::Takes(Call { words: c_words(words, programs, "threads"), environment })
            }
            name @ ("epoll" | "ring") => {
                Part::Takes(Call { words: c_words(words, programs, name), environment: Vec::new() })
            }
            _ => Part::Takes(Call { words: [self.command.clone(), words].concat(), environment: Vec::new() }),
        }
    }
}

/// The C programs are one for each kind of workload, so that the first word is the program's name; that of the servers is `server`.
fn c_words(words: Vec<String>, programs: &Path, server: &str) -> Vec<String> {
    let program = if words[0] == "serve" { server } else { &words[0] };
    let path = programs.join(program).to_string_lossy().into_owned();
    std::iter::once(path).chain(words.into_iter().skip(1)).collect()
}

fn peer(line: &str) -> Option<(&str, (&str, &str))> {
    let (name, rest) = line.trim().split_once(' ')?;
    let (state, rest) = rest.trim_start().split_once(' ').unwrap_or((rest, "no reason given"));
    Some((name, (state, rest.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload;

    const PEERS: &str =
        "go ok /peers/go\ngevent ok /venv/bin/python /gevent.py\nmay missing cargo build failed: see may.log\n";

    fn find(name: &str) -> Contender {
        let all = Contender::all(PEERS, "go 1.19.8\n", Path::new("/bench"), Path::new("/lib.so"));
        all.into_iter().find(|c| c.name == name).unwrap()
    }

    fn part(contender: &str, workload: &str) -> Part {
        let workload = workload::all(false).into_iter().find(|w| w.name == workload).unwrap();
        find(contender).part(&workload, Path::new("/bench"), Path::new("/lib.so"), 10)
    }

    fn words(contender: &str, workload: &str) -> String {
        match part(contender, workload) {
            Part::Takes(call) => call.words.join(" "),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_install_script_says() {
        assert_eq!(find("go").missing, None);
        assert_eq!(find("go").version.unwrap(), "1.19.8");
        assert_eq!(find("gevent").command, ["/venv/bin/python", "/gevent.py"]);
        assert_eq!(find("may").missing.unwrap(), "cargo build failed: see may.log");
        assert!(find("tokio").missing.is_some());
    }

    #[test]
    fn commands() {
        assert_eq!(words("native", "idle-10000"), "/bench/threads echo");
        assert_eq!(words("epoll", "http-100"), "/bench/epoll http");
        assert_eq!(words("green", "micro-yield"), "/bench/micro yield 10");
        assert_eq!(words("go", "churn-100"), "/peers/go serve echo");
        assert_eq!(words("gevent", "parked-100000"), "/venv/bin/python /gevent.py parked 100000");
    }

    #[test]
    fn who_has_no_part() {
        assert_eq!(part("epoll", "micro-cond"), Part::None);
        assert_eq!(part("ring", "http-100"), Part::None);
        assert_eq!(words("ring", "echo-100"), "/bench/ring echo");
        assert!(matches!(part("gevent", "parked-1000000"), Part::Stops(_)));
    }

    #[test]
    fn only_green_runs_are_preloaded() {
        let environment = |contender| match part(contender, "echo-100") {
            Part::Takes(call) => call.environment.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!(["native", "green", "green-io_uring", "epoll", "go"].map(environment), [0, 2, 3, 0, 0]);
    }
}
