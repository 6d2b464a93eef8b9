//! `green top PID`: the same as `green ps`, again and again, with how often what happens per second.

mod ending;
mod sample;
mod view;

use crate::memory::Memory;
use crate::output::put;
use crate::symbols::Symbols;
use crate::Answer;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::{Frame, Terminal};
use sample::Sample;
use std::io::{self, IsTerminal};
use std::mem::ManuallyDrop;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use view::{Order, View};

/// Shows the green threads of a process, live, and what happens per second
///
/// Keys: s, n, w sort by seconds, name, what the thread waits for; arrows, page keys, Home and End scroll; q quits. Reads the process's memory
/// from outside, as `green ps` does.
#[derive(clap::Args)]
pub struct Args {
    /// The process
    #[arg(value_parser = clap::value_parser!(i32).range(1..))]
    pid: i32,
    /// Prints all of it once, as plain text, after one interval
    #[arg(long)]
    once: bool,
    /// Seconds between two looks
    #[arg(long, default_value = "1", value_parser = seconds)]
    interval: Duration,
    /// With --once: what a terminal of this size would show, columns x lines (110x32)
    #[arg(long, value_parser = size, requires = "once")]
    size: Option<(u16, u16)>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|s| (0.05..=3600.0).contains(s));
    seconds.map(Duration::from_secs_f64).ok_or("from 0.05 to 3600".to_string())
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let parts = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    parts.filter(|(w, h)| (40..=1000).contains(w) && (10..=1000).contains(h)).ok_or("such as 110x32".to_string())
}

pub fn run(args: &Args) -> Answer {
    let memory = Memory::of(args.pid)?;
    let table = memory.find_table()?;
    let symbols = Symbols::quietly_of(&memory);
    let first = Sample::take(&memory, &symbols, table)?;
    if args.once {
        std::thread::sleep(args.interval);
        let mut second = Sample::take(&memory, &symbols, table)?;
        let order = Order::Seconds;
        second.sort(order);
        let view = View { symbols: &symbols, before: Some(&first), now: &second, order, is_live: false };
        put(&match args.size {
            Some(size) => clipped(&view, size)?,
            None => view.text(),
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err("this is no terminal (--once prints one picture)".to_string());
    }
    ending::prepare();
    let ended = watch(args, &memory, &symbols, table, first);
    // Whatever has been done to it: it may have failed half-way.
    ending::put_back();
    if let Some(why) = ended? {
        put(&format!("{why}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Until the user has seen enough (None), or there's nothing more to be seen: why.
fn watch<'m>(
    args: &Args,
    memory: &'m Memory,
    symbols: &Symbols<'m>,
    table: u64,
    first: Sample<'m>,
) -> Result<Option<String>, String> {
    let failed = |e: io::Error| format!("the terminal: {e}");
    // Dropped, it would panic if the terminal has gone.
    let mut terminal = ManuallyDrop::new(ratatui::try_init().map_err(failed)?);
    let (mut before, mut now) = (None, first);
    let (mut order, mut scrolled) = (Order::Seconds, 0usize);
    loop {
        now.sort(order);
        let view = View { symbols, before: before.as_ref(), now: &now, order, is_live: true };
        terminal.draw(|frame| scrolled = view.draw(frame, scrolled)).map_err(failed)?;
        let until = now.at + args.interval;
        if has_event(until).map_err(failed)? {
            let page = usize::from(terminal.size().map_err(failed)?.height / 2);
            match event::read().map_err(failed)? {
                Event::Key(key) if is_end(key) => return Ok(None),
                Event::Key(KeyEvent { code, kind: KeyEventKind::Press | KeyEventKind::Repeat, .. }) => match code {
                    KeyCode::Char('s') => order = Order::Seconds,
                    KeyCode::Char('n') => order = Order::Name,
                    KeyCode::Char('w') => order = Order::What,
                    KeyCode::Down => scrolled = scrolled.saturating_add(1),
                    KeyCode::Up => scrolled = scrolled.saturating_sub(1),
                    KeyCode::PageDown => scrolled = scrolled.saturating_add(page),
                    KeyCode::PageUp => scrolled = scrolled.saturating_sub(page),
                    KeyCode::Home => scrolled = 0,
                    // As far as there's something to be shown.
                    KeyCode::End => scrolled = usize::MAX,
                    _ => {}
                },
                _ => {}
            }
        }
        if Instant::now() >= until {
            match Sample::take(memory, symbols, table) {
                Ok(next) => before = Some(std::mem::replace(&mut now, next)),
                Err(why) => return Ok(Some(why)),
            }
        }
    }
}

/// Waits for an event. Not in `event::poll`, which doesn't come back when the terminal has gone.
fn has_event(until: Instant) -> io::Result<bool> {
    let left = until.saturating_duration_since(Instant::now()).as_millis() as i32;
    let mut stdin = libc::pollfd { fd: libc::STDIN_FILENO, events: libc::POLLIN, revents: 0 };
    // SAFETY: poll(2) with one object of ours. A signal ends it, as one does that tells of another size: that's an event too.
    unsafe { libc::poll(&mut stdin, 1, left + 1) };
    if stdin.revents & (libc::POLLHUP | libc::POLLERR | libc::POLLNVAL) != 0 {
        return Err(io::Error::other("it has gone"));
    }
    event::poll(Duration::ZERO)
}

fn is_end(key: KeyEvent) -> bool {
    key.code == KeyCode::Char('q') || (key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL))
}

/// What a terminal of a size would show, as text.
fn clipped(view: &View, (width, height): (u16, u16)) -> Result<String, String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).map_err(|e| e.to_string())?;
    let draw = |frame: &mut Frame| {
        view.draw(frame, 0);
    };
    terminal.draw(draw).map_err(|e| e.to_string())?;
    let buffer = terminal.backend().buffer();
    let line = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_string() + "\n";
    Ok((0..height).map(line).collect::<String>().trim_end().to_string() + "\n")
}
