//! The twin tests: every fixture in `c-tests/` runs natively and under `libgreen.so`, and must do the same.
//!
//! A fixture is one program: `c-tests/<family>/<name>.c` (or `.cpp`, `.rs`, `.py`). It is built twice (`-O0`, fortified
//! `-O2`; a Python program just is), and each build runs five times: natively, green on one hub (`GREEN_HUBS=1`), with the default number, with more hubs than
//! processors (`GREEN_HUBS=8`), and in shuffled order on whatever hub (`GREEN_CHAOS=1`).
//! stdout, stderr and the exit status of the green runs must be those of the native run, byte for byte, and the
//! green runs must prove by their counters (`GREEN_STATS=file`) that their threads were green.
//!
//! ```text
//! cargo test --test twin                       all of them
//! cargo test --test twin -- sockets/ locks/    those whose name contains one of the words
//!     --list           names only
//!     -v               one line per run, with its time
//!     --native         native runs only (needs no library)
//!     --green          one native run of each build, as often as the green ones are repeated
//!     --repeat N       every run N times: is a fixture flaky?
//!     --rounds N       N green runs in all, by builds and green variants in turn, with a seed of its own for each chaos
//!     --quick          each fixture once: the optimised build, natively and green with the default number of hubs
//!     --fds N          every process begins with so many file descriptors (the soft limit), or what its fixture needs
//!     --pest restart   a signal every millisecond, its handler with SA_RESTART; what natively can't bear that is left out
//!     --pest interrupt the same without SA_RESTART
//!     --hub KIND       GREEN_HUB of the green runs (as that variable itself)
//!     --timeout SECS   when a run counts as a hang (default 60; 30 in rounds and quick, 15 with the pest)
//!     --jobs N         fixtures at a time (default 2)
//! ```
//!
//! `GREEN_LIB` names another library than `./libgreen.so`; `GREEN_TEST_NO_INSTALL` forbids `apt-get install` (which
//! is tried only as root); what is then missing is reported as skipped.
//!
//! What a fixture expects of the runner stands in its first comment lines; `directives.rs` lists them.
//! The map: `directives` reads those, `packages` finds what they need, `build` compiles, `run` runs one process,
//! `compare` judges what it did, `pest` is what may trouble it, and this file walks the list and counts; `rounds` walks it
//! for what happens rarely.

mod build;
mod compare;
mod directives;
mod options;
mod packages;
mod pest;
mod rounds;
mod run;

use build::{Build, Language};
use directives::Directives;
use options::Options;
use run::{Runner, Variant};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::time::Instant;

/// One program of `c-tests/`.
pub struct Fixture {
    /// `sockets/echo`.
    pub name: String,
    pub family: String,
    pub source: PathBuf,
    pub language: Language,
    pub directives: Directives,
}

/// Runs so far, by how they ended: one per fixture, build and variant.
#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
    /// What the pest alone upsets, natively.
    left_out: usize,
}

/// What became of one fixture: its counts, and the text that tells of it.
#[derive(Default)]
struct Report {
    count: Count,
    text: String,
}

impl Report {
    fn failure(text: String) -> Report {
        Report { count: Count { failed: 1, ..Count::default() }, text }
    }
}

fn main() -> ExitCode {
    let options = match Options::from_args(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into()));
    let fixtures = match find_fixtures(&root.join("c-tests"), &options) {
        Ok(fixtures) => fixtures,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    if options.list {
        fixtures.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    }
    let builder = build::Builder::new(&root);
    let runner = match Runner::new(&root, &options, &builder) {
        Ok(runner) => runner,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Count::default());
    std::thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                while let Some((name, fixture)) = fixtures.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = match fixture {
                        Ok(fixture) => examine(fixture, &builder, &runner, &options),
                        Err(message) => Report::failure(format!("FAIL  {name}: {message}")),
                    };
                    let mut total = total.lock().unwrap();
                    total.passed += report.count.passed;
                    total.failed += report.count.failed;
                    total.skipped += report.count.skipped;
                    total.left_out += report.count.left_out;
                    print!("{}", report.text); // under the lock: a report stays in one piece
                }
            });
        }
    });

    let total = total.into_inner().unwrap();
    let more = [(total.skipped, "skipped"), (total.left_out, "left out")];
    let more = more.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}")).collect::<String>();
    println!("{} passed, {} failed{more}", total.passed, total.failed);
    if total.failed > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Builds one fixture each way and runs every variant of it.
fn examine(fixture: &Fixture, builder: &build::Builder, runner: &Runner, options: &Options) -> Report {
    let begun = Instant::now();
    let mut report = Report::default();
    let variants = runner.variants();
    let builds = fixture.language.builds();
    let builds = &builds[if options.quick { builds.len() - 1 } else { 0 }..];
    if fixture.directives.spared && options.pest.is_some() {
        report.count.left_out = builds.len() * variants.len();
        return report;
    }
    if let Err(reason) = packages::provide(fixture) {
        report.count.skipped = builds.len() * variants.len();
        report.text = format!("skip  {}: {reason}\n", fixture.name);
        return report;
    }
    if let Some(rounds) = options.rounds {
        rounds::run(fixture, builder, runner, rounds, &mut report);
    }
    for build in builds.iter().filter(|_| options.rounds.is_none()) {
        match builder.build(fixture, build) {
            Ok(binary) => run_variants(fixture, build, &binary, &variants, runner, options, &mut report),
            Err(message) => {
                report.count.failed += 1;
                report.count.skipped += variants.len() - 1;
                report.text += &format!(
                    "FAIL  {} {}: does not compile cleanly\n{}",
                    fixture.name,
                    build.name,
                    compare::indent(&message)
                );
            }
        }
    }
    if report.count.failed == 0 && report.count.passed > 0 {
        report.text += &format!("ok    {} ({:.1} s)\n", fixture.name, begun.elapsed().as_secs_f32());
    }
    report
}

/// The native run of one build is the reference for the green ones; if it is wrong itself, they tell nothing.
fn run_variants(
    fixture: &Fixture,
    build: &Build,
    binary: &Path,
    variants: &[&Variant],
    runner: &Runner,
    options: &Options,
    report: &mut Report,
) {
    let mut reference = None;
    for (done, variant) in variants.iter().enumerate() {
        let label = format!("{} {} {}", fixture.name, build.name, variant.name);
        let begun = Instant::now();
        let mut verdict = Ok(());
        let times = match variant.is_native() {
            true if options.pest.is_some() => options.repeat.max(pest::FIRST),
            true if options.green_only => 1,
            _ => options.repeat,
        };
        for _ in 0..times {
            let outcome = runner.run(fixture, binary, variant, None);
            verdict = match &reference {
                None => compare::native(&outcome, &fixture.directives),
                Some(native) if variant.is_native() => compare::again(native, &outcome, &fixture.directives),
                Some(native) => compare::green(native, &outcome, &fixture.directives),
            };
            if variant.is_native() && reference.is_none() && verdict.is_ok() {
                reference = Some(outcome);
            }
            if verdict.is_err() {
                break;
            }
        }
        let is_fit = |native| !variant.is_native() && pest::still_borne(fixture, binary, runner, native);
        let out = options.pest.is_some() && verdict.is_err() && !reference.as_ref().is_some_and(is_fit);
        match verdict {
            Ok(()) => {
                report.count.passed += 1;
                if options.verbose {
                    report.text += &format!("  ok  {label} ({:.2} s)\n", begun.elapsed().as_secs_f32());
                }
            }
            Err(message) if out => {
                report.count.left_out += if variant.is_native() { variants.len() } else { 1 };
                if options.verbose {
                    report.text += &format!("  out {label}: {}\n", message.lines().next().unwrap_or_default());
                }
                if variant.is_native() {
                    return;
                }
            }
            Err(message) => {
                report.count.failed += 1;
                report.text += &format!("FAIL  {label}: {message}");
                if variant.is_native() {
                    report.count.skipped += variants.len() - done - 1;
                    return;
                }
            }
        }
    }
}

/// A name, and the fixture, or why there is none to run.
type Found = (String, Result<Fixture, String>);

/// Every program in `c-tests/<family>/` that the options select, by name. `demo` and `bench` are not fixtures.
fn find_fixtures(dir: &Path, options: &Options) -> Result<Vec<Found>, String> {
    let mut fixtures = Vec::new();
    for family_dir in build::entries(dir)?.into_iter().filter(|path| path.is_dir()) {
        let family = build::stem(&family_dir);
        if family == "demo" || family == "bench" {
            continue;
        }
        for source in build::entries(&family_dir)? {
            let Some(language) = Language::of(&source) else {
                continue;
            };
            let name = format!("{family}/{}", build::stem(&source));
            if !options.selects(&name) {
                continue;
            }
            let fixture = Directives::of(&source, language).map(|directives| Fixture {
                name: name.clone(),
                family: family.clone(),
                source,
                language,
                directives,
            });
            fixtures.push((name, fixture));
        }
    }
    fixtures.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(fixtures)
}
