use crate::looked_at::{has, place, LookedAt};
use std::path::Path;
use std::process::Command;

/// What gdb says with our script, of a process or a core.
fn gdb(what: &[&str], commands: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/gdb/libgreen-gdb.py");
    let mut gdb = Command::new("gdb");
    gdb.args(["-q", "-nx", "-batch", "-ex", "set width 0", "-ex", "set pagination off", "-ex"]);
    gdb.arg(format!("source {}", script.display()));
    commands.iter().for_each(|c| _ = gdb.args(["-ex", c]));
    let output = gdb.args(what).output().expect("gdb runs");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn check(what: &[&str]) {
    let text = gdb(what, &["info green-threads"]);
    let number = |name: &str| {
        let line = text.lines().find(|l| l.split_whitespace().nth(2) == Some(name));
        line.and_then(|l| l.split_whitespace().next().map(str::to_string))
            .unwrap_or_else(|| panic!("no {name}: {text}"))
    };
    for (name, words) in [("alpha", "alpha waits"), ("beta", "beta waits")] {
        let text = gdb(what, &[&format!("green-thread {}", number(name)), "bt", "info registers rip"]);
        assert!(text.contains(&place("deadlock", words)) && text.contains(&format!("{name} (arg=")), "{text}");
        assert!(text.contains("rip ") && !text.contains("corrupt stack"), "{text}");
    }
    let text = gdb(what, &["green-thread apply all bt"]);
    for words in ["alpha waits", "gamma waits", "beta waits", "main waits"] {
        assert!(text.contains(&place("deadlock", words)), "{words}: {text}");
    }
    let text = gdb(what, &["green-thread 77"]);
    assert!(text.contains("there's no green thread 77"), "{text}");
}

#[test]
fn green_threads_of_a_process_and_of_its_core() {
    if !has("gdb") {
        return;
    }
    let Some(mut process) = LookedAt::start("deadlock") else { return };
    process.until_ps_says(&[
        "alpha            waiting",
        "beta             waiting",
        "gamma            waiting",
        "the end of",
    ]);
    check(&["-p", &process.pid()]);
    if let Some(core) = process.core() {
        check(&[&process.program.to_string_lossy(), &core.to_string_lossy()]);
    }
}

#[test]
fn a_process_without_libgreen() {
    if has("gdb") {
        let text = gdb(&["/bin/true"], &["info green-threads", "green-thread 1"]);
        assert!(text.contains("libgreen isn't loaded here"), "{text}");
    }
}

#[test]
fn the_script_knows_the_present_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("a source file");
    let (table, script) = (read("src/inspect/table.rs"), read("scripts/gdb/libgreen-gdb.py"));
    let version = |text: &str, begin: &str| -> Option<u32> {
        text.lines().find_map(|l| l.strip_prefix(begin)).and_then(|n| n.trim_end_matches(';').parse().ok())
    };
    assert_eq!(version(&table, "pub const VERSION: u32 = "), version(&script, "VERSION = "));
    let fields =
        table.split("pub struct Offsets {").nth(1).and_then(|rest| rest.split('}').next()).expect("the struct");
    let fields: Vec<&str> =
        fields.lines().filter_map(|l| l.trim().strip_prefix("pub ")?.strip_suffix(": u32,")).collect();
    let known = script.split("OFFSETS = (").nth(1).and_then(|rest| rest.split(')').next()).expect("the list");
    assert_eq!(known.replace('"', "").split_whitespace().collect::<Vec<_>>(), fields);
    assert!(script.contains(&format!("6Q{}IQ", fields.len())));
}
