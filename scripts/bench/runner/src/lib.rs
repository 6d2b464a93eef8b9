//! Runs libgreen's benchmark: each workload natively, green, with a hand-written epoll server and with the peers, in turn, in
//! several rounds.
//!
//! The map: `workload` says what is measured, `contender` who takes part and by which command. `process` starts, pins, bounds and
//! ends a program. `bench` walks the rounds; `serve`, `syscalls`, `micro` and `parked` each make one kind of run. `results` is what
//! a run leaves (and the JSON file), `stats` and `summary` make medians and ratios of it, `table` and `report` print them, `targets`
//! holds them against what libgreen wants to show. `machine` says on what it all ran. The programs themselves are in
//! `c-tests/bench` and `scripts/bench/peers`.

pub mod bench;
pub mod contender;
pub mod machine;
pub mod micro;
pub mod parked;
pub mod process;
pub mod report;
pub mod results;
pub mod serve;
pub mod stats;
pub mod summary;
pub mod syscalls;
pub mod table;
pub mod targets;
pub mod workload;

/// The words select names: one that is a name selects that one only, any other each name that it is a part of. No words select all.
pub fn selected(name: &str, names: &[&str], words: &[String]) -> bool {
    words.is_empty()
        || words.iter().any(|w| if names.contains(&w.as_str()) { w == name } else { name.contains(w.as_str()) })
}

#[cfg(test)]
mod tests {
    use super::selected;

    #[test]
    fn a_word_that_is_a_name_selects_only_that_one() {
        let names = ["green", "green-io_uring", "go"];
        let words = |list: &[&str]| list.iter().map(|w| w.to_string()).collect::<Vec<_>>();
        assert!(selected("green", &names, &words(&["green"])));
        assert!(!selected("green-io_uring", &names, &words(&["green"])));
        assert!(selected("green-io_uring", &names, &words(&["uring"])));
        assert!(selected("go", &names, &[]));
        assert!(!selected("go", &names, &words(&["may"])));
    }
}
