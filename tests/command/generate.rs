use crate::run::Folder;
use crate::{green, said};
use std::process::Command;

#[test]
fn pages_and_completions() {
    let folder = Folder::new("generate");
    let (status, out, err) = said(&mut green(&["generate", &folder.path(""), "--doc", "/x/a-doc"]));
    assert_eq!((status, out.as_str(), err.as_str()), (0, "", ""));
    let read = |name: &str| std::fs::read_to_string(folder.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(read("man1/green.1").contains("green\\-run(1)"));
    assert!(read("man1/green-run.1").contains("GREEN_HUBS: how many hubs"));
    assert!(read("man1/green-ps.1").contains("[\\fB\\-\\-core\\fR \\fICORE\\fR]"));
    let whole = read("man1/green.1");
    for part in ["\"EXIT STATUS\"", "EXAMPLES", ".BR green\\-locks (1)", ".BR libgreen (7)"] {
        assert!(whole.contains(part), "{part}: {whole}");
    }
    let page = read("man7/libgreen.7");
    assert!(page.contains("\n.IR /x/a\\-doc/examples ."), "{page}");
    let (_, config, _) = said(&mut green(&["config", "--markdown"]));
    let names = config.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next());
    assert!(names.clone().count() > 10);
    for name in names {
        assert!(page.contains(&format!(".BR {name} ")), "{name} is not in libgreen.7");
    }
    assert!(!page.contains('@'), "a mark was not replaced");
    for name in ["bash/green.bash", "zsh/_green", "fish/green.fish"] {
        let text = read(name);
        assert!(text.contains("handoff-ms") && !text.contains("generate"), "{name}");
    }
    renders(&folder);
}

fn renders(folder: &Folder) {
    let pages: Vec<_> = ["man1", "man7"].iter().flat_map(|m| std::fs::read_dir(folder.path(m)).unwrap()).collect();
    for page in pages.into_iter().map(|page| page.unwrap().path()) {
        let mut man = Command::new("man");
        man.args(["--warnings", "-E", "UTF-8", "-l"])
            .arg(&page)
            .env("LC_ALL", "C")
            .env("MANWIDTH", "100")
            .env("MANPAGER", "cat");
        if man.output().is_err() {
            return eprintln!("skipped: there is no man here");
        }
        assert!(std::fs::read(&page).unwrap().is_ascii(), "{}: roff knows no UTF-8", page.display());
        let (status, out, err) = said(&mut man);
        assert!(status == 0 && err.is_empty() && out.contains("NAME"), "{}: {err}", page.display());
    }
}

/// The words that bash offers for the last of some words.
fn offered(folder: &Folder, words: &[&str]) -> Vec<String> {
    let script = "source \"$0\"; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); compopt() { :; }
        _green_run green \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"
        printf '%s\\n' \"${COMPREPLY[@]}\" | sort -u";
    let mut bash = Command::new("bash");
    let (_, out, err) = said(bash.args(["-c", script, &folder.path("bash/green.bash")]).args(words));
    assert_eq!(err, "", "{words:?}");
    out.lines().filter(|line| !line.is_empty()).map(str::to_string).collect()
}

#[test]
fn bash_completes() {
    if Command::new("bash").arg("--version").output().is_err() {
        return eprintln!("skipped: there is no bash here");
    }
    let folder = Folder::new("complete");
    assert_eq!(said(&mut green(&["generate", &folder.path("")])).0, 0);
    assert_eq!(offered(&folder, &["green", "do"]), ["doctor"]);
    assert_eq!(offered(&folder, &["green", "run", "--hub", ""]), ["epoll", "io_uring", "poll", "select"]);
    // As bash takes --hub=p apart.
    assert_eq!(offered(&folder, &["green", "run", "--hub", "=", "p"]), ["poll"]);
    assert_eq!(offered(&folder, &["green", "run", "--h"]), ["--handoff-ms", "--help", "--hub", "--hubs"]);
    for before in
        [&["green", "run"][..], &["green", "run", "--hubs", "2"], &["green", "run", "-e", "A", "=", "b", "--"]]
    {
        assert_eq!(offered(&folder, &[before, &["mkfif"]].concat()), ["mkfifo"]);
    }
    // A number, and what the program's own completion is asked.
    for words in [&["green", "run", "--hubs", ""][..], &["green", "run", "sleep", "--h"]] {
        assert!(offered(&folder, words).is_empty(), "{words:?}");
    }
}

#[test]
fn a_folder_that_cannot_be() {
    let (status, _, err) = said(&mut green(&["generate", "/dev/null/x"]));
    assert!(status == 1 && err.starts_with("green: /dev/null/x: ") && err.lines().count() == 1, "{err}");
}
