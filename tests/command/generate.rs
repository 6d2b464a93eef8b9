use crate::run::Folder;
use crate::{green, said};
use std::process::Command;

#[test]
fn pages_and_completions() {
    let folder = Folder::new("generate");
    let (status, out, err) = said(&mut green(&["generate", &folder.path("")]));
    assert_eq!((status, out.as_str(), err.as_str()), (0, "", ""));
    let read = |name: &str| std::fs::read_to_string(folder.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(read("man1/green.1").contains("green\\-run(1)"));
    assert!(read("man1/green-run.1").contains("GREEN_HUBS: how many hubs"));
    let page = read("man7/libgreen.7");
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
        let (status, out, err) = said(&mut man);
        assert!(status == 0 && err.is_empty() && out.contains("NAME"), "{}: {err}", page.display());
    }
}

#[test]
fn a_folder_that_cannot_be() {
    let (status, _, err) = said(&mut green(&["generate", "/dev/null/x"]));
    assert!(status == 1 && err.starts_with("green: /dev/null/x: ") && err.lines().count() == 1, "{err}");
}
