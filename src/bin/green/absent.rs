//! Why a living process doesn't run under the library, as far as that can be seen; and which of its children do.

use crate::mapping::Mapping;
use crate::memory::is_called_ours;
use crate::status::{called, variable};
use crate::{escape::escaped, reach};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// To be said behind "doesn't run under libgreen": empty if nothing is known.
pub fn why(pid: i32) -> String {
    format!("{}{}", reason(pid), children(pid))
}

fn reason(pid: i32) -> String {
    let program = format!("/proc/{pid}/exe");
    let name = fs::read_link(&program).map(|path| escaped(path.as_os_str().as_bytes())).unwrap_or_default();
    if let Some(hurdle) = reach::look(Path::new(&program), None).hurdle {
        return format!(": {name} {}", hurdle.why.trim_end_matches("; it runs natively"));
    }
    match variable(pid, "LD_PRELOAD") {
        None => ": it was started without LD_PRELOAD".to_string(),
        Some(value) => format!(": the loader hasn't loaded it by LD_PRELOAD={}", escaped(&value)),
    }
}

/// Those of its children, and theirs, that run under it.
fn children(pid: i32) -> String {
    const FEW: usize = 4;
    let mut green: Vec<String> = Vec::new();
    let mut asked = vec![pid];
    let mut next = 0;
    while let Some(&parent) = asked.get(next).filter(|_| next < 1000 && green.len() <= FEW) {
        next += 1;
        for child in of(parent) {
            if has_library(child) {
                green.push(called(child));
            } else if !asked.contains(&child) {
                asked.push(child);
            }
        }
    }
    let are_more = green.len() > FEW;
    green.truncate(FEW);
    match green.len() {
        0 => String::new(),
        1 => format!("; its child {} does", green[0]),
        _ => format!("; its children {}{} do", green.join(", "), if are_more { " and others" } else { "" }),
    }
}

/// A process's children.
fn of(pid: i32) -> Vec<i32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect()
}

/// Whether a process has a file mapped that is called as the library is.
pub fn has_library(pid: i32) -> bool {
    let maps = fs::read(format!("/proc/{pid}/maps")).unwrap_or_default();
    maps.split(|&b| b == b'\n').filter_map(Mapping::from_line).any(|mapping| is_called_ours(mapping.place()))
}
