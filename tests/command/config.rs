use crate::{green, said};
use std::process::{Command, Stdio};

#[test]
fn every_variable_is_told() {
    let (status, out, _) = said(&mut green(&["config"]));
    assert_eq!(status, 0);
    for name in ["GREEN_HUBS", "GREEN_STACK", "GREEN_STATS", "takes 1, true, yes, on, or 0", "takes 16k to 64g"] {
        assert!(out.contains(name), "{out}");
    }
    assert!(!out.contains("set here"), "{out}");
}

#[test]
fn present_values_and_what_makes_no_sense() {
    let (status, out, _) = said(green(&["config"]).env("GREEN_HUBS", "2"));
    assert!(status == 0 && out.contains("set here: 2\n"), "{out}");
    let (status, out, _) = said(green(&["config"]).env("GREEN_STACK", "lots").env("GREEN_HUSB", "2"));
    assert_eq!(status, 1);
    assert!(
        out.contains("set here: lots, which makes no sense (it takes 16k to 64g): the default is used, ulimit -s"),
        "{out}"
    );
    assert!(out.contains("GREEN_HUSB") && out.contains("not a variable of libgreen's"), "{out}");
}

#[test]
fn the_readme_has_the_table() {
    let (status, out, _) = said(&mut green(&["config", "--markdown"]));
    assert!(status == 0 && include_str!("../../README.md").contains(&out), "{out}");
}

#[test]
fn what_a_process_was_started_with() {
    let of = |settings: &[(&str, &str)]| {
        let mut sleep = Command::new("sleep");
        sleep.arg("60").env_clear().envs(settings.iter().copied()).stdout(Stdio::null());
        let mut process = sleep.spawn().expect("sleep runs");
        let answer = said(&mut green(&["config", &process.id().to_string()]));
        process.kill().and_then(|()| process.wait()).expect("ours");
        answer
    };
    let (status, out, _) = of(&[("GREEN_HUBS", "2"), ("GREEN_TEST_X", "1"), ("LD_PRELOAD", "")]);
    assert_eq!(out.split_whitespace().collect::<Vec<_>>(), ["GREEN_HUBS", "2", "LD_PRELOAD"]);
    assert_eq!(status, 0);
    let (status, out, _) = of(&[("GREEN_STACK", "lots\n"), ("GREEN_HUSB", "2")]);
    assert!(status == 1 && out.contains("lots\\n, which makes no sense"), "{out}");
    assert!(out.contains("2, but it's not a variable of libgreen's") && out.contains("LD_PRELOAD"), "{out}");
    let (status, out, _) = of(&[]);
    assert!(status == 0 && out.contains("without any GREEN_ variable"), "{out}");
}

#[test]
fn no_such_process() {
    let (status, out, err) = said(&mut green(&["config", "2147483647"]));
    assert_eq!((status, out.as_str(), err.as_str()), (1, "", "green: there is no process 2147483647\n"));
    assert_eq!(said(&mut green(&["config", "0"])).0, 2);
}
