//! What held carriers, by place: the summary at the end of the process.

use crate::lock::Lock;
use crate::report::Line;
use crate::sys;
use core::fmt::Write;

struct Place {
    name: String,
    times: u64,
    total: u64,
    longest: u64,
}

static PLACES: Lock<Vec<Place>> = Lock::new(Vec::new());

/// Places that are kept; and told, the heaviest first.
const KEPT: usize = 1000;
const TOLD: usize = 20;

/// Notes a run of so many nanoseconds.
pub(super) fn add(name: &str, ns: u64) {
    let mut places = PLACES.lock();
    let known = places.iter().position(|p| p.name == name);
    let index = match known {
        Some(index) => index,
        None if places.len() == KEPT => return,
        None => {
            places.push(Place { name: name.to_owned(), times: 0, total: 0, longest: 0 });
            places.len() - 1
        }
    };
    let place = &mut places[index];
    place.times += 1;
    place.total += ns;
    place.longest = place.longest.max(ns);
}

/// Calls `tell` with each line of the summary: `libgreen blocking pid=… times=… total_ms=… longest_ms=… at=…`.
pub fn each_line(tell: &mut dyn FnMut(&[u8])) {
    let mut places = PLACES.lock();
    places.sort_by_key(|p| core::cmp::Reverse(p.total));
    for p in places.iter().take(TOLD) {
        let mut line = Line::new();
        let _ = writeln!(
            line,
            "libgreen blocking pid={} times={} total_ms={:.1} longest_ms={:.1} at={}",
            sys::getpid(),
            p.times,
            super::ms(p.total),
            super::ms(p.longest),
            p.name
        );
        tell(line.as_bytes());
    }
}

/// In the child of a fork.
pub(super) fn clear() {
    // SAFETY: the child has one thread.
    unsafe { PLACES.force_unlock() };
    core::mem::forget(core::mem::take(&mut *PLACES.lock()));
}
