use crate::looked_at::{compile, folder, has, place, LookedAt};
use crate::{green, said};
use std::process::Command;

const READY: [&str; 4] =
    ["sleeper          waiting", "reader           waiting", "hog              running", "the end of thread"];

#[test]
fn backtraces_of_all_and_of_one() {
    let Some(process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&READY);
    process.stop();
    let (status, out, err) = said(&mut green(&["stack", &process.pid()]));
    assert_eq!((status, err.as_str()), (0, ""));
    for name in ["sleeper", "reader", "locker"] {
        let line = format!(" ({})\n", place("waiting", &format!("{name} waits")));
        assert!(out.contains(&line) && out.contains(&format!(" {name}+0x")), "{out}");
    }
    // main has its own kind of switch, and libc's frames beyond.
    assert!(out.contains(&format!(" ({})\n", place("waiting", "main waits"))) && out.contains(" main+0x"), "{out}");
    assert!(
        out.contains("#0   pthread_mutex_lock (libgreen)\n") && out.contains("#0   pthread_join (libgreen)\n"),
        "{out}"
    );
    assert!(out.contains("(hog): running on kernel thread"), "{out}");
    assert!(
        out.contains(&format!("  (its frames are gdb's to show: gdb -p {}, then `thread find ", process.pid())),
        "{out}"
    );
    assert!(!out.contains("damaged") && !out.contains("no unwind information"), "{out}");

    let (status, one, _) = said(&mut green(&["stack", &process.pid(), "reader"]));
    assert!(
        status == 0 && one.starts_with("thread ") && one.contains("reader+0x") && !one.contains("sleeper"),
        "{one}"
    );
    let id = one.split_whitespace().nth(1).unwrap_or_default();
    let same = |(status, text, _): (i32, String, String)| {
        status == 0 && text.contains("reader+0x") && !text.contains("sleeper")
    };
    assert!(same(said(&mut green(&["stack", &process.pid(), id]))));
    let (_, all, _) = said(&mut green(&["stack", "--all", &process.pid(), "reader"]));
    assert!(all.lines().count() > one.lines().count() && all.contains("reader+0x"), "{all}");
    let (status, _, err) = said(&mut green(&["stack", &process.pid(), "nobody"]));
    let wanted = format!("green: process {} has no green thread nobody\n", process.pid());
    assert_eq!((status, err), (1, wanted));
}

#[test]
fn the_same_of_a_core_file() {
    let Some(mut process) = LookedAt::start("waiting") else { return };
    process.until_ps_says(&READY);
    let Some(core) = process.core() else { return };
    let (status, out, err) =
        said(&mut green(&["stack", "--core", &core.to_string_lossy(), &process.program.to_string_lossy()]));
    assert_eq!((status, err.as_str()), (0, ""));
    for words in ["sleeper waits", "reader waits", "main waits"] {
        assert!(out.contains(&format!(" ({})\n", place("waiting", words))), "{out}");
    }
    // Another program's names would be wrong ones.
    let (status, out, err) = said(&mut green(&["stack", "--core", &core.to_string_lossy(), "/bin/true"]));
    assert_eq!(
        (status, err),
        (0, "green: /bin/true isn't the file that was mapped when the core was written\n".into())
    );
    assert!(out.contains("sleeper") && !out.contains("sleeper+0x"), "{out}");
}

/// The debug information was split off the program, into a file beside it, as distributions' own build tools do.
#[test]
fn a_debug_file_beside_the_program() {
    if !has("objcopy") {
        return;
    }
    // With a build id, and with the file's sum only.
    for strips in [&[][..], &["--remove-section=.note.gnu.build-id"]] {
        let folder = folder();
        let Some(program) = compile("waiting", &folder) else { return };
        let objcopy = |arguments: &[&str]| {
            let status = Command::new("objcopy").args(arguments).current_dir(&folder).status();
            assert!(status.is_ok_and(|status| status.success()), "{arguments:?}");
        };
        objcopy(&[strips, &["waiting"]].concat());
        objcopy(&["--only-keep-debug", "waiting", "waiting.debug"]);
        objcopy(&["--strip-all", "--add-gnu-debuglink=waiting.debug", "waiting"]);
        let process = LookedAt::of(folder, program, &[]);
        process.until_ps_says(&READY);
        let (status, out, err) = said(&mut green(&["stack", &process.pid(), "sleeper"]));
        assert_eq!((status, err.as_str()), (0, ""));
        let line = format!(" ({})\n", place("waiting", "sleeper waits"));
        assert!(out.contains(&line) && out.contains(" sleeper+0x"), "{strips:?}: {out}");
    }
}
