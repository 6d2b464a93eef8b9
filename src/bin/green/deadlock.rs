//! Threads that wait for each other in a circle: by mutexes, write locks and joins.
//!
//! A living process is read piece by piece while it runs, so a circle may be made of waits and owners of different moments. It's a
//! deadlock only if all of it holds at once. That is seen by reading the waits, then the owners, then the waits again: threads that
//! are in the very same waits before and after have neither taken nor released anything in between.

use crate::lock::{Lock, Owner};
use crate::locks::Contended;
use crate::table::Cause;
use crate::thread::{State, Thread, Wait};
use crate::waits::Waits;
use std::collections::HashMap;
use std::rc::Rc;
use std::thread::sleep;
use std::time::Duration;

/// One thread that waits for another.
pub struct Link<'a> {
    pub waiter: &'a Thread,
    pub owner: &'a Thread,
    /// None: it waits for the other's end.
    pub lock: Option<Rc<Lock<'a>>>,
}

/// Threads that wait for each other, each for the next one.
pub type Circle<'a> = Vec<Link<'a>>;

/// The deadlocks.
pub fn find<'a>(waits: &Waits<'a>, locks: &[Contended<'a>]) -> Vec<Circle<'a>> {
    lasting(circles(links(waits, locks), waits.threads), waits)
}

/// A circle in words.
pub fn text(circle: &[Link]) -> String {
    circle.iter().map(Link::text).collect::<Vec<_>>().join(", ")
}

/// Who waits for whom, by the waiter's id.
fn links<'a>(waits: &Waits<'a>, locks: &[Contended<'a>]) -> HashMap<u64, Link<'a>> {
    let mut links = HashMap::new();
    for Contended { lock, waiters } in locks {
        let Owner::Green(owner) = lock.owner else { continue };
        for waiter in waiters.iter().map(|waiter| waiter.thread) {
            links.insert(waiter.id, Link { waiter, owner, lock: Some(lock.clone()) });
        }
    }
    for waiter in waits.threads {
        let State::Waiting { wait: Wait { cause: Some(Cause::Join), on, .. }, .. } = waiter.state else { continue };
        if let Some(owner) = waits.by_id.get(&on) {
            links.insert(waiter.id, Link { waiter, owner, lock: None });
        }
    }
    links
}

/// The circles among them, each once.
fn circles<'a>(mut links: HashMap<u64, Link<'a>>, threads: &[Thread]) -> Vec<Circle<'a>> {
    // Each waits for one other: from anywhere the way leads into one circle, or ends.
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let mut found = Vec::new();
    for (round, thread) in threads.iter().enumerate() {
        let mut at = thread.id;
        while let (Some(link), None) = (links.get(&at), seen.get(&at)) {
            seen.insert(at, round);
            at = link.owner.id;
        }
        // It came back to where it was in this round.
        if seen.get(&at) == Some(&round) {
            let mut circle = Vec::new();
            while let Some(link) = links.remove(&at) {
                at = link.owner.id;
                circle.push(link);
            }
            found.extend((!circle.is_empty()).then_some(circle));
        }
    }
    found
}

/// Those that hold at one moment, and still do after a pause. (A core is one moment.)
fn lasting<'a>(circles: Vec<Circle<'a>>, waits: &Waits<'a>) -> Vec<Circle<'a>> {
    const PAUSE: Duration = Duration::from_millis(20);
    if !waits.process.memory.lives() {
        return circles;
    }
    let circles = seen(circles, waits);
    if circles.is_empty() {
        return circles;
    }
    sleep(PAUSE);
    seen(circles, waits)
}

/// Those that are seen to hold, in a few attempts: who waits for a lock of another process's or a stream's looks after it every few
/// milliseconds, and begins another wait.
fn seen<'a>(mut circles: Vec<Circle<'a>>, waits: &Waits<'a>) -> Vec<Circle<'a>> {
    const ATTEMPTS: u32 = 10;
    const BETWEEN: Duration = Duration::from_millis(1);
    let mut seen = Vec::new();
    for n in 0..ATTEMPTS {
        if circles.is_empty() {
            break;
        }
        if n > 0 {
            sleep(BETWEEN);
        }
        let (held, others) = circles.into_iter().partition(|circle| holds(circle, waits));
        seen.extend::<Vec<_>>(held);
        circles = others;
    }
    seen
}

fn holds<'a>(circle: &[Link<'a>], waits: &Waits<'a>) -> bool {
    let present = || circle.iter().map(|link| waits.process.wait_now(link.waiter)).collect::<Option<Vec<_>>>();
    let Some(before) = present() else { return false };
    let is_it = |(link, now): (&Link, &Wait)| match link.waiter.state {
        State::Waiting { wait, .. } => (wait.cause, wait.on) == (now.cause, now.on),
        _ => false,
    };
    let is_owned = |link: &Link<'a>| link.lock.as_ref().is_none_or(|lock| lock.is_held_by(link.owner, waits));
    let are_owned = || circle.iter().all(is_owned);
    circle.iter().zip(&before).all(is_it) && are_owned() && present() == Some(before)
}

impl Link<'_> {
    fn text(&self) -> String {
        let (waiter, owner) = (self.waiter.called_in_short(), self.owner.called_in_short());
        match &self.lock {
            Some(lock) => format!("{waiter} waits for {} held by {owner}", lock.short_name()),
            None => format!("{waiter} waits for the end of {owner}"),
        }
    }
}
