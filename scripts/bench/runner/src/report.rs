//! The tables that are printed.

use crate::contender::{Contender, NAMES};
use crate::results::Results;
use crate::summary::Summary;
use crate::table::{commas, middle, number, or_dash, spread, Table};
use crate::targets;
use crate::workload::{Kind, Workload};
use std::collections::BTreeSet;

/// System calls of which there are fewer than this for a request are not worth a column.
const RARE_CALL: f64 = 0.005;

pub fn text(results: &Results) -> String {
    let report = Report { results, summary: Summary::of(&results.runs) };
    let mut text = report.heading();
    for workload in &results.workloads {
        let table = match &workload.kind {
            Kind::Load { work, .. } => report.servers(workload, work),
            Kind::Syscalls { .. } => report.syscalls(workload),
            Kind::Parked { .. } => report.parked(workload),
            Kind::Micro { .. } => continue,
        };
        text += &format!("\n{}: {}\n{}", workload.name, workload.title, table.text());
        if workload.shows_memory() {
            text += &report.memory(workload);
        }
    }
    text += &report.micro();
    let targets = targets::table(&report.summary, &results.workloads, &results.contenders);
    if !targets.is_empty() {
        text += &format!("\nWhat libgreen wants to show\n{}", targets.text());
    }
    text + &report.notes()
}

struct Report<'a> {
    results: &'a Results,
    summary: Summary<'a>,
}

impl Report<'_> {
    fn heading(&self) -> String {
        let (m, s) = (&self.results.machine, &self.results.settings);
        let places = match (s.server_processor, s.load_processor) {
            (server, load) if server != load => {
                format!("the server on processor {server}, the load generator on {load}")
            }
            _ => "THERE IS ONE PROCESSOR ONLY: server and load generator share it".to_string(),
        };
        let rounds = s.rounds_text();
        let version = |c: &Contender| Some(format!("; {} {}", c.name, c.version.as_ref()?));
        let versions: String = self.results.contenders.iter().filter_map(version).collect();
        format!(
            "libgreen {}, {}\n{}, {} processors, {:.0} GiB; Linux {}, glibc {}, gcc {}{versions}\n\
             Medians of {rounds} of {} s, all contenders in turn in each; {places}.\n\
             CPU: the server's own processor time, user and system, for each request. \
             \"/epoll\", \"/native\": the median of the\nratios within each round; \"min..max\": from the least of them to the most.\n",
            m.revision, m.date, m.processor, m.processors, m.memory_gib, m.kernel, m.glibc, m.gcc, s.seconds
        )
    }

    /// A row for each contender: its numbers if it has some, else why not. Whoever has no part in the workload has no row.
    fn rows(&self, workload: &Workload, headings: &[&str], cells: impl Fn(&str) -> Vec<String>) -> Table {
        let mut table = Table::new(headings);
        for contender in &self.results.contenders {
            match self.without_numbers(workload, contender) {
                Some(why) => table.note(&contender.name, &why),
                None if !self.summary.runs(&workload.name, &contender.name).is_empty() => {
                    table.row([vec![contender.name.clone()], cells(&contender.name)].concat());
                }
                None => {}
            }
        }
        table
    }

    fn without_numbers(&self, workload: &Workload, contender: &Contender) -> Option<String> {
        if let Some(why) = &contender.missing {
            return Some(format!("missing: {why}"));
        }
        let runs = self.summary.runs(&workload.name, &contender.name);
        if runs.iter().any(|run| run.outcome.counts()) {
            return None;
        }
        let first = runs.first()?;
        let failed = first.outcome.failed.as_ref().map(|why| format!("FAILED: {why}"));
        failed.or_else(|| first.outcome.stopped.clone())
    }

    fn servers(&self, workload: &Workload, work: &str) -> Table {
        let rate = if work == "stream" { "MiB/s" } else { "requests/s" };
        let headings = [
            "",
            rate,
            "/epoll",
            "min..max",
            "/native",
            "CPU ns",
            "/epoll",
            "min..max",
            "/native",
            "p50 us",
            "p99 us",
            "/epoll",
            "threads",
            "load busy %",
        ];
        let value = |contender: &str, key: &str| self.summary.stat(&workload.name, contender, key);
        let ratio = |contender: &str, base: &str, key: &str| self.summary.ratio(&workload.name, contender, base, key);
        self.rows(workload, &headings, |contender| {
            let mut cells = Vec::new();
            for key in ["rps", "cpu_ns"] {
                let to_epoll = ratio(contender, "epoll", key);
                cells.push(or_dash(value(contender, key).map(|stat| stat.median), commas));
                cells.extend([middle(to_epoll), spread(to_epoll), middle(ratio(contender, "native", key))]);
            }
            cells.extend([middle(value(contender, "p50_us")), middle(value(contender, "p99_us"))]);
            cells.push(middle(ratio(contender, "epoll", "p99_us")));
            for key in ["threads", "busy"] {
                cells.push(or_dash(value(contender, key).map(|stat| stat.median), commas));
            }
            cells
        })
    }

    fn memory(&self, workload: &Workload) -> String {
        let keys = ["rss_each_kib", "kstack_each_kib", "slab_each_kib", "pagetables_each_kib", "memory_each_kib"];
        let headings = ["", "resident", "kernel stacks", "slab", "page tables", "all"];
        let table = self.rows(workload, &headings, |contender| {
            keys.iter()
                .map(|key| or_dash(self.summary.median(&workload.name, contender, key), |kib| format!("{kib:.1}")))
                .collect()
        });
        format!("KiB for each connection, with all open and idle (slab: the sockets of both ends)\n{}", table.text())
    }

    fn syscalls(&self, workload: &Workload) -> Table {
        let often = |key: &&str| {
            NAMES.iter().any(|c| self.summary.median(&workload.name, c, key).is_some_and(|n| n >= RARE_CALL))
        };
        let calls: Vec<&str> = self.summary.keys(&workload.name, "call:").into_iter().filter(often).collect();
        let names = calls.iter().map(|key| key.trim_start_matches("call:"));
        let headings: Vec<&str> = ["", "all calls", "/epoll", "min..max"].into_iter().chain(names).collect();
        self.rows(workload, &headings, |contender| {
            let to_epoll = self.summary.ratio(&workload.name, contender, "epoll", "calls");
            let all = or_dash(self.summary.median(&workload.name, contender, "calls"), |n| format!("{n:.3}"));
            let each = |key: &&str| or_dash(self.summary.median(&workload.name, contender, key), |n| format!("{n:.3}"));
            [vec![all, middle(to_epoll), spread(to_epoll)], calls.iter().map(each).collect()].concat()
        })
    }

    fn parked(&self, workload: &Workload) -> Table {
        let headings = [
            "",
            "create ns",
            "join ns",
            "resident",
            "kernel stack",
            "slab",
            "page tables",
            "bytes each, all",
            "/native",
            "GiB resident",
        ];
        self.rows(workload, &headings, |contender| {
            let value = |key: &str| self.summary.median(&workload.name, contender, key);
            let keys =
                ["created_ns", "joined_ns", "rss_each", "kstack_each", "slab_each", "pagetables_each", "memory_each"];
            let mut cells: Vec<String> = keys.iter().map(|key| or_dash(value(key), commas)).collect();
            cells.push(middle(self.summary.ratio(&workload.name, contender, "native", "memory_each")));
            cells.push(or_dash(value("rss_kib"), |kib| number(kib / 1024.0 / 1024.0)));
            cells
        })
    }

    /// One table of all small costs: nanoseconds, and how much faster green is than native.
    fn micro(&self) -> String {
        let costs: Vec<&Workload> =
            self.results.workloads.iter().filter(|w| matches!(w.kind, Kind::Micro { .. })).collect();
        if costs.is_empty() {
            return String::new();
        }
        let has_some = |name: &str| costs.iter().any(|cost| !self.summary.runs(&cost.name, name).is_empty());
        let contenders: Vec<&str> =
            self.results.contenders.iter().map(|c| c.name.as_str()).filter(|name| has_some(name)).collect();
        let headings = [vec![""], contenders.clone(), vec!["native/green", "min..max"]].concat();
        let mut table = Table::new(&headings);
        for cost in &costs {
            let cell = |contender: &&str| match self.summary.median(&cost.name, contender, "ns") {
                Some(ns) => number(ns),
                None if !self.summary.runs(&cost.name, contender).is_empty() => "FAILED".to_string(),
                None => "-".to_string(),
            };
            let faster = self.summary.ratio(&cost.name, "native", "green", "ns");
            let cells = contenders.iter().map(cell).chain([middle(faster), spread(faster)]);
            table.row(std::iter::once(cost.title.clone()).chain(cells).collect());
        }
        let calls = |contender: &&str| {
            let ns = |cost: &str| self.summary.median(cost, contender, "ns");
            or_dash(ns("micro-yield").zip(ns("micro-call")).map(|(yields, call)| yields / call), number)
        };
        let cells = contenders.iter().map(calls).chain(["-".to_string(), "-".to_string()]);
        table.row(std::iter::once("yield, in function calls".to_string()).chain(cells).collect());
        let missing = self.results.contenders.iter().filter_map(|c| Some((&c.name, c.missing.as_ref()?)));
        missing.for_each(|(name, why)| table.note(name, &format!("missing: {why}")));
        format!(
            "\nsmall costs, each in one process on one processor, nanoseconds (-: has nothing of the kind)\n{}",
            table.text()
        )
    }

    /// What went wrong, and what makes numbers doubtful; each thing once.
    fn notes(&self) -> String {
        let mut notes = BTreeSet::new();
        for run in &self.results.runs {
            let who = format!("{}, {}", run.workload, run.contender);
            notes.extend(run.outcome.failed.iter().map(|why| format!("FAILED: {who}: {why}")));
            notes.extend(run.outcome.warnings.iter().map(|warning| format!("{warning}: {who}")));
        }
        notes.into_iter().map(|note| format!("\n{note}")).collect::<String>() + "\n"
    }
}
