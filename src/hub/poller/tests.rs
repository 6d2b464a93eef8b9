//! What every kind of poller promises.

use super::*;
use crate::config::HubKind;
use crate::hub::listeners;

const SOON: u64 = 20_000_000;

/// Runs a test with each kind that the kernel has.
fn each(test: impl Fn(&AnyPoller, &str)) {
    listeners::reserve().expect("memory");
    for (kind, name) in
        [(HubKind::Epoll, "epoll"), (HubKind::Poll, "poll"), (HubKind::Select, "select"), (HubKind::Uring, "io_uring")]
    {
        match AnyPoller::of_kind(kind) {
            Ok(poller) => {
                test(&poller, name);
                poller.close();
            }
            Err(e) => assert_eq!(kind, HubKind::Uring, "{name}: {e}"),
        }
    }
}

fn pair() -> [c_int; 2] {
    let mut fds = [0; 2];
    // SAFETY: fds holds two ints.
    assert_eq!(unsafe { libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM, 0, fds.as_mut_ptr()) }, 0);
    fds
}

fn write(fd: c_int) {
    assert_eq!(sys::write(fd, b"x"), Ok(1));
}

fn read(fd: c_int) {
    assert!(sys::read(fd, &mut [0; 64]).is_ok());
}

/// What comes within a moment: token, readable, writable; sorted, what concerns one token joined.
fn heard(poller: &AnyPoller) -> Vec<(u64, bool, bool)> {
    let mut events = [Event::NONE; 16];
    let mut all: Vec<(u64, bool, bool)> = Vec::new();
    let mut patience = SOON;
    while let Ok(n) = poller.wait(&mut events, patience) {
        for event in &events[..n] {
            match all.iter_mut().find(|one| one.0 == event.token) {
                Some(one) => *one = (one.0, one.1 | event.readable(), one.2 | event.writable()),
                None => all.push((event.token, event.readable(), event.writable())),
            }
        }
        if n == 0 {
            break;
        }
        patience = 0;
    }
    all.sort();
    all
}

fn read_wanted(poller: &AnyPoller, fd: c_int, token: u64) {
    poller.want(fd, token, Direction::Read, libc::POLLIN as u32);
}

#[test]
fn the_first_event_is_the_present_state() {
    each(|poller, name| {
        let ([a, b], [c, d]) = (pair(), pair());
        write(a);
        poller.add(b, 7).expect(name);
        poller.add(c, 8 << 32 | c as u64).expect(name);
        assert_eq!(heard(poller), [(7, true, true), (8 << 32 | c as u64, false, true)], "{name}");
        let _ = [a, b, c, d].map(sys::close);
    });
}

#[test]
fn one_event_per_edge_and_none_without() {
    each(|poller, name| {
        let [a, b] = pair();
        poller.add(b, 1).expect(name);
        assert_eq!(heard(poller), [(1, false, true)], "{name}");
        for _ in 0..3 {
            read_wanted(poller, b, 1);
            assert_eq!(heard(poller), [], "{name}");
            assert!(!poller.has_events(), "{name}");
            write(a);
            assert!(poller.has_events(), "{name}");
            assert!(heard(poller)[0].1, "{name}");
            assert_eq!(heard(poller), [], "{name}: told twice");
            read(b);
        }
        read_wanted(poller, b, 1);
        sys::close(a);
        assert!(heard(poller)[0].1, "{name}");
        sys::close(b);
    });
}

#[test]
fn an_fd_that_was_taken_out_is_silent_and_its_other_end_hears_of_its_close() {
    each(|poller, name| {
        let [a, b] = pair();
        poller.add(b, 1).expect(name);
        heard(poller);
        read_wanted(poller, b, 1);
        poller.remove(b, 1);
        write(a);
        assert!(heard(poller).iter().all(|one| one.0 != 1 || !one.1), "{name}");
        read_wanted(poller, b, 1);
        poller.remove(b, 1);
        sys::close(b);
        assert_ne!(sys::poll_now(a, libc::POLLIN) & libc::POLLHUP, 0, "{name}");
        poller.remove(b, 1);
        sys::close(a);
    });
}

#[test]
fn a_new_token_reports_the_present_state_again() {
    each(|poller, name| {
        let [a, b] = pair();
        poller.add(b, 1).expect(name);
        heard(poller);
        write(a);
        poller.remove(b, 1);
        heard(poller);
        poller.add(b, 2).expect(name);
        assert_eq!(heard(poller), [(2, true, true)], "{name}");
        poller.replace(b, 3).expect(name);
        assert!(heard(poller).contains(&(3, true, true)), "{name}");
        let _ = [a, b].map(sys::close);
    });
}

#[test]
fn waiting_takes_as_long_as_it_should() {
    each(|poller, name| {
        let began = sys::now();
        assert_eq!(poller.wait(&mut [Event::NONE; 4], 30_000_000), Ok(0), "{name}");
        let took = sys::now() - began;
        assert!((30_000_000..2_000_000_000).contains(&took), "{name}: {took}");
        assert_eq!(poller.wait(&mut [Event::NONE; 4], 0), Ok(0), "{name}");
    });
}

#[test]
fn a_regular_file_is_refused_or_always_ready() {
    each(|poller, name| {
        let fd = sys::open(b"/proc/self/exe\0", libc::O_RDONLY, 0).expect("ourselves");
        match poller.add(fd, 1) {
            Err(e) => assert_eq!(e, libc::EPERM, "{name}"),
            Ok(()) => assert!(heard(poller)[0].1, "{name}"),
        }
        sys::close(fd);
    });
}

#[test]
fn more_events_than_there_is_room_for_come_later() {
    each(|poller, name| {
        let pairs: Vec<_> = (0..40).map(|_| pair()).collect();
        for (i, [_, b]) in pairs.iter().enumerate() {
            poller.add(*b, i as u64).expect(name);
        }
        let mut seen: Vec<u64> = Vec::new();
        let mut events = [Event::NONE; 16];
        while let Ok(n @ 1..) = poller.wait(&mut events, SOON) {
            seen.extend(events[..n].iter().map(|event| event.token));
        }
        seen.sort();
        assert_eq!(seen, (0..40).collect::<Vec<u64>>(), "{name}");
        pairs.concat().into_iter().for_each(sys::close);
    });
}

#[test]
fn a_ring_that_overflows_loses_nothing() {
    let Ok(poller) = AnyPoller::of_kind(HubKind::Uring) else { return };
    listeners::reserve().expect("memory");
    let [a, b] = pair();
    poller.add(b, 1).expect("an fd");
    heard(&poller);
    // Each of these is a completion of its own, and there's room for 4,096; the carrier isn't looking.
    for _ in 0..6000 {
        write(a);
        read(b);
    }
    let mut ended = false;
    let mut events = [Event::NONE; 64];
    while let Ok(n @ 1..) = poller.wait(&mut events, SOON) {
        ended |= events[..n].iter().any(|event| event.ended());
    }
    // Whether it has ended or not: asked again, or not, it tells of the next edge.
    if ended {
        poller.add(b, 1).expect("again");
        heard(&poller);
    }
    write(a);
    assert!(heard(&poller)[0].1);
    poller.close();
    let _ = [a, b].map(sys::close);
}

#[test]
fn a_lost_poller_is_made_again() {
    for kind in [HubKind::Epoll, HubKind::Uring] {
        listeners::reserve().expect("memory");
        let Ok(poller) = AnyPoller::of_kind(kind) else { continue };
        let alarm = sys::eventfd().expect("an eventfd");
        let [a, b] = pair();
        assert_eq!(poller.mend(alarm), Ok(false), "{kind:?}");
        let number = number_of(&poller).expect("its number");
        // The alarm's event, if the poller had it twice.
        heard(&poller);
        sys::close(number);
        assert!(poller.wait(&mut [Event::NONE; 4], SOON).is_err_and(is_lost), "{kind:?}");
        assert_eq!(poller.mend(alarm), Ok(true), "{kind:?}");
        poller.add(b, 5).expect("an fd");
        write(a);
        assert!(heard(&poller).contains(&(5, true, true)), "{kind:?}");
        poller.close();
        let _ = [a, b, alarm].map(sys::close);
    }
}

/// Ours are marked; which of them makes way?
fn number_of(poller: &AnyPoller) -> Option<c_int> {
    match poller {
        AnyPoller::Epoll(epoll) => Some(epoll.number()),
        AnyPoller::Uring(ring) => Some(ring.number()),
        _ => None,
    }
}

#[test]
fn a_poller_makes_way_and_goes_on() {
    each(|poller, name| {
        let [a, b] = pair();
        poller.add(b, 1).expect(name);
        heard(poller);
        read_wanted(poller, b, 1);
        if let Some(number) = number_of(poller) {
            assert_eq!(poller.make_way(number), Ok(true), "{name}");
            assert!(number_of(poller) != Some(number) && !listeners::is_ours(number), "{name}");
            // The number is the program's now.
            sys::close(number);
        }
        write(a);
        assert!(heard(poller)[0].1, "{name}");
        let _ = [a, b].map(sys::close);
    });
}

/// io_uring is told of the alarm by its number with the next wait only; until then another file may get that number.
#[test]
fn an_alarm_is_heard_under_its_new_number() {
    each(|poller, name| {
        let alarm = sys::eventfd().expect(name);
        poller.add(alarm, ALARM).expect(name);
        let other = sys::fcntl(alarm, libc::F_DUPFD_CLOEXEC, alarm).expect(name);
        poller.renumber(alarm, other);
        let [a, b] = pair();
        sys::duplicate(b, alarm);
        sys::write(other, &1u64.to_ne_bytes()).expect(name);
        let mut events = [Event::NONE; 4];
        let n = poller.wait(&mut events, SOON).expect(name);
        assert!(events[..n].iter().any(|event| event.token == ALARM && event.readable()), "{name}");
        let _ = [a, b, alarm, other].map(sys::close);
    });
}
