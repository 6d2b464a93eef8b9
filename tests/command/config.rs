use crate::{green, said};

#[test]
fn every_variable_is_told() {
    let (status, out, _) = said(&mut green(&["config"]));
    assert_eq!(status, 0);
    for name in ["GREEN_HUBS", "GREEN_STACK", "GREEN_STATS"] {
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
    assert!(out.contains("set here: lots, which makes no sense: the default is used, ulimit -s"), "{out}");
    assert!(out.contains("GREEN_HUSB") && out.contains("not a variable of libgreen's"), "{out}");
}

#[test]
fn the_readme_has_the_table() {
    let (status, out, _) = said(&mut green(&["config", "--markdown"]));
    assert!(status == 0 && include_str!("../../README.md").contains(&out), "{out}");
}
