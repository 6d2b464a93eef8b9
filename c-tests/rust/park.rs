// park and unpark: a token that comes first is kept, park_timeout runs out, a ring of threads hands one token round.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::OnceLock;
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

const RING: usize = 20;
const ROUNDS: usize = 50;

fn tokens() {
    thread::current().unpark();
    thread::current().unpark();
    thread::park();
    println!("the token was kept");
    let begun = Instant::now();
    // park_timeout may come back without a reason.
    while begun.elapsed() < Duration::from_millis(40) {
        thread::park_timeout(Duration::from_millis(40).saturating_sub(begun.elapsed()));
    }
    println!("but only one of them");
}

fn main() {
    tokens();
    thread::spawn(tokens).join().unwrap();

    let turn = AtomicUsize::new(0);
    let ring: OnceLock<Vec<Thread>> = OnceLock::new();
    let steps: usize = thread::scope(|scope| {
        let handles: Vec<_> = (0..RING)
            .map(|i| {
                let (turn, ring) = (&turn, &ring);
                scope.spawn(move || {
                    let ring = ring.wait();
                    for round in 0..ROUNDS {
                        while turn.load(Ordering::Acquire) != round * RING + i {
                            thread::park();
                        }
                        turn.fetch_add(1, Ordering::Release);
                        ring[(i + 1) % RING].unpark();
                    }
                    ROUNDS
                })
            })
            .collect();
        ring.set(handles.iter().map(|handle| handle.thread().clone()).collect()).unwrap();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    });
    println!("steps: {steps}, turns: {}", turn.load(Ordering::SeqCst));
}
