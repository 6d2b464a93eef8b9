//! Very many threads that wait: what each takes, and whether they can be had at all.

use crate::bench::Places;
use crate::contender::Call;
use crate::process::{told, Ended, Process};
use crate::results::{parse_values, Outcome, Values};
use crate::table::commas;
use anyhow::Result;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(150);

/// Whoever can't have so many has stopped, with the reason: that is a result.
pub fn run(call: &Call, count: u32, places: &Places) -> Result<Outcome> {
    let mut process = Process::start(call, &places.server, &places.folder, "parked")?;
    let ended = process.wait(LIMIT)?;
    let mut values = parse_values(&process.output());
    derive(&mut values);
    let held = values.get("held").copied();
    let stopped = match ended {
        Ended::Stopped(why) => Some(why),
        Ended::Status(status) if status.success() && held == Some(f64::from(count)) => None,
        Ended::Status(status) => match held {
            Some(held) => Some(format!("stopped at {}{}", commas(held), process.complaint())),
            None => Some(format!("{}{}", told(status), process.complaint())),
        },
    };
    Ok(Outcome { values, stopped, ..Outcome::default() })
}

/// Bytes of each thread. Kernel stacks, slab and page tables are those of the whole machine, by how much they grew.
fn derive(values: &mut Values) {
    let Some(held) = values.get("held").copied().filter(|held| *held > 0.0) else { return };
    let mut sum = 0.0;
    for part in ["rss", "kstack", "slab", "pagetables"] {
        let Some(kib) = values.get(&format!("{part}_kib")).copied() else { return };
        sum += kib;
        values.insert(format!("{part}_each"), kib * 1024.0 / held);
    }
    values.insert("memory_each".to_string(), sum * 1024.0 / held);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_each_thread() {
        let mut values = parse_values("held=1024 rss_kib=8192 kstack_kib=16384 slab_kib=1024 pagetables_kib=0");
        derive(&mut values);
        assert_eq!((values["rss_each"], values["kstack_each"], values["memory_each"]), (8192.0, 16384.0, 25600.0));
    }
}
