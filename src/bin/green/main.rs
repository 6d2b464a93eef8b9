//! `green`: runs programs under libgreen, says whether it helps them, and looks at processes that run so.
//!
//! One file for each subcommand, with its arguments and what it does; `which`, `memory`, `process`, `waits` and `table` are what those that
//! look into a process share, `facts` what they say as JSON. It doesn't link the library, which would hook its own calls.

mod abandoned;
mod absent;
mod blocked;
mod bytes;
mod config;
mod core_file;
mod deadlock;
mod debug_file;
mod doctor;
mod escape;
mod facts;
mod files;
mod frames;
mod generate;
mod groups;
mod kernel_threads;
mod launch;
mod listing;
mod lock;
mod locks;
mod mapping;
mod memory;
mod output;
mod preload;
mod privileges;
mod process;
mod ps;
mod reach;
mod run;
mod script;
mod shell;
mod sockets;
mod stack;
mod starts;
mod status;
mod symbols;
#[path = "../../inspect/table.rs"]
#[allow(dead_code)] // what only the library does with the table
mod table;
mod thread;
mod top;
mod unwind;
mod value;
#[path = "../../variables.rs"]
#[allow(dead_code)] // what only the library wants to know of a variable
mod variables;
mod waits;
mod which;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Runs programs under libgreen (LD_PRELOAD), and looks at those that run so
#[derive(Parser)]
#[command(name = "green", version, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Args),
    Ps(ps::Args),
    Stack(stack::Args),
    Locks(locks::Args),
    Top(top::Args),
    Config(config::Args),
    Doctor(doctor::Args),
    Generate(generate::Args),
}

/// What a subcommand comes to: an exit status, or what went wrong, in one line (exit status 1).
type Answer = Result<ExitCode, String>;

fn main() -> ExitCode {
    launch::signals_as_inherited();
    let answer = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Ps(args) => ps::run(&args),
        Command::Stack(args) => stack::run(&args),
        Command::Locks(args) => locks::run(&args),
        Command::Top(args) => top::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Generate(args) => generate::run(&args),
    };
    answer.unwrap_or_else(|why| output::refuse(&why, 1))
}
