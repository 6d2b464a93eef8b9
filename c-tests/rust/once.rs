// Once, OnceLock and LazyLock: one of many threads runs the initialiser, the others wait for it.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Once, OnceLock};
use std::thread;
use std::time::Duration;

static RUNS: AtomicUsize = AtomicUsize::new(0);
static LAZY: LazyLock<String> = LazyLock::new(|| slowly("lazy"));

fn slowly(text: &str) -> String {
    thread::sleep(Duration::from_millis(10));
    RUNS.fetch_add(1, Ordering::SeqCst);
    text.to_string()
}

/// How many of 60 threads say yes, and how often an initialiser ran meanwhile.
fn count(what: &str, ask: impl Fn() -> bool + Sync) {
    RUNS.store(0, Ordering::SeqCst);
    let right = thread::scope(|scope| {
        let threads: Vec<_> = (0..60).map(|_| scope.spawn(&ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|&right| right).count()
    });
    println!("{what}: {right} threads saw it, {} ran it", RUNS.load(Ordering::SeqCst));
}

fn main() {
    let once = Once::new();
    count("Once", || {
        once.call_once(|| drop(slowly("")));
        once.is_completed()
    });
    let cell = OnceLock::new();
    count("OnceLock", || cell.get_or_init(|| slowly("cell")) == "cell");
    count("LazyLock", || *LAZY == "lazy");

    std::panic::set_hook(Box::new(|_| {}));
    let failing = Once::new();
    let first = thread::scope(|scope| scope.spawn(|| failing.call_once(|| panic!("no"))).join().is_err());
    let second = thread::scope(|scope| scope.spawn(|| failing.call_once(|| {})).join().is_err());
    println!("it panicked: {first}, so does the next: {second}");
    failing.call_once_force(|state| println!("forced, it was poisoned: {}", state.is_poisoned()));
}
