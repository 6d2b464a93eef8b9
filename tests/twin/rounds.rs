//! `--rounds N`: so many green runs of each fixture, to find what happens once in a thousand times. A round is one run; the builds and
//! the green variants take turns, and chaos has another seed each time. One native run of each build says what is right.

use crate::build::Builder;
use crate::directives::Ending;
use crate::run::{Outcome, Runner};
use crate::{compare, Fixture, Report};
use std::path::PathBuf;

/// A fixture that failed so often needs no further proof. One hang is enough: it costs the whole timeout.
const ENOUGH: usize = 5;

pub fn run(fixture: &Fixture, builder: &Builder, runner: &Runner, rounds: usize, report: &mut Report) {
    let mut ready: Vec<(&str, PathBuf, Outcome)> = Vec::new();
    for build in fixture.language.builds() {
        let native = builder.build(fixture, build).and_then(|program| {
            let outcome = runner.run(fixture, &program, runner.native(), None);
            compare::native(&outcome, &fixture.directives)?;
            Ok((build.name, program, outcome))
        });
        match native {
            Ok(native) => ready.push(native),
            Err(message) => {
                report.count.failed += 1;
                report.count.skipped += rounds;
                report.text += &format!("FAIL  {} {} native: {message}", fixture.name, build.name);
                return;
            }
        }
    }
    for round in 0..rounds {
        let (build, program, native) = &ready[round % ready.len()];
        let (variant, seed) = runner.variant_of_round(round / ready.len());
        let outcome = runner.run(fixture, program, variant, seed);
        let Err(message) = compare::green(native, &outcome, &fixture.directives) else {
            report.count.passed += 1;
            continue;
        };
        report.count.failed += 1;
        let seed = seed.map_or(String::new(), |seed| format!(" GREEN_TEST_SEED={seed}"));
        let label = format!("{} {build} {}{seed}, round {}", fixture.name, variant.name, round + 1);
        report.text += &format!("FAIL  {label}: {message}");
        if outcome.ending == Ending::Hang || report.count.failed == ENOUGH {
            report.count.skipped += rounds - round - 1;
            return;
        }
    }
}
