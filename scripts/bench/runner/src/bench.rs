//! Walks the rounds: in each, every workload; in each of those, every contender in turn.

use crate::contender::{Call, Contender, Part};
use crate::results::{Outcome, Run, Settings};
use crate::table::commas;
use crate::workload::{Kind, Workload};
use crate::{micro, parked, serve, syscalls};
use anyhow::Result;
use std::collections::HashMap;
use std::io::{stderr, IsTerminal, Write};
use std::path::PathBuf;

/// The part of a server's window for which a small cost is paid.
const MICRO_SHARE: f64 = 0.25;

/// Where things are, and on which processors they run.
pub struct Places {
    pub programs: PathBuf,
    pub library: PathBuf,
    /// For what the programs print.
    pub folder: PathBuf,
    pub server: Vec<usize>,
    pub load: Vec<usize>,
    /// All that there are, for what isn't pinned.
    pub all: Vec<usize>,
}

pub struct Bench {
    pub places: Places,
    pub settings: Settings,
    pub contenders: Vec<Contender>,
    pub workloads: Vec<Workload>,
    pub runs: Vec<Run>,
    /// By contender and cost, so that it's found out once. None: that contender has nothing of the kind.
    micro_rounds: HashMap<(String, String), Option<u64>>,
    /// Who stopped at how many parked threads, and why: it is not asked for as many again.
    reached: HashMap<String, (u32, String)>,
}

impl Bench {
    pub fn new(places: Places, settings: Settings, contenders: Vec<Contender>, workloads: Vec<Workload>) -> Bench {
        let (micro_rounds, reached) = (HashMap::new(), HashMap::new());
        Bench { places, settings, contenders, workloads, runs: Vec::new(), micro_rounds, reached }
    }

    pub fn round(&mut self, round: u32) {
        for workload in self.workloads.clone().iter().filter(|w| round <= w.most_rounds) {
            for contender in self.contenders.clone().iter().filter(|c| c.missing.is_none()) {
                progress(&format!("round {round} of {}: {}, {}", self.settings.rounds, workload.name, contender.name));
                let outcome =
                    self.once(workload, contender).unwrap_or_else(|why| Some(Outcome::failed(format!("{why:#}"))));
                let Some(outcome) = outcome else { continue };
                let (workload, contender) = (workload.name.clone(), contender.name.clone());
                self.runs.push(Run { round, workload, contender, outcome });
            }
        }
        progress("");
    }

    /// One run. None if that contender has no part in it.
    fn once(&mut self, workload: &Workload, contender: &Contender) -> Result<Option<Outcome>> {
        let part = |rounds| contender.part(workload, &self.places.programs, &self.places.library, rounds);
        let call = match part(0) {
            Part::Takes(call) => call,
            Part::Stops(why) => return Ok(Some(Outcome::stopped(why))),
            Part::None => return Ok(None),
        };
        match &workload.kind {
            Kind::Load { .. } => {
                serve::run(&call, &workload.kind, contender.is_green(), &self.places, &self.settings).map(Some)
            }
            Kind::Syscalls { connections } => {
                syscalls::run(&call, *connections, &self.places, &self.settings).map(Some)
            }
            Kind::Micro { cost } => {
                let call = |rounds| match part(rounds) {
                    Part::Takes(call) => call,
                    _ => unreachable!("it takes part with whatever number of rounds"),
                };
                let processors = if contender.is_pinned() { &self.places.server } else { &self.places.all };
                let key = (contender.name.clone(), cost.clone());
                let rounds = match self.micro_rounds.get(&key) {
                    Some(rounds) => *rounds,
                    None => micro::rounds_for(self.settings.seconds * MICRO_SHARE, processors, &self.places, call)?,
                };
                let outcome = rounds.map_or(Ok(None), |rounds| micro::run(&call(rounds), processors, &self.places));
                self.micro_rounds.insert(key, rounds);
                outcome
            }
            Kind::Parked { count } => self.park(*count, contender, &call).map(Some),
        }
    }

    fn park(&mut self, count: u32, contender: &Contender, call: &Call) -> Result<Outcome> {
        if let Some((most, why)) = self.reached.get(&contender.name).filter(|(most, _)| count >= *most) {
            let why = if count == *most {
                why.clone()
            } else {
                format!("not tried: with {}, it {why}", commas(f64::from(*most)))
            };
            return Ok(Outcome::stopped(why));
        }
        let outcome = parked::run(call, count, &self.places)?;
        if let Some(why) = &outcome.stopped {
            self.reached.insert(contender.name.clone(), (count, why.clone()));
        }
        Ok(outcome)
    }
}

/// One line on a terminal, in place of the last one.
fn progress(text: &str) {
    if stderr().is_terminal() {
        eprint!("\r{text:<70}\r");
        let _ = stderr().flush();
    }
}
