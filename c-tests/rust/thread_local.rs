// thread_local!: each thread has its own, its destructor runs before join returns, and may use another one.
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

static DROPPED: AtomicUsize = AtomicUsize::new(0);
static SUM: AtomicUsize = AtomicUsize::new(0);

struct Tally(Vec<usize>);

impl Drop for Tally {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::SeqCst);
        SUM.fetch_add(self.0.iter().sum(), Ordering::SeqCst);
        // A const one without a destructor is there to the last.
        assert_eq!(NUMBER.get(), self.0.len());
        thread::yield_now();
    }
}

thread_local! {
    static TALLY: RefCell<Tally> = const { RefCell::new(Tally(Vec::new())) };
    static NUMBER: Cell<usize> = const { Cell::new(0) };
    static LAZY: String = thread::current().name().unwrap_or("none").to_string();
}

fn work(seed: usize) -> bool {
    for i in 0..20 {
        TALLY.with_borrow_mut(|tally| tally.0.push(seed + i));
        NUMBER.set(NUMBER.get() + 1);
        thread::yield_now();
    }
    TALLY.with_borrow(|tally| tally.0.iter().enumerate().all(|(i, &n)| n == seed + i))
}

fn main() {
    let threads: Vec<_> = (0..50)
        .map(|i| {
            let builder = thread::Builder::new().name(format!("worker {i}"));
            builder.spawn(move || work(i * 100) && LAZY.with(|name| *name == format!("worker {i}"))).unwrap()
        })
        .collect();
    let mut right = 0;
    let mut behind = 0;
    for (i, thread) in threads.into_iter().enumerate() {
        right += usize::from(thread.join().unwrap());
        behind += usize::from(DROPPED.load(Ordering::SeqCst) < i + 1);
    }
    println!("right: {right}, joined before the destructor had run: {behind}");
    println!("dropped: {}, sum: {}", DROPPED.load(Ordering::SeqCst), SUM.load(Ordering::SeqCst));
    println!("main: {}, {}", LAZY.with(String::clone), NUMBER.get());
}
