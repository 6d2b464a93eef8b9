//! The command line of the runner: words that select fixtures, and a few switches (listed in `main.rs`).

use std::time::Duration;

pub struct Options {
    pub words: Vec<String>,
    pub list: bool,
    pub verbose: bool,
    pub native_only: bool,
    pub repeat: usize,
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
            repeat: 1,
            timeout: Duration::from_secs(60),
            jobs: 2,
        };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--list" => options.list = true,
                "-v" | "--verbose" => options.verbose = true,
                "--native" => options.native_only = true,
                "--repeat" => options.repeat = number(&arg, args.next())?,
                "--jobs" => options.jobs = number(&arg, args.next())?,
                "--timeout" => options.timeout = Duration::from_secs(number(&arg, args.next())? as u64),
                // What `cargo test -- …` may hand to every test program at once.
                "--nocapture" | "-q" | "--quiet" => {}
                word if word.starts_with('-') => return Err(format!("unknown option {word}; see tests/twin/main.rs")),
                word => options.words.push(word.to_string()),
            }
        }
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
