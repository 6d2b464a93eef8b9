//! What `green top` shows of two looks at a process.

use super::sample::Sample;
use crate::memory::Memory;
use crate::process::{in_states, State, Thread};
use crate::table::Cause;
use crate::waits::Waits;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Row, Table};
use ratatui::Frame;

/// What the list of threads is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Seconds,
    Name,
    What,
}

pub struct View<'a> {
    pub pid: i32,
    pub memory: &'a Memory,
    /// The look before, if there was one: without it there are no rates.
    pub before: Option<&'a Sample>,
    pub now: &'a Sample,
    pub order: Order,
    /// There are keys to be told of.
    pub is_live: bool,
}

/// Columns that one counter takes, with its rate.
const CELL: usize = 26;

impl View<'_> {
    /// Draws it all; the list of threads from this one on.
    pub fn draw(&self, frame: &mut Frame, from: usize) {
        let rates = self.rates(usize::from(frame.area().width.saturating_sub(2)) / CELL);
        let high = rates.len() as u16 + 2;
        let areas = Layout::vertical([
            Constraint::Length(2),
            Constraint::Length(high),
            Constraint::Min(3),
            Constraint::Length(u16::from(self.is_live)),
        ]);
        let [head, middle, list, foot] = areas.areas(frame.area());
        frame.render_widget(Paragraph::new(vec![self.states(), self.waits()]), head);
        frame.render_widget(Paragraph::new(rates).block(Block::bordered().title(" per second ")), middle);
        frame.render_widget(self.list(from, list), list);
        frame.render_widget(Line::from("q quits; sort by s seconds, n name, w what; arrows scroll").dim(), foot);
    }

    fn states(&self) -> Line<'static> {
        let threads = &self.now.threads;
        let (hubs, carriers) = (self.now.hubs, self.now.of_process("carriers"));
        Line::from(vec![
            format!("process {}: {} green threads", self.pid, threads.len()).bold(),
            Span::raw(format!(
                ": {}; {hubs} {}, {carriers} {} at most",
                in_states(threads),
                if hubs == 1 { "hub" } else { "hubs" },
                if carriers == 1 { "carrier" } else { "carriers" },
            )),
        ])
    }

    /// How many wait for what.
    fn waits(&self) -> Line<'static> {
        let mut parts = Vec::new();
        for cause in Cause::ALL {
            let is_it = |t: &&Thread| matches!(t.state, State::Waiting { wait, .. } if wait.cause == Some(cause));
            let n = self.now.threads.iter().filter(is_it).count();
            if n > 0 {
                parts.push(format!("{} {n}", cause.word()));
            }
        }
        let text = if parts.is_empty() { "nothing".to_string() } else { parts.join(", ") };
        Line::from(vec!["waiting for: ".bold(), Span::raw(text)])
    }

    /// The counters' rates, so many in a line.
    fn rates(&self, columns: usize) -> Vec<Line<'static>> {
        let seconds = self.before.map_or(1.0, |b| self.now.at.duration_since(b.at).as_secs_f64().max(1e-3));
        let rate = |(now, before): (u64, Option<u64>)| match before {
            Some(before) => grouped((now.saturating_sub(before) as f64 / seconds).round() as u64),
            None => "-".to_string(),
        };
        let value = |samples: fn(&Sample) -> &Vec<(String, u64)>, n: usize| {
            (samples(self.now)[n].1, self.before.and_then(|b| samples(b).get(n)).map(|(_, value)| *value))
        };
        let hub: fn(&Sample) -> &Vec<(String, u64)> = |s| &s.hub;
        let process: fn(&Sample) -> &Vec<(String, u64)> = |s| &s.process;
        let mut cells = Vec::new();
        for (n, (name, _)) in self.now.hub.iter().enumerate().filter(|(_, (name, _))| name != "timers_late_us") {
            cells.push((name.replace('_', " "), rate(value(hub, n))));
        }
        for (n, (name, _)) in self.now.process.iter().enumerate() {
            match name.as_str() {
                "threads" => cells.push(("threads made".to_string(), rate(value(process, n)))),
                "handoffs" => cells.push((name.clone(), rate(value(process, n)))),
                _ => {}
            }
        }
        let cell = |(name, rate): &(String, String)| {
            vec![Span::raw(format!(" {name:<13}")), format!("{rate:>10}").bold(), Span::raw("  ")]
        };
        cells.chunks(columns.max(1)).map(|cells| Line::from(cells.iter().flat_map(cell).collect::<Vec<_>>())).collect()
    }

    fn list(&self, from: usize, area: Rect) -> Table<'static> {
        let threads = &self.now.threads;
        let waits = Waits::new(self.memory, threads);
        let rows = threads.iter().skip(from).take(usize::from(area.height)).map(|t| {
            let (state, seconds, what) = waits.state(t);
            let seconds = seconds.map_or(String::new(), |s| format!("{s:>9.3}"));
            Row::new([format!("{:x}", t.id), t.name.clone(), state.to_string(), seconds, what])
        });
        let title = |name: &str, order| if self.order == order { format!("{name} ▾") } else { name.to_string() };
        let titles = [
            "thread".to_string(),
            title("name", Order::Name),
            "state".to_string(),
            format!("{:>9}", title("seconds", Order::Seconds)),
            title("what", Order::What),
        ];
        let widths = [
            Constraint::Length(14),
            Constraint::Length(15),
            Constraint::Length(7),
            Constraint::Length(9),
            Constraint::Min(10),
        ];
        Table::new(rows, widths).header(Row::new(titles).style(Style::new().reversed()))
    }
}

/// 1234567 as 1,234,567.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}
