// std::sync::Mutex in an Arc: counting under contention, try_lock, and a lock that is poisoned by a panic.
use std::sync::{Arc, Mutex, TryLockError};
use std::thread;

const THREADS: u64 = 50;
const ROUNDS: u64 = 500;

fn main() {
    let count = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let count = Arc::clone(&count);
            thread::spawn(move || {
                for _ in 0..ROUNDS {
                    let mut count = count.lock().unwrap();
                    let before = *count;
                    if before % 100 == 0 {
                        thread::yield_now();
                    }
                    *count = before + 1;
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    println!("counted {} of {}", count.lock().unwrap(), THREADS * ROUNDS);
    println!("references left: {}", Arc::strong_count(&count));

    let held = count.lock().unwrap();
    thread::scope(|scope| {
        let tried = scope.spawn(|| matches!(count.try_lock(), Err(TryLockError::WouldBlock)));
        println!("try_lock would block: {}", tried.join().unwrap());
    });
    drop(held);

    std::panic::set_hook(Box::new(|_| {}));
    let poisoner = Arc::clone(&count);
    let panicked = thread::spawn(move || {
        let mut count = poisoner.lock().unwrap();
        *count = 7;
        panic!("while it is locked");
    });
    println!("panicked: {}", panicked.join().is_err());
    println!("poisoned: {}", count.is_poisoned());
    println!("its value: {}", count.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
}
