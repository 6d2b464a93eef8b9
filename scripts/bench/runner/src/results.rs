//! What the runs leave: values by name, and the JSON file of all of it.

use crate::contender::Contender;
use crate::machine::Machine;
use crate::summary::Medians;
use crate::workload::Workload;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The numbers of a run, by name; their units are in the names (`_ns`, `_us`, `_kib`).
pub type Values = BTreeMap<String, f64>;

/// What became of a run.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Outcome {
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub values: Values,
    /// It went wrong: its values don't count, and the benchmark's exit status says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// It reached a limit, or was not tried since it would: nothing is wrong, but its values don't count either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// What makes its values doubtful.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Outcome {
    pub fn values(values: Values) -> Outcome {
        Outcome { values, ..Outcome::default() }
    }

    pub fn failed(why: impl ToString) -> Outcome {
        Outcome { failed: Some(why.to_string()), ..Outcome::default() }
    }

    pub fn stopped(why: impl ToString) -> Outcome {
        Outcome { stopped: Some(why.to_string()), ..Outcome::default() }
    }

    pub fn counts(&self) -> bool {
        self.failed.is_none() && self.stopped.is_none()
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Run {
    pub round: u32,
    pub workload: String,
    pub contender: String,
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Settings {
    pub rounds: u32,
    /// The measured window of a server's run.
    pub seconds: f64,
    pub warmup: f64,
    pub server_processor: usize,
    /// The same one, if there is no other.
    pub load_processor: usize,
}

impl Settings {
    pub fn rounds_text(&self) -> String {
        format!("{} round{}", self.rounds, if self.rounds == 1 { "" } else { "s" })
    }
}

#[derive(Serialize, Deserialize)]
pub struct Results {
    pub machine: Machine,
    pub settings: Settings,
    pub contenders: Vec<Contender>,
    pub workloads: Vec<Workload>,
    pub runs: Vec<Run>,
    /// By workload, contender and value.
    pub medians: Medians,
}

impl Results {
    pub fn read(path: &Path) -> Result<Results> {
        let text = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{}", path.display()))
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        }
        std::fs::write(path, serde_json::to_string_pretty(self)? + "\n").with_context(|| format!("{}", path.display()))
    }
}

/// The values in text of the form `key=value key=value`. What has no number is left out.
pub fn parse_values(text: &str) -> Values {
    let pair = |word: &str| {
        let (key, value) = word.split_once('=')?;
        Some((key.to_string(), value.parse().ok()?))
    };
    text.split_whitespace().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_from_a_line() {
        let values = parse_values("held=100 rps=1234.5 work=echo odd\n");
        assert_eq!(values, Values::from([("held".to_string(), 100.0), ("rps".to_string(), 1234.5)]));
    }
}
