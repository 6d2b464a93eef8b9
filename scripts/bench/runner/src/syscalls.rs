//! How many system calls a server makes for a request: by `strace -f -c`, while the load generator is at it.
//!
//! A long run and a short one, and the difference between both: what opening and closing the connections takes is the same in
//! both, and drops out. (strace slows the server down. What it does from time to time, rather than for a request, weighs more.)

use crate::bench::Places;
use crate::contender::Call;
use crate::process::Process;
use crate::results::{Outcome, Settings, Values};
use crate::serve::{self, Server};
use anyhow::{bail, Context, Result};
use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

const ATTACH_LIMIT: Duration = Duration::from_secs(5);
/// How long strace may take to see what is under way.
const SETTLE_LIMIT: Duration = Duration::from_secs(5);
/// It has seen all of it if it runs for less than the second of these within the first.
const CALM: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(1)];
/// The windows of the short run and of the long one, in those of other workloads.
const SHORT: f64 = 0.2;
const LONG: f64 = 2.0;

/// Calls by name, and the replies that they were made for.
struct Counted {
    calls: BTreeMap<String, f64>,
    requests: f64,
}

pub fn run(call: &Call, connections: u32, places: &Places, settings: &Settings) -> Result<Outcome> {
    let short = match count(call, connections, settings.seconds * SHORT, places, settings)? {
        Ok(counted) => counted,
        Err(outcome) => return Ok(outcome),
    };
    let long = match count(call, connections, settings.seconds * LONG, places, settings)? {
        Ok(counted) => counted,
        Err(outcome) => return Ok(outcome),
    };
    match per_request(&short, &long) {
        Some(values) => Ok(Outcome::values(values)),
        None => bail!("the longer run has no more replies than the short one"),
    }
}

fn per_request(short: &Counted, long: &Counted) -> Option<Values> {
    let requests = long.requests - short.requests;
    if requests <= 0.0 {
        return None;
    }
    let each = |(name, calls): (&String, &f64)| {
        let before = short.calls.get(name).copied().unwrap_or(0.0);
        (format!("call:{name}"), (calls - before) / requests)
    };
    let mut values: Values = long.calls.iter().map(each).collect();
    values.insert("calls".to_string(), values.values().sum());
    values.insert("requests".to_string(), requests);
    Some(values)
}

/// One run; what went wrong with it, if something did.
fn count(
    call: &Call,
    connections: u32,
    seconds: f64,
    places: &Places,
    settings: &Settings,
) -> Result<Result<Counted, Outcome>> {
    let mut server = Server::start(call, places)?;
    let table = places.folder.join("strace.table");
    let words = ["strace", "-f", "-c", "-o", &table.to_string_lossy(), "-p", &server.process.id().to_string()];
    let words = words.map(str::to_string).to_vec();
    let strace = Process::start(&Call { words, environment: Vec::new() }, &places.load, &places.folder, "strace");
    let Ok(mut strace) = strace else { return Ok(Err(Outcome::stopped("no strace here (Debian's package strace)"))) };
    strace.wait_for("being attached", ATTACH_LIMIT, |strace| strace.errors().contains("attached").then_some(()))?;
    let outcome = serve::load(&mut server, "echo", connections, (None, None), seconds, places, settings)?;
    settle(&strace);
    strace.end(libc::SIGINT); // it lets go of the server, and writes its table
    let text = std::fs::read_to_string(&table).context("strace wrote no table")?;
    server.process.end(libc::SIGTERM);
    if !outcome.counts() {
        return Ok(Err(outcome));
    }
    let requests = *outcome.values.get("all_requests").context("the load generator says no all_requests")?;
    Ok(Ok(Counted { calls: parse_table(&text), requests }))
}

/// Replies arrive before strace has seen the calls that sent them return, and connections are closed behind its back.
fn settle(strace: &Process) {
    let start = Instant::now();
    let [span, calm] = CALM;
    let mut before = strace.ran();
    while start.elapsed() < SETTLE_LIMIT {
        sleep(span);
        let now = strace.ran();
        match now.zip(before) {
            Some((now, before)) if now - before >= calm => {}
            _ => return,
        }
        before = now;
    }
}

/// Lines of `% time, seconds, usecs/call, calls, errors (or nothing), syscall`; headings, rules and the total are none.
fn parse_table(text: &str) -> BTreeMap<String, f64> {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (share, calls, name) = (words.first()?, words.get(3)?, words.last()?);
        share.parse::<f64>().ok()?;
        (*name != "total").then_some((name.to_string(), calls.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 61.20    0.010000           1      1000           sendto
 38.80    0.005000           1      1100       100 recvfrom
------ ----------- ----------- --------- --------- ----------------
100.00    0.015000           1      2100       100 total
";

    #[test]
    fn straces_table() {
        let calls = parse_table(TABLE);
        assert_eq!(calls, BTreeMap::from([("recvfrom".to_string(), 1100.0), ("sendto".to_string(), 1000.0)]));
    }

    #[test]
    fn only_what_the_longer_run_has_more_counts() {
        let counted = |send: f64, accept: f64, requests| Counted {
            calls: BTreeMap::from([("sendto".to_string(), send), ("accept4".to_string(), accept)]),
            requests,
        };
        let values = per_request(&counted(100.0, 10.0, 100.0), &counted(350.0, 10.0, 350.0)).unwrap();
        assert_eq!((values["calls"], values["call:accept4"]), (1.0, 0.0));
        assert!(per_request(&counted(1.0, 0.0, 5.0), &counted(2.0, 0.0, 5.0)).is_none());
    }
}
