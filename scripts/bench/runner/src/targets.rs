//! What libgreen wants to show, held against what was measured.

use crate::contender::Contender;
use crate::summary::Summary;
use crate::table::{commas, number, or_dash, Table};
use crate::workload::Workload;

const GIB: f64 = 1024.0 * 1024.0; // in KiB
const MILLION: &str = "parked-1000000";
const IDLE: &str = "idle-10000";
/// The others that run a coroutine, or what is like one, for each connection. (tokio's tasks have no stacks.)
const STACKFUL_PEERS: [&str; 4] = ["go", "may", "gevent", "eventlet"];

enum Bound {
    AtMost(f64),
    Under(f64),
    AtLeast(f64),
    /// To be looked at, no more.
    Told,
}

struct Target {
    /// Where it is measured.
    workload: String,
    /// Whose numbers are in it. The first one's are what is wanted so.
    of: Vec<&'static str>,
    what: String,
    measured: Option<f64>,
    bound: Bound,
}

impl Bound {
    fn holds(&self, value: f64) -> bool {
        match self {
            Bound::AtMost(most) => value <= *most,
            Bound::Under(bound) => value < *bound,
            Bound::AtLeast(least) => value >= *least,
            Bound::Told => true,
        }
    }

    fn text(&self) -> String {
        match self {
            Bound::AtMost(most) => format!("at most {}", number(*most)),
            Bound::Under(bound) => format!("under {}", number(*bound)),
            Bound::AtLeast(least) => format!("at least {}", number(*least)),
            Bound::Told => String::new(),
        }
    }
}

impl Target {
    fn verdict(&self, summary: &Summary) -> &'static str {
        let went_wrong = || summary.runs(&self.workload, self.of[0]).iter().any(|run| !run.outcome.counts());
        match (&self.bound, self.measured) {
            (_, None) if went_wrong() => "MISSED",
            (_, None) => "not measured",
            (Bound::Told, _) => "",
            (bound, Some(value)) if bound.holds(value) => "ok",
            _ => "MISSED",
        }
    }
}

/// A table of the targets that can be told of these workloads and contenders, with a verdict for each.
pub fn table(summary: &Summary, workloads: &[Workload], contenders: &[Contender]) -> Table {
    let mut table = Table::new(&["", "measured", "wanted", ""]);
    for target in targets(summary) {
        let all_there = target.of.iter().all(|name| contenders.iter().any(|c| c.name == *name));
        let only_told = matches!(target.bound, Bound::Told) && target.measured.is_none();
        if all_there && !only_told && workloads.iter().any(|w| w.name == target.workload) {
            let verdict = target.verdict(summary).to_string();
            table.row(vec![target.what, or_dash(target.measured, number), target.bound.text(), verdict]);
        }
    }
    table
}

fn targets(summary: &Summary) -> Vec<Target> {
    [servers(summary), costs(summary), memory(summary)].into_iter().flatten().collect()
}

fn servers(summary: &Summary) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut add = |workload: &str, what: &str, of: [&'static str; 2], key: &str, bound: Bound| {
        let measured = summary.ratio(workload, of[0], of[1], key).map(|ratio| ratio.median);
        let what = format!("{what}, {} / {}", of[0], of[1]);
        targets.push(Target { workload: workload.to_string(), of: of.to_vec(), what, measured, bound });
    };
    for connections in [100, 1_000, 5_000, 10_000] {
        let (echo, title) = (format!("echo-{connections}"), format!("echo, {}", commas(f64::from(connections))));
        let cpu = format!("{title}: CPU per request");
        add(&echo, &cpu, ["green", "epoll"], "cpu_ns", Bound::AtMost(1.10));
        if connections >= 1_000 {
            add(&echo, &cpu, ["green", "native"], "cpu_ns", Bound::AtMost(0.50));
            add(&echo, &cpu, ["epoll", "native"], "cpu_ns", Bound::Told);
        }
        for peer in STACKFUL_PEERS {
            add(&echo, &cpu, ["green", peer], "cpu_ns", Bound::Under(1.0));
        }
        add(&echo, &cpu, ["green-io_uring", "epoll"], "cpu_ns", Bound::Under(0.90));
        // What a server without threads comes to is no better than that.
        add(&echo, &cpu, ["ring", "epoll"], "cpu_ns", Bound::Told);
        add(&echo, &format!("{title}: requests per second"), ["green", "epoll"], "rps", Bound::AtLeast(0.97));
        if connections == 1_000 {
            add(&echo, &format!("{title}: p99"), ["green", "epoll"], "p99_us", Bound::AtMost(1.20));
        }
    }
    add("syscalls", "echo, 1,000: system calls per request", ["green", "epoll"], "calls", Bound::AtMost(1.05));
    targets
}

fn costs(summary: &Summary) -> Vec<Target> {
    let mut targets = Vec::new();
    let wanted = [
        ("create_join", "create + join", 20.0),
        ("cond", "condition variable, one way", 20.0),
        ("pipe", "pipe round trip", 4.0),
    ];
    for (cost, what, least) in wanted {
        for native in ["native-unpinned", "native"] {
            let workload = format!("micro-{cost}");
            let measured = summary.ratio(&workload, native, "green", "ns").map(|ratio| ratio.median);
            let (of, what) = (vec!["green", native], format!("{what}, {native} / green"));
            targets.push(Target { workload, of, what, measured, bound: Bound::AtLeast(least) });
        }
    }
    let [yields, call] = ["micro-yield", "micro-call"].map(|cost| summary.median(cost, "green", "ns"));
    let in_calls = yields.zip(call).map(|(yields, call)| yields / call);
    targets.push(of_green("micro-yield", "yield, green, ns", yields, Bound::Under(60.0)));
    targets.push(of_green("micro-yield", "yield, green, in function calls", in_calls, Bound::Told));
    targets
}

fn memory(summary: &Summary) -> Vec<Target> {
    let held = summary.median(MILLION, "green", "held");
    let resident = summary.median(MILLION, "green", "rss_kib").map(|kib| kib / GIB);
    let mut targets = vec![
        of_green(MILLION, "threads parked at once and all joined, green", held, Bound::AtLeast(1e6)),
        of_green(MILLION, "1,000,000 parked, green, GiB resident", resident, Bound::Under(10.0)),
    ];
    for contender in ["native", "green", "epoll"] {
        let measured = summary.median(IDLE, contender, "memory_each_kib");
        let what = format!("idle connection, user and kernel memory, {contender}, KiB");
        let (workload, of) = (IDLE.to_string(), vec![contender]);
        targets.push(Target { workload, of, what, measured, bound: Bound::Told });
    }
    targets
}

fn of_green(workload: &str, what: &str, measured: Option<f64>, bound: Bound) -> Target {
    Target { workload: workload.to_string(), of: vec!["green"], what: what.to_string(), measured, bound }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{Outcome, Run, Values};

    fn run(contender: &str, workload: &str, key: &str, value: f64) -> Run {
        let outcome = Outcome::values(Values::from([(key.to_string(), value)]));
        Run { round: 1, workload: workload.to_string(), contender: contender.to_string(), outcome }
    }

    fn verdict(runs: &[Run], what: &str) -> &'static str {
        let summary = Summary::of(runs);
        targets(&summary).iter().find(|target| target.what == what).unwrap().verdict(&summary)
    }

    #[test]
    fn verdicts() {
        let what = "echo, 1,000: CPU per request, green / epoll";
        let measured = |cpu| [run("green", "echo-1000", "cpu_ns", cpu), run("epoll", "echo-1000", "cpu_ns", 1_000.0)];
        assert_eq!(verdict(&measured(1_100.0), what), "ok");
        assert_eq!(verdict(&measured(1_101.0), what), "MISSED");
        assert_eq!(verdict(&[], what), "not measured");
    }

    #[test]
    fn what_stopped_missed_its_target() {
        let mut stopped = run("green", MILLION, "held", 32_000.0);
        stopped.outcome.stopped = Some("stopped at 32,000".to_string());
        assert_eq!(verdict(&[stopped], "1,000,000 parked, green, GiB resident"), "MISSED");
    }

    #[test]
    fn how_much_faster_is_native_over_green() {
        let runs = [run("green", "micro-cond", "ns", 100.0), run("native", "micro-cond", "ns", 2_000.0)];
        assert_eq!(verdict(&runs, "condition variable, one way, native / green"), "ok");
    }
}
