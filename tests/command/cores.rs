//! Core files: of a program that crashes, and such as can't be read whole.

use crate::looked_at::{place, LookedAt};
use crate::{green, said};
use serde_json::Value;
use std::fs::{self, File};
use std::path::Path;

/// What a subcommand says of a core.
fn asked(command: &str, core: &Path, program: &Path) -> (i32, String, String) {
    said(&mut green(&[command, "--core", &core.to_string_lossy(), &program.to_string_lossy()]))
}

#[test]
fn the_thread_that_crashed_comes_first() {
    let Some(mut process) = LookedAt::start("crash") else { return };
    let Some(core) = process.core_it_leaves() else { return };
    let (status, out, err) = asked("stack", &core, &process.program);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    let mut blocks = out.split("\n\n");
    let first = blocks.next().unwrap_or_default();
    assert!(first.contains("(crasher): running on kernel thread ") && first.starts_with("thread "), "{out}");
    assert!(first.contains(", got signal 11 (SIGSEGV) at address 0x10\n"), "{out}");
    let (reads, goes) = (place("crash", "crash reads"), place("crash", "crasher goes"));
    assert!(first.contains("#0   crash+0x") && first.contains(&format!("({reads})\n")), "{out}");
    assert!(first.contains(&format!("({goes})")) && !first.contains("libgreen"), "{out}");
    // The others that ran are shown as well.
    let hog = blocks.find(|block| block.contains("(hog): running on kernel thread")).unwrap_or_default();
    assert!(hog.contains("#0   hog+0x"), "{out}");
    assert_eq!(out.matches("got signal").count(), 1, "{out}");
    let crasher = ["--json", "crasher"];
    let (core_path, program) = (core.to_string_lossy(), process.program.to_string_lossy());
    let (_, json, _) = said(green(&["stack", "--core", &core_path, &program]).args(crasher));
    let json: Value = serde_json::from_str(&json).unwrap_or_default();
    assert_eq!(
        (&json["process"]["core"], &json["process"]["ended_by"]["signal"]),
        (&true.into(), &11.into()),
        "{json}"
    );
    assert_eq!(json["threads"][0]["frames"][0]["source"], reads.as_str(), "{json}");
    let (_, ps, _) = asked("ps", &core, &process.program);
    assert!(ps.contains("SIGSEGV") && ps.contains("\nwaits are counted up to the core file's date\n"), "{ps}");
}

#[test]
fn a_call_of_no_function() {
    let Some(mut process) = LookedAt::start_with("crash", &["calls"]) else { return };
    let Some(core) = process.core_it_leaves() else { return };
    let (_, out, err) = asked("stack", &core, &process.program);
    let first = out.split("\n\n").next().unwrap_or_default();
    assert!(first.contains("at address 0x0\n  #0   0x0\n  #1   crash+0x") && err.is_empty(), "{out}{err}");
    assert!(first.contains(&format!("({})\n", place("crash", "crash calls"))) && first.contains("crasher+0x"), "{out}");
}

#[test]
fn a_truncated_core_and_a_compressed_one() {
    let Some(mut process) = LookedAt::start("crash") else { return };
    let Some(core) = process.core_it_leaves() else { return };
    let whole = fs::metadata(&core).expect("it's there").len();
    let cut = |size: u64| File::options().write(true).open(&core).and_then(|f| f.set_len(size)).expect("ours");
    // The last page is hardly anybody's.
    cut(whole - 4096);
    let (status, out, err) = asked("ps", &core, &process.program);
    assert!(status == 0 && err.starts_with("green: the core is truncated (") && err.lines().count() == 1, "{err}");
    assert!(out.contains(" (truncated core): 3 green threads") && out.contains("hog              running"), "{out}");
    // What isn't there isn't made up of files.
    for size in [300_000, 3000, 700, 20] {
        cut(size);
        for (command, refused) in [("ps", 1), ("stack", 1), ("locks", 3)] {
            let (status, out, err) = asked(command, &core, &process.program);
            assert!(status == refused && out.is_empty(), "{command} {size}: {out}{err}");
            assert!(err.contains("truncated") && err.lines().count() == 1, "{command} {size}: {err}");
        }
    }
    for (magic, program) in [(&[0x1f, 0x8b, 8][..], "gunzip"), (&[0x28, 0xb5, 0x2f, 0xfd], "zstd -d")] {
        fs::write(&core, magic).expect("ours");
        let (status, _, err) = asked("ps", &core, &process.program);
        assert!(status == 1 && err.ends_with(&format!("is compressed: decompress it first ({program})\n")), "{err}");
    }
}
