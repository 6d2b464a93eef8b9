// std::sync::RwLock: readers are inside together, a writer alone.
use std::sync::{Barrier, RwLock};
use std::thread;

const READERS: usize = 12;
const WRITERS: u64 = 4;
const ROUNDS: u64 = 200;

fn main() {
    let pair = RwLock::new((0u64, 0u64));

    // They can only meet if all of them hold it at once.
    let meeting = Barrier::new(READERS);
    let leaders: usize = thread::scope(|scope| {
        let read = || {
            let _inside = pair.read().unwrap();
            usize::from(meeting.wait().is_leader())
        };
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(read)).collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    println!("readers met inside, leaders: {leaders}");

    let torn: usize = thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    let mut pair = pair.write().unwrap();
                    pair.0 += 1;
                    thread::yield_now();
                    pair.1 += 1;
                }
            });
        }
        let read = || {
            (0..ROUNDS)
                .filter(|_| {
                    let pair = pair.read().unwrap();
                    let before = pair.0;
                    thread::yield_now();
                    pair.0 != before || pair.1 != before
                })
                .count()
        };
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(read)).collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    println!("written: {:?}, torn: {torn}", pair.read().unwrap());

    let reader = pair.read().unwrap();
    thread::scope(|scope| {
        let tried = scope.spawn(|| (pair.try_read().is_ok(), pair.try_write().is_ok()));
        println!("beside a reader, try_read and try_write: {:?}", tried.join().unwrap());
    });
    drop(reader);
    println!("and alone: {}", pair.try_write().is_ok());
}
