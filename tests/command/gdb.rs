use crate::looked_at::{has, place, LookedAt};
use crate::{green, library, said};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

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

/// Gives main alpha's number for a name, and beta one that terminals would obey; then leads the list of carriers back to its
/// beginning, and gives a range more blocks than there is memory.
const DAMAGE: &str = r#"
table, write = Table(), gdb.selected_inferior().write_memory
records = [record for places in table.places() for record in places if table.thread(record)]
names = [table.thread(record).name for record in records]
number = [thread.name for thread in table.threads()].index("alpha") + 1
write(table.host + table.at["name"], f"{number}\0".encode())
write(records[names.index("beta")] + table.at["name"], b"\x1b[31m\n\0")
first = HEAD.unpack(read(table.ranges - HEAD.size, HEAD.size))[8]
write(first + table.at["next_carrier"], struct.pack("<Q", first))
write(table.ranges + 16, struct.pack("<Q", 1 << 62))
gdb.execute("info green-threads")
gdb.execute(f"green-thread {number}")
"#;

#[test]
fn strange_names_and_a_damaged_table() {
    if !has("gdb") {
        return;
    }
    let Some(process) = LookedAt::start("deadlock") else { return };
    process.until_ps_says(&["alpha            waiting", "beta             waiting", "gamma            waiting"]);
    let damage = process.folder.join("damage.py");
    fs::write(&damage, DAMAGE).expect("a file");
    let text = gdb(&["-p", &process.pid()], &[&format!("source {}", damage.display()), "kill"]);
    for words in [" gamma  ", r" \x1b[31m\n  ", " (alpha): waits for lock "] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains('\x1b'), "{text}");
}

/// There, the ids that the process has of its kernel threads aren't gdb's.
#[test]
fn a_process_in_another_pid_namespace() {
    let unshare = |command: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--pid", "--fork", "--kill-child"]).args(command).stdin(Stdio::null()).stdout(Stdio::null());
        unshare
    };
    if !has("gdb") || !unshare(&["true"]).status().is_ok_and(|s| s.success()) {
        return eprintln!("skipped: there's no gdb, or no PID namespace may be made here");
    }
    let Some(outside) = LookedAt::start("waiting") else { return };
    let preload = format!("LD_PRELOAD={}", library().display());
    let mut parent = unshare(&["env", &preload, &outside.program.to_string_lossy()]).spawn().expect("unshare runs");
    let children = format!("/proc/{0}/task/{0}/children", parent.id());
    let child = || fs::read_to_string(&children).unwrap_or_default();
    let runs = || said(&mut green(&["ps", child().trim()])).1.contains("hog              running");
    let end = Instant::now() + Duration::from_secs(60);
    while !runs() && Instant::now() < end {
        sleep(Duration::from_millis(20));
    }
    let commands = ["green-thread hog", "bt", "python own_id = lambda pid, id: id", "green-thread hog"];
    let text = gdb(&["-p", child().trim()], &commands);
    // Its child goes with it.
    let _ = parent.kill();
    let _ = parent.wait();
    assert!(text.contains("(hog): running on kernel thread ") && text.contains(" hog (arg="), "{text}");
    assert!(text.contains(": if the process is in another PID namespace"), "{text}");
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
