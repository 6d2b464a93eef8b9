//! Medians over the rounds, and ratios within them.

use crate::contender::BASES;
use crate::results::Run;
use crate::stats::{ratios, InRound, Stat};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A value's median, and its ratios to what it was of the bases in the same rounds.
#[derive(Clone, Serialize, Deserialize)]
pub struct Median {
    #[serde(flatten)]
    pub stat: Stat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_epoll: Option<Stat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_native: Option<Stat>,
}

/// By workload, contender and value.
pub type Medians = BTreeMap<String, BTreeMap<String, BTreeMap<String, Median>>>;

/// What the runs say, to be asked for.
pub struct Summary<'a> {
    runs: &'a [Run],
    /// By workload, contender and value.
    series: BTreeMap<(String, String, String), Vec<InRound>>,
}

impl<'a> Summary<'a> {
    pub fn of(runs: &'a [Run]) -> Summary<'a> {
        let mut series: BTreeMap<_, Vec<InRound>> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.outcome.counts()) {
            for (key, value) in &run.outcome.values {
                series
                    .entry((run.workload.clone(), run.contender.clone(), key.clone()))
                    .or_default()
                    .push((run.round, *value));
            }
        }
        Summary { runs, series }
    }

    fn rounds(&self, workload: &str, contender: &str, key: &str) -> &[InRound] {
        let of = (workload.to_string(), contender.to_string(), key.to_string());
        self.series.get(&of).map_or(&[], Vec::as_slice)
    }

    pub fn stat(&self, workload: &str, contender: &str, key: &str) -> Option<Stat> {
        let values: Vec<f64> = self.rounds(workload, contender, key).iter().map(|(_, value)| *value).collect();
        Stat::of(&values)
    }

    pub fn median(&self, workload: &str, contender: &str, key: &str) -> Option<f64> {
        self.stat(workload, contender, key).map(|stat| stat.median)
    }

    /// Of two contenders, in the same rounds.
    pub fn ratio(&self, workload: &str, contender: &str, base: &str, key: &str) -> Option<Stat> {
        Stat::of(&ratios(self.rounds(workload, contender, key), self.rounds(workload, base, key)))
    }

    pub fn runs(&self, workload: &str, contender: &str) -> Vec<&'a Run> {
        self.runs.iter().filter(|run| run.workload == workload && run.contender == contender).collect()
    }

    /// The names of the values of that workload that begin so, in order.
    pub fn keys(&self, workload: &str, beginning: &str) -> Vec<&str> {
        let of_it = |(of, _, key): &&(String, String, String)| of == workload && key.starts_with(beginning);
        let mut keys: Vec<&str> = self.series.keys().filter(of_it).map(|(_, _, key)| key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    pub fn medians(&self) -> Medians {
        let mut medians = Medians::new();
        for (workload, contender, key) in self.series.keys() {
            let Some(stat) = self.stat(workload, contender, key) else { continue };
            let [to_epoll, to_native] = BASES.map(|base| self.ratio(workload, contender, base, key));
            let of_workload = medians.entry(workload.to_string()).or_default();
            let of_contender = of_workload.entry(contender.to_string()).or_default();
            of_contender.insert(key.to_string(), Median { stat, to_epoll, to_native });
        }
        medians
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{parse_values, Outcome};

    fn run(round: u32, contender: &str, values: &str) -> Run {
        let outcome = Outcome::values(parse_values(values));
        Run { round, workload: "echo-1".to_string(), contender: contender.to_string(), outcome }
    }

    #[test]
    fn a_failed_run_does_not_count() {
        let mut runs = vec![
            run(1, "green", "rps=90"),
            run(1, "epoll", "rps=100"),
            run(2, "green", "rps=1"),
            run(2, "epoll", "rps=50"),
        ];
        runs[2].outcome.failed = Some("1 reply wrong".to_string());
        let summary = Summary::of(&runs);
        assert_eq!(summary.median("echo-1", "green", "rps"), Some(90.0));
        assert_eq!(summary.ratio("echo-1", "green", "epoll", "rps").unwrap().median, 0.9);
        assert_eq!(summary.median("echo-1", "epoll", "rps"), Some(75.0));
        assert_eq!(summary.medians()["echo-1"]["epoll"]["rps"].to_epoll.unwrap().median, 1.0);
        assert!(summary.ratio("echo-1", "green", "native", "rps").is_none());
    }
}
