//! Runs the benchmark, prints its tables and writes all of it to a file. `scripts/bench/measure.sh` builds what it needs.

use anyhow::{bail, Context, Result};
use bench_runner::bench::{Bench, Places};
use bench_runner::contender::{self, Contender};
use bench_runner::machine::Machine;
use bench_runner::process;
use bench_runner::results::{Results, Settings};
use bench_runner::summary::Summary;
use bench_runner::{report, selected, workload};
use clap::Parser;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const WARMUP: f64 = 0.3;
const QUICK_SECONDS: f64 = 0.3;

/// libgreen's benchmark: each workload natively, green, with a hand-written epoll server and with the peers, in turn
#[derive(Parser)]
struct Options {
    /// How often everything is measured; medians are printed [default: 5, or 1 if quick]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// The measured window of each server's run [default: 1, or 0.3 if quick]
    #[arg(long)]
    seconds: Option<f64>,
    /// Only the workloads of these names, or with one of these words in their names
    #[arg(long, num_args = 1..)]
    workloads: Vec<String>,
    /// Only the contenders of these names, or with one of these words in their names
    #[arg(long, num_args = 1..)]
    contenders: Vec<String>,
    /// Where all numbers go [default: results.json in the folder of the programs]
    #[arg(long)]
    json: Option<PathBuf>,
    /// One round of short runs, of fewer sizes
    #[arg(long)]
    quick: bool,
    /// Names the workloads and contenders, and does no more
    #[arg(long)]
    list: bool,
    /// Where the C programs are [default: build/bench]
    #[arg(long)]
    programs: Option<PathBuf>,
    /// What scripts/bench/peers/install.sh printed [default: peers.txt in the folder of the programs]
    #[arg(long)]
    peers: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("bench: {why:#}");
            ExitCode::from(2)
        }
    }
}

/// Did every run go well?
fn run(options: Options) -> Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize()?;
    let programs = options.programs.unwrap_or(root.join("build/bench"));
    let library = std::env::var_os("GREEN_LIB").map_or(root.join("libgreen.so"), PathBuf::from);
    let library = library.canonicalize().unwrap_or(library);

    let mut workloads = workload::all(options.quick);
    let names: Vec<String> = workloads.iter().map(|w| w.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    workloads.retain(|w| selected(&w.name, &names, &options.workloads));
    let peers = fs::read_to_string(options.peers.unwrap_or(programs.join("peers.txt"))).unwrap_or_default();
    let versions = fs::read_to_string(programs.join("peers/versions.txt")).unwrap_or_default();
    let mut contenders = Contender::all(&peers, &versions, &programs, &library);
    contenders.retain(|c| selected(&c.name, &contender::NAMES, &options.contenders));
    if workloads.is_empty() || contenders.is_empty() {
        bail!("nothing has such a name (--list names all)");
    }
    if options.list {
        workloads.iter().for_each(|w| println!("{:<24} {}", w.name, w.title));
        contenders.iter().for_each(|c| println!("{:<24} {}", c.name, c.missing.as_deref().unwrap_or("is there")));
        return Ok(true);
    }

    let machine = Machine::look(&root);
    let all = process::processors();
    let (server, load) = match all[..] {
        [server, load, ..] => (vec![server], vec![load]),
        _ => (all.clone(), all.clone()),
    };
    process::pin(&load).context("cannot keep off the server's processor")?;
    let seconds = options.seconds.unwrap_or(if options.quick { QUICK_SECONDS } else { 1.0 });
    if !(0.05..=60.0).contains(&seconds) {
        bail!("{seconds} s is no sensible window");
    }
    let rounds = options.rounds.unwrap_or(if options.quick { 1 } else { 5 });
    let settings = Settings { rounds, seconds, warmup: WARMUP, server_processor: server[0], load_processor: load[0] };
    let folder = std::env::temp_dir().join(format!("green-bench.{}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    let json = options.json.unwrap_or(programs.join("results.json"));
    let mut bench = Bench::new(
        Places { programs, library, folder: folder.clone(), server, load, all },
        settings,
        contenders,
        workloads,
    );
    let measured = measure(&mut bench, &machine, &json);
    fs::remove_dir_all(&folder)?;
    measured?;
    print!("{}", report::text(&results_of(&bench, &machine)));
    println!("\nall numbers: {}", json.display());
    Ok(bench.runs.iter().all(|run| run.outcome.failed.is_none()))
}

fn measure(bench: &mut Bench, machine: &Machine, json: &Path) -> Result<()> {
    for round in 1..=bench.settings.rounds {
        bench.round(round);
        results_of(bench, machine).write(json)?; // after each: whoever ends it early has those before
    }
    Ok(())
}

fn results_of(bench: &Bench, machine: &Machine) -> Results {
    Results {
        machine: machine.clone(),
        settings: bench.settings.clone(),
        contenders: bench.contenders.clone(),
        workloads: bench.workloads.clone(),
        medians: Summary::of(&bench.runs).medians(),
        runs: bench.runs.clone(),
    }
}
