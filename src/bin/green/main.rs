//! `green`: looks at processes that run under libgreen.

mod memory;
mod ps;
#[path = "../../inspect/table.rs"]
#[allow(dead_code)] // what only the library does with the table
mod table;

use std::process::ExitCode;

const USAGE: &str = "usage: green ps PID\n\n  ps PID   every green thread of a process, and what it waits for\n";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["ps", pid] => match pid.parse::<i32>() {
            Ok(pid) if pid > 0 => match ps::show(pid) {
                Ok(text) => {
                    print!("{text}");
                    ExitCode::SUCCESS
                }
                Err(why) => {
                    eprintln!("green: {why}");
                    ExitCode::FAILURE
                }
            },
            _ => {
                eprintln!("green: {pid} is not a process id");
                ExitCode::from(2)
            }
        },
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
