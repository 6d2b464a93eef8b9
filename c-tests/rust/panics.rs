// A panic ends its thread alone: join tells of it, what was on the stack is dropped, the others go on.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        thread::yield_now();
        assert!(thread::panicking());
        DROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

fn descend(level: usize) {
    let _guard = Guard;
    if level == 0 {
        panic!("at the bottom");
    }
    descend(level - 1);
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    // All of them unwind at the same time.
    let together = Arc::new(Barrier::new(30));
    let threads: Vec<_> = (0..30)
        .map(|i| {
            let together = Arc::clone(&together);
            thread::spawn(move || {
                together.wait();
                if i % 2 == 0 {
                    descend(9);
                }
                i
            })
        })
        .collect();
    let (mut panicked, mut sum) = (0, 0);
    for thread in threads {
        match thread.join() {
            Ok(number) => sum += number,
            Err(payload) => panicked += usize::from(payload.downcast_ref() == Some(&"at the bottom")),
        }
    }
    println!("panicked: {panicked}, sum of the others: {sum}, guards dropped: {}", DROPPED.load(Ordering::SeqCst));

    let caught =
        thread::spawn(|| std::panic::catch_unwind(|| panic!("{}", 7)).unwrap_err().downcast::<String>().unwrap());
    println!("caught within a thread: {}", caught.join().unwrap());
    let value = thread::spawn(|| std::panic::panic_any(42)).join().unwrap_err();
    println!("a payload of its own: {:?}", value.downcast_ref::<i32>());
    let index = thread::spawn(|| [1, 2, 3][std::hint::black_box(7)]).join().unwrap_err();
    println!("{}", index.downcast_ref::<String>().map_or("?", String::as_str));
}
