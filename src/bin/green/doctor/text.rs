//! The report for people: short, the verdict last. Long lists are counted, and only what's interesting is named.

use super::imports::Unhooked;
use super::libraries::is_libc;
use super::threads::Answer;
use super::verdict::privileges;
use super::Report;
use std::fmt::Write;

/// Columns.
const LABEL: usize = 12;
const WIDTH: usize = 110;

pub fn render(report: &Report, is_verbose: bool) -> String {
    let mut page = Page(String::new());
    program(report, &mut page);
    if report.program.is_ours && report.program.is_dynamic() {
        loads(report, is_verbose, &mut page);
        calls(report, is_verbose, &mut page);
    }
    machine(report, &mut page);
    page.line("verdict", &report.verdict.sentence);
    page.0
}

struct Page(String);

impl Page {
    /// A label and what's to say, in as many lines as that takes. No label: it belongs to the line before.
    fn line(&mut self, label: &str, text: &str) {
        let mut column = LABEL;
        let _ = write!(self.0, "{label:LABEL$}");
        for (n, word) in words(text).iter().enumerate() {
            let length = word.chars().count();
            if n > 0 && column + 1 + length > WIDTH {
                let _ = write!(self.0, "\n{:LABEL$}", "");
                column = LABEL;
            } else if n > 0 {
                self.0.push(' ');
                column += 1;
            }
            self.0.push_str(word);
            column += length;
        }
        self.0.push('\n');
    }
}

/// What must stay in one line: words, and commands (between `), which somebody may copy.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_command = false;
    for word in text.split(' ') {
        match words.last_mut().filter(|_| in_command) {
            Some(command) => *command += &format!(" {word}"),
            None => words.push(word.to_string()),
        }
        in_command ^= word.matches('`').count() % 2 == 1;
    }
    words
}

fn program(report: &Report, page: &mut Page) {
    let p = &report.program;
    for (script, next) in p.scripts.iter().zip(p.scripts.iter().skip(1).chain([&p.path])) {
        let runs = if p.script_is_bare { "it has no #!, so a shell runs it with" } else { "its interpreter is" };
        page.line("script", &format!("{}: {runs} {}, and that is examined", script.display(), next.display()));
    }
    if !p.script_is_executable {
        page.line("mode", "the script isn't executable (chmod +x)");
    }
    let linkage = match p.linkage {
        "dynamic" => "dynamically linked",
        "static-pie" => "statically linked (static-pie)",
        _ => "statically linked",
    };
    let bits = if p.is_ours { "64-bit x86".to_string() } else { p.machine.clone() };
    page.line("program", &format!("{}: ELF, {bits}, {linkage}", p.path.display()));
    let glibc = match (&p.glibc_installed, &p.glibc_needed) {
        (Some(has), Some(needs)) => format!("glibc: {has} is installed, {needs} or later is needed"),
        (Some(has), None) => format!("glibc: {has} is installed"),
        (None, _) => "glibc, which isn't to be found here".to_string(),
    };
    match p.libc.filter(|_| p.is_ours) {
        Some("glibc") => page.line("libc", &glibc),
        Some("musl") => page.line("libc", "musl"),
        Some(_) => page.line("libc", "neither glibc nor musl"),
        None => {}
    }
    if let Some(interpreter) = p.interpreter.as_ref().filter(|_| !p.interpreter_is_here) {
        page.line("loader", &format!("{interpreter}, which isn't on this machine: it doesn't start here"));
    }
    let built = [p.go.then_some("Go"), p.sanitizer, p.packed.then_some("UPX")];
    let built: Vec<&str> = built.into_iter().flatten().collect();
    if !built.is_empty() {
        page.line("built with", &built.join(", "));
    }
    if p.is_privileged() {
        page.line("privileges", &format!("{}: the loader ignores LD_PRELOAD for it", privileges(p)));
    }
    if !p.is_executable {
        page.line("mode", "it isn't executable (chmod +x)");
    }
}

fn loads(report: &Report, is_verbose: bool, page: &mut Page) {
    let others: Vec<String> = report.libraries.iter().map(|l| l.name.clone()).filter(|name| !is_libc(name)).collect();
    match others.len() {
        0 => page.line("libraries", "libc's own only"),
        n => page.line("libraries", &format!("{n} besides libc's own: {}", some(&others, 6, is_verbose))),
    }
    let missing: Vec<String> = report.libraries.iter().filter(|l| l.path.is_none()).map(|l| l.name.clone()).collect();
    if !missing.is_empty() {
        page.line("", &format!("not found on this machine, so it may not start: {}", some(&missing, 6, is_verbose)));
    }
    let t = &report.threads;
    let suspects = some(&t.suspects(), 4, is_verbose);
    let threads = match t.answer {
        Answer::Yes if suspects.is_empty() => format!("yes: {}", t.program.join(", ")),
        Answer::Yes => format!("yes: {}; by its libraries maybe more: {suspects}", t.program.join(", ")),
        Answer::May if suspects.is_empty() => "can't be seen: its names are hidden".to_string(),
        Answer::May => format!("none of its own; these libraries can make some: {suspects}"),
        Answer::No if t.libraries.is_empty() => {
            "none: neither it nor a library of its imports what makes them".to_string()
        }
        Answer::No => {
            let own: Vec<String> = t.libraries.iter().map(|l| l.library.clone()).collect();
            format!("none, but for a few that libraries may make for their own work: {}", some(&own, 4, is_verbose))
        }
    };
    page.line("threads", &threads);
    if t.answer == Answer::Yes && !t.event_loop.is_empty() {
        let names = t.event_loop.join(", ");
        page.line("", &format!("It also has an event loop ({names}): connections served by that gain nothing."));
    }
}

fn calls(report: &Report, is_verbose: bool, page: &mut Page) {
    let i = &report.imports;
    if report.program.libc != Some("glibc") {
        return;
    }
    match &i.libgreen {
        None => page.line("hooks", "unknown: libgreen.so isn't beside this command, nor in ../lib; name it by --lib"),
        Some(_) if report.program.names_are_hidden => page.line("hooks", "can't be seen either"),
        Some(library) => {
            let (hooked, all) = (i.hooked.len(), i.libc_names);
            let but = if i.blocking_not_hooked.is_empty() { "" } else { ", but for those below" };
            let mut text = format!(
                "{hooked} of the {all} libc functions that it and its libraries import are hooked; the others need no hook{but}"
            );
            if is_verbose {
                let _ = write!(text, ". Hooked by {}: {}", library.display(), i.hooked.join(", "));
            }
            page.line("hooks", &text);
            not_hooked(&i.blocking_not_hooked, is_verbose, page);
        }
    }
    if !i.syscall.is_empty() {
        let who = some(&i.syscall, 4, is_verbose);
        page.line(
            "syscall()",
            &format!("by {who}: futexes are hooked too; what else waits so keeps its kernel thread meanwhile"),
        );
    }
    if !i.clone.is_empty() {
        let who = some(&i.clone, 4, is_verbose);
        page.line("clone()", &format!("by {who}: threads that are made so stay native"));
    }
    if !i.dlopen.is_empty() {
        let who = some(&i.dlopen, 4, is_verbose);
        page.line(
            "dlopen()",
            &format!("by {who}: it may load more libraries, which are hooked, but aren't looked at here"),
        );
    }
}

/// The names that may wait and aren't hooked: the program's own first, and those that servers meet.
fn not_hooked(names: &[Unhooked], is_verbose: bool, page: &mut Page) {
    if names.is_empty() {
        return;
    }
    let told = |u: &&Unhooked| is_verbose || (u.matters && u.by_the_program);
    let by = |u: &Unhooked| if is_verbose { format!(" [{}]", u.by.join(", ")) } else { String::new() };
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for u in names.iter().filter(told) {
        let name = format!("{}{}", u.name, by(u));
        match groups.iter_mut().find(|(what, _)| *what == u.what) {
            Some((_, list)) => list.push(name),
            None => groups.push((u.what, vec![name])),
        }
    }
    let rest = names.len() - names.iter().filter(told).count();
    if groups.is_empty() {
        page.line("not hooked", &format!("{rest} that may wait, seldom used or by libraries only (-v names them)"));
        return;
    }
    let named = groups.iter().map(|(what, list)| format!("{} ({what})", some(list, 3, is_verbose)));
    let mut parts: Vec<String> = named.collect();
    if rest > 0 {
        parts.push(format!("{rest} more, seldom used or by libraries only (-v names them)"));
    }
    page.line("not hooked", &parts.join("; "));
    page.line("", "A thread that waits there holds others up for 10 ms; then it has a kernel thread to itself.");
}

fn machine(report: &Report, page: &mut Page) {
    let m = &report.machine;
    let features =
        [("FSGSBASE", m.fsgsbase), ("guard regions", m.guard_regions), ("epoll", m.epoll), ("io_uring", m.io_uring)];
    let list = |has: bool| -> Vec<&str> { features.iter().filter(|f| f.1 == has).map(|f| f.0).collect() };
    let (has, lacks) = (list(true), list(false));
    let mut text = format!("Linux {}, processors: {}; it has {}", m.kernel, m.processors, has.join(", "));
    if !lacks.is_empty() {
        let _ = write!(text, "; not {}", lacks.join(", "));
    }
    page.line("machine", &text);
    m.remarks.iter().for_each(|remark| page.line("", &format!("- {remark}")));
}

/// The first few of a list, and how many more there are.
fn some(names: &[String], most: usize, is_verbose: bool) -> String {
    if is_verbose || names.len() <= most {
        return names.join(", ");
    }
    format!("{} and {} more", names[..most].join(", "), names.len() - most)
}
