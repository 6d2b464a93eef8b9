//! Draws what the benchmark measured: SVG files, of the numbers in its JSON file. `scripts/bench/plots.sh` runs it.

mod bars;
mod figures;
mod lines;
mod svg;

use anyhow::{Context, Result};
use bench_runner::results::Results;
use clap::Parser;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Draws the benchmark's results as SVG files
#[derive(Parser)]
struct Options {
    /// What the benchmark wrote
    json: PathBuf,
    /// The folder for the drawings
    folder: PathBuf,
}

fn main() -> ExitCode {
    match draw(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("plots: {why:#}");
            ExitCode::FAILURE
        }
    }
}

fn draw(options: &Options) -> Result<()> {
    let results = Results::read(&options.json)?;
    fs::create_dir_all(&options.folder).with_context(|| format!("{}", options.folder.display()))?;
    for (name, drawing) in figures::all(&results) {
        let path = options.folder.join(name).with_extension("svg");
        match drawing {
            Some(text) => {
                fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
                println!("{}", path.display());
            }
            None => eprintln!("plots: no {}: that was not measured", path.display()),
        }
    }
    Ok(())
}
