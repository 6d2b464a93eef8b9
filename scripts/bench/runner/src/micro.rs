//! Small costs within one process, such as that of a lock or of a thread.

use crate::bench::Places;
use crate::contender::Call;
use crate::process::{told, Ended, Process};
use crate::results::{Outcome, Values};
use anyhow::{bail, Result};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(20);
const FEWEST: u64 = 100;
const MOST: u64 = 100_000_000;
/// The least part of the wanted time that says how long a round takes: less is lost in the process's start.
const PILOT: f64 = 0.2;

/// How often the cost must be paid for about so many seconds. That is tried with more and more, until it takes measurably longer
/// than the start of the process does. None if it isn't measured there. `call` makes the command for a number of rounds.
pub fn rounds_for(
    seconds: f64,
    processors: &[usize],
    places: &Places,
    call: impl Fn(u64) -> Call,
) -> Result<Option<u64>> {
    let timed = |rounds| -> Result<Option<f64>> {
        let start = Instant::now();
        let measured = nanoseconds(&call(rounds), processors, places)?.is_some();
        Ok(measured.then(|| start.elapsed().as_secs_f64()))
    };
    let mut rounds = FEWEST;
    let Some(start) = timed(rounds)? else { return Ok(None) };
    loop {
        rounds *= 10;
        let took = timed(rounds)?.unwrap_or(0.0) - start;
        if took >= seconds * PILOT || rounds >= MOST {
            let wanted = rounds as f64 * seconds / took.max(seconds * PILOT);
            return Ok(Some((wanted as u64).clamp(FEWEST, MOST)));
        }
    }
}

pub fn run(call: &Call, processors: &[usize], places: &Places) -> Result<Option<Outcome>> {
    let each = nanoseconds(call, processors, places)?;
    Ok(each.map(|each| Outcome::values(Values::from([("ns".to_string(), each)]))))
}

/// What one costs. A contender that has nothing of that kind prints nothing, or how it is to be called.
fn nanoseconds(call: &Call, processors: &[usize], places: &Places) -> Result<Option<f64>> {
    let mut process = Process::start(call, processors, &places.folder, "micro")?;
    match process.wait(LIMIT)? {
        Ended::Stopped(why) => bail!("it {why}"),
        Ended::Status(status) if status.code() == Some(2) && process.errors().contains("ROUNDS") => return Ok(None),
        Ended::Status(status) if !status.success() => bail!("it {}{}", told(status), process.complaint()),
        Ended::Status(_) => {}
    }
    let text = process.output();
    let number = |line: &str| line.split_whitespace().nth(1)?.parse().ok().filter(|ns: &f64| ns.is_finite());
    match text.lines().next() {
        None => Ok(None),
        Some(line) => number(line).map(Some).ok_or_else(|| anyhow::anyhow!("it printed no time: {line}")),
    }
}
