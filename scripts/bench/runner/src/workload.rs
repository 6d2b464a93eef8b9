//! What is measured.

use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A server, and the load generator at `work`.
    /// `rate`: so many requests per second in all, instead of a closed loop.
    Load { work: String, connections: u32, active: Option<u32>, rate: Option<u32> },
    /// An echo server under strace.
    Syscalls { connections: u32 },
    /// Small costs within one process.
    Micro { cost: String },
    /// Very many threads that wait.
    Parked { count: u32 },
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Workload {
    pub name: String,
    pub title: String,
    pub kind: Kind,
    /// No more rounds than this: it takes long and says the same each time.
    pub most_rounds: u32,
}

/// The costs that `micro` can measure, with what one of them is.
pub const COSTS: [(&str, &str); 9] = [
    ("call", "a function call"),
    ("yield", "sched_yield, two threads"),
    ("create_join", "create and join a thread"),
    ("create_join_1000", "the same, 1,000 at once"),
    ("mutex", "lock + unlock, uncontended"),
    ("mutex_contended", "lock + unlock, 4 threads"),
    ("cond", "condition variable, one way"),
    ("sem", "semaphore, one way"),
    ("pipe", "a byte there and back, pipes"),
];

impl Workload {
    fn load(work: &str, connections: u32) -> Workload {
        let kind = Kind::Load { work: work.to_string(), connections, active: None, rate: None };
        Workload::new(format!("{work}-{connections}"), kind)
    }

    fn paced(connections: u32, rate: u32) -> Workload {
        let kind = Kind::Load { work: "echo".to_string(), connections, active: None, rate: Some(rate) };
        Workload::new(format!("paced-{connections}"), kind)
    }

    fn idle(connections: u32, active: u32) -> Workload {
        let kind = Kind::Load { work: "idle".to_string(), connections, active: Some(active), rate: None };
        Workload::new(format!("idle-{connections}"), kind)
    }

    fn new(name: String, kind: Kind) -> Workload {
        let title = kind.title();
        Workload { name, title, kind, most_rounds: u32::MAX }
    }

    /// The service that the server is asked for, if there is one.
    pub fn service(&self) -> Option<&str> {
        match &self.kind {
            Kind::Load { work, .. } if matches!(work.as_str(), "churn" | "idle") => Some("echo"),
            Kind::Load { work, .. } => Some(work),
            Kind::Syscalls { .. } => Some("echo"),
            Kind::Micro { .. } | Kind::Parked { .. } => None,
        }
    }

    /// Is memory for each connection worth a table?
    pub fn shows_memory(&self) -> bool {
        matches!(&self.kind, Kind::Load { work, connections, .. } if work == "idle" || *connections >= 10_000)
    }
}

impl Kind {
    fn title(&self) -> String {
        match self {
            Kind::Load { work, connections, rate: Some(rate), .. } => {
                let [connections, rate] = [connections, rate].map(|n| crate::table::commas(f64::from(*n)));
                format!("{work} of 512 bytes, {connections} connections, {rate} requests per second in all")
            }
            Kind::Load { work, connections, active, rate: None } => {
                let n = crate::table::commas(f64::from(*connections));
                let some = if *connections == 1 { "1 connection".to_string() } else { format!("{n} connections") };
                match work.as_str() {
                    "echo" => format!("echo of 512 bytes, {some}"),
                    "http" => format!("HTTP/1.1 keep-alive, {some}"),
                    "stream" => format!("a stream in blocks of 64 KiB, {some}; per MiB instead of per request"),
                    "churn" => format!("connect, one echo of 512 bytes, close; {n} at once"),
                    "idle" => format!("echo of 512 bytes, {some}, {} of them active", active.unwrap_or(*connections)),
                    "request" => format!(
                        "a thread for each request of 512 bytes, {some}, 64 locks (epoll: in its loop, without)"
                    ),
                    other => format!("{other}, {some}"),
                }
            }
            Kind::Syscalls { connections } => {
                let n = crate::table::commas(f64::from(*connections));
                format!("system calls per request: echo of 512 bytes, {n} connections, under strace -f -c")
            }
            Kind::Micro { cost } => {
                COSTS.iter().find(|(name, _)| name == cost).map_or(cost.as_str(), |(_, what)| what).to_string()
            }
            Kind::Parked { count } => {
                format!("{} threads that wait at one condition variable", crate::table::commas(f64::from(*count)))
            }
        }
    }
}

/// All workloads, in the order in which they run and are printed; a few that are short, if it has to be quick.
pub fn all(quick: bool) -> Vec<Workload> {
    let loads: &[(&str, &[u32])] = if quick {
        &[("echo", &[100, 1_000]), ("http", &[100]), ("stream", &[1]), ("churn", &[100]), ("request", &[100])]
    } else {
        &[
            ("echo", &[1, 100, 1_000, 5_000, 10_000]),
            ("http", &[100, 1_000]),
            ("stream", &[1, 100]),
            ("churn", &[100]),
            ("request", &[100]),
        ]
    };
    let mut all = Vec::new();
    for (work, sizes) in loads {
        all.extend(sizes.iter().map(|connections| Workload::load(work, *connections)));
    }
    all.push(if quick { Workload::idle(1_000, 100) } else { Workload::idle(10_000, 100) });
    all.push(Workload::paced(1_000, 60_000));
    let syscalls = Workload::new("syscalls".to_string(), Kind::Syscalls { connections: 1_000 });
    all.push(Workload { most_rounds: 3, ..syscalls });
    all.extend(
        COSTS.iter().map(|(cost, _)| Workload::new(format!("micro-{cost}"), Kind::Micro { cost: cost.to_string() })),
    );
    let counts: &[(u32, u32)] =
        if quick { &[(10_000, 1)] } else { &[(10_000, u32::MAX), (30_000, u32::MAX), (100_000, 3), (1_000_000, 3)] };
    for (count, most_rounds) in counts {
        let workload = Workload::new(format!("parked-{count}"), Kind::Parked { count: *count });
        all.push(Workload { most_rounds: *most_rounds, ..workload });
    }
    all
}
