//! What `green top` shows of two looks at a process.

use super::sample::Sample;
use crate::symbols::Symbols;
use crate::table::Cause;
use crate::thread::{in_states, name_width, State, Thread};
use crate::waits::Waits;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Row, Table};
use ratatui::Frame;
use std::fmt::Write;

/// What the list of threads is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Seconds,
    Name,
    What,
}

pub struct View<'a> {
    pub symbols: &'a Symbols<'a>,
    /// The look before, if there was one: without it there are no rates.
    pub before: Option<&'a Sample<'a>>,
    pub now: &'a Sample<'a>,
    pub order: Order,
    /// There are keys to be told of.
    pub is_live: bool,
}

/// Columns that one counter takes, with its rate.
const CELL: usize = 26;

impl View<'_> {
    /// Draws it all; the list of threads from this one on, or as far on as there are lines to be filled. Which one that was.
    pub fn draw(&self, frame: &mut Frame, from: usize) -> usize {
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
        let rows = usize::from(list.height).saturating_sub(1);
        let from = from.min(self.now.threads.len().saturating_sub(rows));
        frame.render_widget(self.list(from, rows), list);
        frame.render_widget(Line::from("q quits; sort by s seconds, n name, w what; arrows scroll").dim(), foot);
        from
    }

    /// All of it as plain text, whatever its size.
    pub fn text(&self) -> String {
        const COLUMNS: usize = 4;
        let mut text = format!("{}\n{}\nper second:\n", self.states(), self.waits());
        for line in self.rates(COLUMNS) {
            let _ = writeln!(text, "{}", line.to_string().trim_end());
        }
        let width = name_width(&self.now.threads);
        let _ = writeln!(text, "{:<14} {:<width$} {:<8} {:>9}  what", "thread", "name", "state", "seconds");
        for [id, name, state, seconds, what] in self.rows(0, usize::MAX) {
            let line = format!("{id:<14} {name:<width$} {state:<8} {seconds:>9}  {what}");
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }

    fn states(&self) -> Line<'static> {
        let threads = &self.now.threads;
        let (hubs, carriers) = (self.now.hubs, self.now.counter("carriers"));
        Line::from(vec![
            format!("{}: {} green threads", self.now.process.memory.title(), threads.len()).bold(),
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
        type Counters = Vec<(String, u64)>;
        let value = |counters: for<'s> fn(&'s Sample) -> &'s Counters, n: usize| {
            (counters(self.now)[n].1, self.before.and_then(|b| counters(b).get(n)).map(|(_, value)| *value))
        };
        let hub: for<'s> fn(&'s Sample) -> &'s Counters = |s| &s.of_hubs;
        let process: for<'s> fn(&'s Sample) -> &'s Counters = |s| &s.of_process;
        let mut cells = Vec::new();
        for (n, (name, _)) in self.now.of_hubs.iter().enumerate().filter(|(_, (name, _))| name != "timers_late_us") {
            cells.push((name.replace('_', " "), rate(value(hub, n))));
        }
        for (n, (name, _)) in self.now.of_process.iter().enumerate() {
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

    /// Some threads: id, name, state, seconds, what.
    fn rows(&self, from: usize, count: usize) -> Vec<[String; 5]> {
        let threads = &self.now.threads;
        let waits = Waits::new(&self.now.process, self.symbols, threads);
        let row = |thread: &Thread| {
            let (state, seconds, what) = waits.state(thread);
            let seconds = seconds.map_or(String::new(), |s| format!("{s:.3}"));
            [format!("{:x}", thread.id), thread.shown_name(), state.to_string(), seconds, what]
        };
        threads.iter().skip(from).take(count).map(row).collect()
    }

    fn list(&self, from: usize, count: usize) -> Table<'static> {
        let rows = self
            .rows(from, count)
            .into_iter()
            .map(|[id, name, state, seconds, what]| Row::new([id, name, state, format!("{seconds:>9}"), what]));
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
