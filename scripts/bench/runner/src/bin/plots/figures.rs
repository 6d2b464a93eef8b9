//! Which drawings there are, and what is in each.

use crate::bars::{self, Bar, Panel};
use crate::lines::{self, Line};
use crate::svg::color;
use bench_runner::contender::Contender;
use bench_runner::results::Results;
use bench_runner::summary::Summary;
use bench_runner::table::{commas, number};
use bench_runner::workload::{Kind, Workload};

/// Resident memory, kernel stacks, slab, page tables.
const PARTS: [(&str, &str, &str); 4] = [
    ("rss", "resident", "#0072b2"),
    ("kstack", "kernel stacks", "#d55e00"),
    ("slab", "slab", "#e69f00"),
    ("pagetables", "page tables", "#8c8c8c"),
];

/// By name. None where nothing was measured of it.
pub fn all(results: &Results) -> Vec<(&'static str, Option<String>)> {
    let figures = Figures { results, summary: Summary::of(&results.runs) };
    let cpu = "microseconds of the server per request (less is better)";
    vec![
        ("cpu", figures.echo("Processor time per request: echo of 512 bytes", cpu, "cpu_ns", 1e-3)),
        (
            "throughput",
            figures.echo("Throughput: echo of 512 bytes", "requests per second (more is better)", "rps", 1.0),
        ),
        (
            "p99",
            figures.echo("Latency: echo of 512 bytes", "99th percentile, microseconds (less is better)", "p99_us", 1.0),
        ),
        ("memory-connection", figures.connections()),
        ("memory-thread", figures.threads()),
        ("micro", figures.micro()),
    ]
}

struct Figures<'a> {
    results: &'a Results,
    summary: Summary<'a>,
}

impl Figures<'_> {
    fn small_print(&self, what: &str) -> [String; 2] {
        let machine = &self.results.machine;
        let rounds = self.results.settings.rounds_text();
        let where_and_when = format!(
            "medians of {rounds}; libgreen {}, {}; {}, Linux {}",
            machine.revision, machine.date, machine.processor, machine.kernel
        );
        [what.to_string(), where_and_when]
    }

    /// A line for each contender, over the number of connections. The remark is its last value over epoll's.
    fn echo(&self, title: &str, upwards: &str, key: &str, scale: f64) -> Option<String> {
        let sizes: Vec<(f64, &str)> = self.results.workloads.iter().filter_map(echo_size).collect();
        let line = |contender: &Contender| {
            let point = |(size, workload): &(f64, &str)| {
                let mut stat = self.summary.stat(workload, &contender.name, key)?;
                for value in [&mut stat.median, &mut stat.min, &mut stat.max] {
                    *value *= scale;
                }
                Some((*size, stat))
            };
            let points: Vec<_> = sizes.iter().filter_map(point).collect();
            let has_part = |(_, workload): &(f64, &str)| !self.summary.runs(workload, &contender.name).is_empty();
            if contender.missing.is_none() && !sizes.iter().any(has_part) {
                return None;
            }
            let ratio = |(_, workload): &(f64, &str)| self.summary.ratio(workload, &contender.name, "epoll", key);
            let remark = match (&contender.missing, sizes.iter().rev().find_map(ratio)) {
                (Some(_), _) => "(missing)".to_string(),
                (None, Some(ratio)) => format!("{:.2}", ratio.median),
                (None, None) => "(no result)".to_string(),
            };
            Some(Line { contender: contender.name.clone(), remark, points })
        };
        let lines: Vec<Line> = self.results.contenders.iter().filter_map(line).collect();
        let print = self.small_print(
            "a server on one processor; upright strokes: least to most; right: ratio to epoll at the last point",
        );
        lines::draw(title, &print, "connections", upwards, &lines)
    }

    fn connections(&self) -> Option<String> {
        let is_idle = |w: &&Workload| matches!(&w.kind, Kind::Load { work, .. } if work == "idle");
        let workload = self.results.workloads.iter().rfind(is_idle)?;
        let Kind::Load { connections, .. } = workload.kind else { return None };
        let panel = self.memory(workload, "with all open, none of them active", "each_kib", 1.0, |_| String::new());
        let title = format!("Memory for each of {} idle connections", commas(f64::from(connections)));
        let print = self.small_print("KiB (less is better); slab: the sockets of both ends");
        bars::draw(&title, &print, &PARTS.map(|(_, name, color)| (name, color)), 1, 150.0, &[panel?])
    }

    /// Of the fewest that were parked, since that is what all can hold; behind each, the most.
    fn threads(&self) -> Option<String> {
        let parked: Vec<(u32, &Workload)> = self.results.workloads.iter().filter_map(parked_count).collect();
        let (fewest, workload) = parked.first()?;
        let panel = self.memory(workload, "at one condition variable", "each", 1.0 / 1024.0, |contender| {
            let most = |(count, workload): &(u32, &Workload)| {
                let gib = self.summary.median(&workload.name, contender, "rss_kib")? / 1024.0 / 1024.0;
                Some(format!("{}: {} GiB resident", commas(f64::from(*count)), number(gib)))
            };
            let runs = parked.iter().flat_map(|(_, workload)| self.summary.runs(&workload.name, contender));
            let limit = runs.filter_map(|run| run.outcome.stopped.as_deref()).find(|why| why.starts_with("stopped at"));
            let limit = limit.map(|why| why.split(':').next().unwrap_or(why).to_string());
            limit.or_else(|| parked[1..].iter().rev().find_map(most)).unwrap_or_default()
        });
        let title = format!("Memory for each of {} threads that wait", commas(f64::from(*fewest)));
        let print = self.small_print("KiB (less is better); behind: the most that were held");
        bars::draw(&title, &print, &PARTS.map(|(_, name, color)| (name, color)), 1, 260.0, &[panel?])
    }

    /// A bar for each contender that has a part in the workload, or is missing. `ending`: that of the values' names.
    fn memory(
        &self,
        workload: &Workload,
        title: &str,
        ending: &str,
        scale: f64,
        remark: impl Fn(&str) -> String,
    ) -> Option<Panel> {
        let bar = |contender: &Contender| {
            let part = |(part, _, color): &(&str, &str, &'static str)| {
                let value = self.summary.median(&workload.name, &contender.name, &format!("{part}_{ending}"))?;
                Some((value * scale, *color))
            };
            let parts: Vec<_> = PARTS.iter().filter_map(part).collect();
            let all = self.summary.median(&workload.name, &contender.name, &format!("memory_{ending}"));
            let text = match all {
                Some(all) => match remark(&contender.name) {
                    remark if remark.is_empty() => number(all * scale),
                    remark => format!("{}; {remark}", number(all * scale)),
                },
                None => self.why_not(workload, contender)?,
            };
            Some(Bar { name: contender.name.clone(), parts, text })
        };
        let bars: Vec<Bar> = self.results.contenders.iter().filter_map(bar).collect();
        (!bars.is_empty()).then(|| Panel { title: title.to_string(), bars, most: None })
    }

    fn micro(&self) -> Option<String> {
        let panel = |workload: &Workload| {
            let bar = |contender: &Contender| {
                let (name, ns) = (contender.name.clone(), self.summary.median(&workload.name, &contender.name, "ns"));
                match ns {
                    Some(ns) => Some(Bar { parts: vec![(ns, color(&name))], name, text: number(ns) }),
                    None => Some(Bar { parts: Vec::new(), name, text: self.why_not(workload, contender)? }),
                }
            };
            let others = self.results.contenders.iter().filter(|c| !c.is_python());
            let most = others.filter_map(|c| self.summary.median(&workload.name, &c.name, "ns")).fold(0.0, f64::max);
            let bars = self.results.contenders.iter().filter_map(bar).collect();
            Panel { title: workload.title.clone(), bars, most: (most > 0.0).then_some(most) }
        };
        let costs = self.results.workloads.iter().filter(|w| matches!(w.kind, Kind::Micro { .. }));
        let panels: Vec<Panel> = costs.map(panel).collect();
        let what = "nanoseconds (less is better), one process; each panel has its own scale; Python's bars may be cut";
        let print = self.small_print(what);
        bars::draw("Small costs", &print, &[], 2, 60.0, &panels)
    }

    /// A word on who has no number. None: it has no part in this.
    fn why_not(&self, workload: &Workload, contender: &Contender) -> Option<String> {
        if contender.missing.is_some() {
            return Some("missing".to_string());
        }
        let runs = self.summary.runs(&workload.name, &contender.name);
        let outcome = &runs.first()?.outcome;
        Some(outcome.stopped.clone().unwrap_or("failed".to_string()))
    }
}

fn echo_size(workload: &Workload) -> Option<(f64, &str)> {
    match &workload.kind {
        Kind::Load { work, connections, rate: None, .. } if work == "echo" => {
            Some((f64::from(*connections), &workload.name))
        }
        _ => None,
    }
}

fn parked_count(workload: &Workload) -> Option<(u32, &Workload)> {
    match &workload.kind {
        Kind::Parked { count } => Some((*count, workload)),
        _ => None,
    }
}
