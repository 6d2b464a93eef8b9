//! A program with many threads that wait alike, and have no names.

use crate::looked_at::{place, LookedAt};
use crate::{green, said};
use serde_json::Value;

/// Once all of them wait.
fn started() -> Option<(LookedAt, String)> {
    let process = LookedAt::start("alike")?;
    process.until_ps_says(&["54 green threads: 0 running, 0 ready, 54 waiting", "the end of thread"]);
    let pid = process.pid();
    Some((process, pid))
}

#[test]
fn they_are_called_by_their_start_functions() {
    let Some((process, pid)) = started() else { return };
    // Who waits for a stream looks after it every few milliseconds.
    let out = process.until_ps_says(&[" (stdout), held by ", "0 running, 0 ready, 54 waiting"]);
    assert_eq!(out.matches(" (serve_client)   waiting ").count(), 50, "{out}");
    for line in [
        " (writes)         waiting ",
        ", held by 1 reader\n",
        "read-write lock 0x",
        " (data+0), ",
        "mutex 0x",
        " (left+0), held by a thread that is gone (id ",
    ] {
        assert!(out.contains(line), "{line} in {out}");
    }
    let prints = out.lines().find(|line| line.contains("(prints)")).unwrap_or_default();
    assert!(prints.contains("stream lock 0x") && prints.ends_with("(main)"), "{out}");
    // All of them, and those that are told on top.
    let (status, top, _) = said(&mut green(&["top", "--once", "--interval", "0.1", &pid]));
    assert!(status == 0 && top.matches(" (serve_client) ").count() >= 50 && top.contains("held by 1 reader"), "{top}");
}

#[test]
fn equal_stacks_are_shown_once() {
    let Some((_process, pid)) = started() else { return };
    let (status, out, err) = said(&mut green(&["stack", &pid]));
    assert_eq!((status, err.as_str()), (0, ""));
    let sleeps = format!("({})\n", place("alike", "a client's thread sleeps"));
    assert_eq!(out.matches(&sleeps).count(), 1, "{out}");
    let head = out.lines().find(|line| line.starts_with("50 threads wait ")).unwrap_or_default();
    assert!(head.contains(" s for time to pass: ") && head.ends_with(" (serve_client), 46 more"), "{out}");
    // main's caller is the library, and what called that is no news.
    let main = out.split("\n\n").next().unwrap_or_default();
    assert!(main.lines().last().is_some_and(|line| line.contains(" main+0x")), "{out}");
    let (_, all, _) = said(&mut green(&["stack", "--all", &pid, "main"]));
    assert!(all.contains("bounded_main") && all.contains("_start"), "{all}");
    let (_, each, _) = said(&mut green(&["stack", "--each", &pid]));
    assert_eq!(each.matches(&sleeps).count(), 50, "{each}");
    let (_, clients, _) = said(&mut green(&["stack", &pid, "(serve_client)"]));
    assert!(clients.starts_with("50 threads wait ") && !clients.contains("\n\n"), "{clients}");
}

#[test]
fn a_lock_that_nobody_will_unlock() {
    let Some((process, pid)) = started() else { return };
    let check = |(status, out, err): (i32, String, String)| {
        assert_eq!((status, err.as_str()), (1, ""), "{out}");
        let told: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("abandoned: ")).collect();
        assert_eq!(told.len(), 1, "{out}");
        assert!(
            told[0].starts_with("mutex 0x") && told[0].contains(" (left+0), held by a thread that is gone"),
            "{out}"
        );
        assert!(told[0].ends_with(": 1 thread waits for ever"), "{out}");
        assert!(out.contains(&format!("({})\n", place("alike", "the mutex is taken"))), "{out}");
        assert!(!out.contains("deadlock"), "{out}");
    };
    check(said(&mut green(&["locks", &pid])));
    process.stop();
    check(said(&mut green(&["locks", &pid])));
}

/// What a subcommand says as JSON.
fn json(arguments: &[&str], wanted: i32) -> Value {
    let (status, out, err) = said(&mut green(arguments));
    assert_eq!((status, err.as_str()), (wanted, ""), "{out}");
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {out}"))
}

#[test]
fn the_same_as_json() {
    let Some((process, pid)) = started() else { return };
    let ps = json(&["ps", "--json", &pid], 0);
    assert_eq!(ps["process"]["pid"].to_string(), pid);
    assert_eq!(ps["process"]["hubs"][0]["kernel_thread"].to_string(), pid);
    let threads = ps["threads"].as_array().expect("a list");
    assert_eq!((threads.len(), &threads[0]["name"], &threads[0]["wait"]["kind"]), (54, &"main".into(), &"join".into()));
    let by = |start: &str| threads.iter().find(|t| t["start_function"] == start).expect("it's there");
    let lock = &by("writes")["wait"]["lock"];
    assert_eq!((&lock["kind"], &lock["name"]), (&"read-write lock".into(), &"data+0".into()));
    assert_eq!((&lock["owner"]["kind"], &lock["owner"]["readers"]), (&"readers".into(), &1.into()));
    let client = by("serve_client");
    assert_eq!(
        (&client["name"], &client["state"], &client["wait"]["kind"]),
        (&Value::Null, &"waiting".into(), &"sleep".into())
    );
    assert!(client["seconds"].as_f64().is_some_and(|s| s >= 0.0) && client["hub"].is_u64(), "{client}");

    let stack = json(&["stack", "--json", &pid], 0);
    let frames = stack["threads"][53]["frames"].as_array().expect("a list");
    assert!(frames.iter().any(|f| f["source"] == place("alike", "a client's thread sleeps").as_str()), "{stack}");
    assert!(frames[0]["libgreen"] == true && stack["threads"].as_array().is_some_and(|t| t.len() == 54), "{stack}");

    process.stop();
    let locks = json(&["locks", "--json", &pid], 1);
    assert_eq!((&ps["process"]["state"], &locks["process"]["state"]), (&Value::Null, &"stopped".into()));
    let left = locks["locks"].as_array().expect("a list").iter().find(|l| l["name"] == "left+0").expect("it's there");
    assert_eq!((&left["abandoned"], &left["owner"]["kind"]), (&true.into(), &"gone".into()));
    assert_eq!(left["waiters"].as_array().map(Vec::len), Some(1));
    assert_eq!(locks["deadlocks"], Value::Array(Vec::new()));
}

#[test]
fn descriptors_and_a_deadlock_as_json() {
    let Some(process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&["locker           waiting", "reader           waiting", "hog              running"]);
    let ps = json(&["ps", "--json", &process.pid()], 0);
    let by =
        |name: &str| ps["threads"].as_array().into_iter().flatten().find(|t| t["name"] == name).expect("it's there");
    let descriptor = &by("reader")["wait"]["descriptors"][0];
    assert!(
        descriptor["fd"].is_u64() && descriptor["peer"].as_str().is_some_and(|p| p.starts_with("127.0.0.1:")),
        "{ps}"
    );
    assert_eq!(by("locker")["wait"]["lock"]["owner"]["name"], "main");
    assert!(by("hog")["kernel_thread"].is_u64() && by("hog")["state"] == "running", "{ps}");

    let Some(process) = LookedAt::start("deadlock") else { return };
    process.until_ps_says(&["alpha            waiting", "beta             waiting", "the end of thread"]);
    let locks = json(&["locks", "--json", &process.pid()], 1);
    let circle = locks["deadlocks"][0].as_array().expect("a circle");
    assert_eq!((circle.len(), &circle[0]["waits_for"]), (2, &circle[1]["thread"]), "{locks}");
}
