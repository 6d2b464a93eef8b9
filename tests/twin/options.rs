//! The command line of the runner: words that select fixtures, and a few switches (listed in `main.rs`).

use crate::pest::Pest;
use std::time::Duration;

pub struct Options {
    pub words: Vec<String>,
    pub list: bool,
    pub verbose: bool,
    pub native_only: bool,
    /// One native run of each build, for comparison, however often the green ones are repeated.
    pub green_only: bool,
    pub repeat: usize,
    /// So many green runs of each fixture, by builds and variants in turn, instead of all variants of both builds.
    pub rounds: Option<usize>,
    /// One build of each fixture, one native run, one green one.
    pub quick: bool,
    /// How many file descriptors a process may have (the soft limit).
    pub fds: Option<u64>,
    /// Signals all the time, in native and green runs alike.
    pub pest: Option<Pest>,
    /// `GREEN_HUB` of the green runs.
    pub hub: Option<String>,
    pub timeout: Duration,
    pub jobs: usize,
}

impl Options {
    pub fn from_args(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options {
            words: Vec::new(),
            list: false,
            verbose: false,
            native_only: false,
            green_only: false,
            repeat: 1,
            rounds: None,
            quick: false,
            fds: None,
            pest: None,
            hub: std::env::var("GREEN_HUB").ok(),
            timeout: Duration::ZERO,
            jobs: 2,
        };
        let mut timeout = None;
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--list" => options.list = true,
                "-v" | "--verbose" => options.verbose = true,
                "--native" => options.native_only = true,
                "--green" => options.green_only = true,
                "--repeat" => options.repeat = number(&arg, args.next())?,
                "--rounds" => options.rounds = Some(number(&arg, args.next())?),
                "--quick" => options.quick = true,
                "--fds" => options.fds = Some(number(&arg, args.next())? as u64),
                "--pest" => options.pest = Some(Pest::of(args.next())?),
                "--hub" => options.hub = Some(args.next().ok_or("--hub takes a kind of hub")?),
                "--jobs" => options.jobs = number(&arg, args.next())?,
                "--timeout" => timeout = Some(number(&arg, args.next())? as u64),
                // What `cargo test -- …` may hand to every test program at once.
                "--nocapture" | "-q" | "--quiet" => {}
                word if word.starts_with('-') => return Err(format!("unknown option {word}; see tests/twin/main.rs")),
                word => options.words.push(word.to_string()),
            }
        }
        if options.native_only && (options.green_only || options.rounds.is_some()) {
            return Err("--native excludes --green and --rounds".to_string());
        }
        if options.rounds.is_some() && (options.quick || options.pest.is_some()) {
            return Err("--rounds excludes --quick and --pest".to_string());
        }
        let usual = match options {
            // What doesn't bear the pest often hangs, natively.
            Options { pest: Some(_), .. } => 15,
            // Of a thousand rounds one hangs, and nobody wants to wait for it for long.
            Options { rounds: Some(_), .. } | Options { quick: true, .. } => 30,
            _ => 60,
        };
        options.timeout = Duration::from_secs(timeout.unwrap_or(usual));
        Ok(options)
    }

    /// Whether the name of a fixture contains one of the words; without words all are wanted.
    pub fn selects(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }
}

fn number(option: &str, value: Option<String>) -> Result<usize, String> {
    match value.and_then(|v| v.parse().ok()) {
        Some(n) if n > 0 => Ok(n),
        _ => Err(format!("{option} takes a number above 0")),
    }
}
