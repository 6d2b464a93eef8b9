//! A server, and the load generator at it.

use crate::bench::Places;
use crate::contender::Call;
use crate::process::{told, Ended, Process};
use crate::results::{parse_values, Outcome, Settings, Values};
use crate::workload::Kind;
use anyhow::{bail, Result};
use std::time::Duration;

const START_LIMIT: Duration = Duration::from_secs(10);
/// For all that the load generator does besides its window: ten thousand connections to a slow server.
const LOAD_LIMIT: Duration = Duration::from_secs(40);
/// A green server has its hub, the watcher, its clerk and a few carriers more, however many connections there are.
const GREEN_KERNEL_THREADS: f64 = 8.0;

pub struct Server {
    pub process: Process,
    pub port: u16,
}

impl Server {
    pub fn start(call: &Call, places: &Places) -> Result<Server> {
        let mut process = Process::start(call, &places.server, &places.folder, "server")?;
        let port = process.wait_for("a port", START_LIMIT, |process| {
            let text = process.output();
            text.split_once('\n').and_then(|(line, _)| line.trim().parse().ok())
        })?;
        Ok(Server { process, port })
    }
}

pub fn run(call: &Call, kind: &Kind, green: bool, places: &Places, settings: &Settings) -> Result<Outcome> {
    let Kind::Load { work, connections, active, rate } = kind else { bail!("not for the load generator") };
    let mut server = Server::start(call, places)?;
    let mut outcome = load(&mut server, work, *connections, (*active, *rate), settings.seconds, places, settings)?;
    derive_memory(&mut outcome.values);
    if work == "stream" {
        outcome.values.retain(|key, _| !key.starts_with("p50") && !key.starts_with("p99"));
        // nobody asks, nobody waits
    }
    if green {
        outcome.warnings.extend(not_green(&outcome.values));
    }
    server.process.end(libc::SIGTERM);
    Ok(outcome)
}

/// Runs the load generator, which prints one line of values. `seconds` is its measured window.
pub fn load(
    server: &mut Server,
    work: &str,
    connections: u32,
    (active, rate): (Option<u32>, Option<u32>),
    seconds: f64,
    places: &Places,
    settings: &Settings,
) -> Result<Outcome> {
    let mut words = vec![places.programs.join("load").to_string_lossy().into_owned()];
    let mut option = |name: &str, value: String| words.extend([name.to_string(), value]);
    option("-w", work.to_string());
    option("-c", connections.to_string());
    if let Some(active) = active {
        option("-a", active.to_string());
    }
    if let Some(rate) = rate {
        option("-r", rate.to_string());
    }
    option("-t", seconds.to_string());
    option("-W", settings.warmup.to_string());
    option("-P", server.process.id().to_string());
    if places.load != places.server {
        words.push("-b".to_string());
    }
    words.push(server.port.to_string());
    let mut load = Process::start(&Call { words, environment: Vec::new() }, &places.load, &places.folder, "load")?;
    let ended = load.wait(LOAD_LIMIT + Duration::from_secs_f64(seconds + settings.warmup))?;
    let mut outcome = Outcome::values(parse_values(&load.output()));
    outcome.failed = match (server.process.has_ended()?, ended) {
        (Some(status), _) => Some(format!("the server {}{}", told(status), server.process.complaint())),
        (_, Ended::Stopped(why)) => Some(format!("the load generator {why}")),
        (_, Ended::Status(status)) if status.success() => None,
        (_, Ended::Status(status)) => Some(match what_was_wrong(&outcome.values) {
            Some(what) => what,
            None => format!("the load generator {}{}", told(status), load.complaint()),
        }),
    };
    Ok(outcome)
}

fn what_was_wrong(values: &Values) -> Option<String> {
    let [held, errors, wrong] = ["held", "errors", "wrong"].map(|key| values.get(key).copied());
    Some(format!("{} connections held, {} errors, {} replies wrong", held?, errors?, wrong?))
}

/// What each idle connection takes, in KiB. Slab and page tables are those of the whole machine: the client's ends are among them.
fn derive_memory(values: &mut Values) {
    let get = |key: &str| values.get(key).copied();
    let Some(held) = get("held").filter(|held| *held > 0.0) else { return };
    let grown = [
        ("rss_each_kib", get("rss_kib").zip(get("rss0_kib")).map(|(after, before)| after - before)),
        ("kstack_each_kib", get("kstack_kib")),
        ("slab_each_kib", get("slab_kib")),
        ("pagetables_each_kib", get("pagetables_kib")),
    ];
    let each: Vec<_> = grown.into_iter().filter_map(|(key, grown)| Some((key.to_string(), grown? / held))).collect();
    if each.len() == grown.len() {
        values.insert("memory_each_kib".to_string(), each.iter().map(|(_, kib)| kib).sum());
    }
    values.extend(each);
}

fn not_green(values: &Values) -> Option<String> {
    match values.get("threads") {
        Some(threads) if *threads <= GREEN_KERNEL_THREADS => None,
        Some(threads) => Some(format!("NOT GREEN? the server had {threads} kernel threads")),
        None => Some("NOT GREEN? nobody counted the server's kernel threads".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_a_connection() {
        let mut values =
            parse_values("held=100 rss_kib=3000 rss0_kib=1000 kstack_kib=1600 slab_kib=300 pagetables_kib=0");
        derive_memory(&mut values);
        assert_eq!((values["rss_each_kib"], values["memory_each_kib"]), (20.0, 39.0));
    }

    #[test]
    fn without_all_of_it_there_is_no_sum() {
        let mut values = parse_values("held=100 kstack_kib=1600");
        derive_memory(&mut values);
        assert_eq!(values.get("memory_each_kib"), None);
        assert_eq!(values["kstack_each_kib"], 16.0);
    }

    #[test]
    fn a_green_server_has_few_kernel_threads() {
        assert_eq!(not_green(&parse_values("threads=3")), None);
        assert!(not_green(&parse_values("threads=101")).is_some());
        assert!(not_green(&parse_values("rps=1")).is_some());
    }
}
