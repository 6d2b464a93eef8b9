//! Judges a run: the native one by what the fixture declares, a green one by the native one and by its counters.
//! An error is a text for a reader, ending in a newline.

use crate::directives::{Directives, Ending, Proof};
use crate::run::Outcome;

/// Lines of output that a failure shows around what matters.
const SHOWN: usize = 6;

/// The native run ends as the fixture says it does.
pub fn native(outcome: &Outcome, directives: &Directives) -> Result<(), String> {
    if outcome.ending == directives.ending {
        Ok(())
    } else {
        Err(format!("ended with {}, declares {}\n{}", outcome.ending, directives.ending, tails(outcome)))
    }
}

/// Another native run (`--repeat`) does what the first one did, or the fixture is flaky.
pub fn again(first: &Outcome, outcome: &Outcome, directives: &Directives) -> Result<(), String> {
    native(outcome, directives)?;
    same("stdout", &first.stdout, &outcome.stdout)?;
    if directives.ignore_stderr {
        return Ok(());
    }
    same("stderr", &first.stderr, &outcome.stderr)
}

/// The green run does what the native one did, and was green.
pub fn green(native: &Outcome, green: &Outcome, directives: &Directives) -> Result<(), String> {
    if green.ending != native.ending {
        return Err(format!("ended with {}, natively with {}\n{}", green.ending, native.ending, tails(green)));
    }
    same("stdout", &native.stdout, &green.stdout)?;
    match &directives.green_stderr {
        Some(text) if !String::from_utf8_lossy(&green.stderr).contains(text.as_str()) => {
            return Err(format!("stderr lacks \"{text}\"\n{}", tail("stderr", &green.stderr)));
        }
        Some(_) => {}
        None if directives.ignore_stderr => {}
        None => same("stderr", &native.stderr, &green.stderr)?,
    }
    was_green(&green.stats, directives.proof)
}

/// Reads lines such as `libgreen pid=12 threads=3 peak=2 switches=40`.
fn was_green(stats: &str, proof: Proof) -> Result<(), String> {
    let counter = |line: &str, key: &str| -> u64 {
        let value = line.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
        value.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    };
    let active = stats.lines().find(|line| counter(line, "threads") >= 1);
    match (proof, active) {
        (Proof::Lost, _) => Ok(()),
        (Proof::None, _) if stats.is_empty() => Ok(()),
        (Proof::None, _) => Err(format!("creates no threads, and yet there are counters:\n{}", indent(stats))),
        (Proof::Threads, None) => {
            Err(format!("was not green: no line with threads>=1 in GREEN_STATS\n{}", indent(stats)))
        }
        (Proof::Threads, Some(_))
            if stats.lines().any(|line| counter(line, "threads") >= 1 && counter(line, "switches") >= 1) =>
        {
            Ok(())
        }
        (Proof::Threads, Some(line)) => Err(format!("was not green, nothing switched: {line}\n")),
    }
}

/// Compares one stream; the error shows the first lines that differ.
fn same(stream: &str, native: &[u8], green: &[u8]) -> Result<(), String> {
    if native == green {
        return Ok(());
    }
    let (native, green) = (String::from_utf8_lossy(native), String::from_utf8_lossy(green));
    let native: Vec<&str> = native.split_inclusive('\n').collect();
    let green: Vec<&str> = green.split_inclusive('\n').collect();
    let first = native.iter().zip(&green).take_while(|(n, g)| n == g).count();
    let mut text = format!("{stream} differs from line {} on (native -, green +)\n", first + 1);
    for (sign, lines) in [('-', &native), ('+', &green)] {
        for line in lines.iter().skip(first).take(SHOWN) {
            text += &format!("        {sign} {}\n", line.trim_end_matches('\n'));
        }
        match lines.len().saturating_sub(first + SHOWN) {
            0 if first >= lines.len() => text += &format!("        {sign} (end of output)\n"),
            0 => {}
            more => text += &format!("        {sign} ({more} lines more)\n"),
        }
    }
    Err(text)
}

/// The last lines of both streams, and what a run that hung was waiting for.
fn tails(outcome: &Outcome) -> String {
    let reason = if outcome.ending == Ending::Hang { "        (killed; what it had printed by then)\n" } else { "" };
    let parked = indent(&outcome.parked);
    format!("{reason}{}{}{parked}", tail("stdout", &outcome.stdout), tail("stderr", &outcome.stderr))
}

fn tail(stream: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(SHOWN)..];
    last.iter().map(|line| format!("        {stream}: {line}\n")).collect()
}

/// Every line moved in under the line that introduces it.
pub fn indent(text: &str) -> String {
    text.lines().map(|line| format!("        {line}\n")).collect()
}
