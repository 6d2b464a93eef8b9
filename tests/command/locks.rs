use crate::looked_at::{place, LookedAt};
use crate::{green, said};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

const DEADLOCKED: [&str; 4] =
    ["alpha            waiting", "beta             waiting", "gamma            waiting", "the end of thread"];

fn check(status: i32, out: &str, err: &str) {
    assert_eq!((status, err), (1, ""), "{out}");
    for (lock, owner) in [("lock_a+0", "alpha"), ("lock_b+0", "beta")] {
        let line = out.lines().find(|l| l.starts_with("mutex ") && l.contains(lock)).unwrap_or_default();
        assert!(line.contains("held by") && line.ends_with(&format!("({owner})")), "{out}");
    }
    for words in ["alpha waits", "gamma waits", "beta waits"] {
        assert!(out.contains(&format!(" ({})\n", place("deadlock", words))), "{out}");
    }
    let circle = ["alpha waits for lock_b+0 held by beta", "beta waits for lock_a+0 held by alpha"];
    let deadlocks: Vec<&str> = out.lines().filter_map(|l| l.strip_prefix("deadlock: ")).collect();
    assert_eq!(deadlocks.len(), 1, "{out}");
    let either = [circle.join(", "), [circle[1], circle[0]].join(", ")];
    assert!(either.iter().any(|e| e == deadlocks[0]), "{out}");
}

#[test]
fn a_deadlock_of_two_threads() {
    let Some(process) = LookedAt::start("deadlock") else { return };
    process.until_ps_says(&DEADLOCKED);
    let (status, out, err) = said(&mut green(&["locks", &process.pid()]));
    check(status, &out, &err);
    process.stop();
    let (status, out, err) = said(&mut green(&["locks", &process.pid()]));
    check(status, &out, &err);
}

#[test]
fn the_same_of_a_core_file() {
    let Some(mut process) = LookedAt::start("deadlock") else { return };
    process.until_ps_says(&DEADLOCKED);
    let Some(core) = process.core() else { return };
    let (status, out, err) =
        said(&mut green(&["locks", "--core", &core.to_string_lossy(), &process.program.to_string_lossy()]));
    check(status, &out, &err);
}

#[test]
fn a_lock_without_a_deadlock() {
    let Some(process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&["locker           waiting"]);
    let (status, out, _) = said(&mut green(&["locks", &process.pid()]));
    assert!(status == 0 && out.contains("(shared+0x8), held by ") && out.contains("(main)\n"), "{out}");
    assert!(out.contains("(locker) has waited ") && !out.contains("deadlock"), "{out}");
}

/// Waits and owners are read one after the other while it runs: a circle of such pieces is no deadlock.
#[test]
fn no_deadlock_is_made_up() {
    let Some(process) = LookedAt::start("busy") else { return };
    process.until_ps_says(&["41 green threads"]);
    for round in 0..25 {
        let (status, out, err) = said(&mut green(&["locks", &process.pid()]));
        assert!(status == 0 && err.is_empty() && !out.contains("deadlock"), "round {round}: {status} {out}{err}");
    }
}

/// Each look of a thread's after such a lock is another wait. It may be between two of them when it's looked at.
#[test]
fn a_deadlock_over_locks_that_are_shared() {
    let Some(process) = LookedAt::start("shared") else { return };
    process.until_ps_says(&["one              waiting", "other            waiting"]);
    let asked = || said(&mut green(&["locks", &process.pid()]));
    let told = (0..20).map(|_| asked()).find(|(status, ..)| *status == 1);
    let (_, out, _) = told.unwrap_or_else(|| panic!("no deadlock in: {}", asked().1));
    assert!(out.contains("deadlock: o") && out.contains("held by other") && out.contains("held by one"), "{out}");
}

/// A mutex of another process's is no abandoned one; one whose owner a fork left behind is.
#[test]
fn owners_in_another_process_and_in_none() {
    let Some(process) = LookedAt::start("heirs") else { return };
    process.until_ps_says(&["wants            waiting"]);
    let child = fs::read_to_string(format!("/proc/{0}/task/{0}/children", process.pid())).unwrap_or_default();
    let child = child.trim();
    let end = Instant::now() + Duration::from_secs(60);
    // Who waits for it looks after it every few milliseconds.
    let out = loop {
        let (status, out, err) = said(&mut green(&["locks", &process.pid()]));
        assert_eq!((status, err.as_str()), (0, ""), "{out}");
        if out.contains("(wants) has waited ") {
            break out;
        }
        assert!(Instant::now() < end, "{out}");
    };
    assert!(out.contains(&format!(", held by another process (thread {child})\n  ")), "{out}");
    assert!(!out.contains("abandoned"), "{out}");
    let (out, err) = loop {
        let (status, out, err) = said(&mut green(&["locks", child]));
        if status == 1 {
            break (out, err);
        }
        assert!(Instant::now() < end, "{out}{err}");
        sleep(Duration::from_millis(20));
    };
    assert!(
        out.contains("abandoned: mutex 0x") && out.contains(" (inherited+0), held by a thread that is gone"),
        "{out}{err}"
    );
    assert!(out.contains(&format!("({})\n", place("heirs", "the heir waits"))), "{out}");
}
