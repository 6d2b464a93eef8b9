// thread::scope: threads that borrow, in scopes within threads within scopes, and a scope that passes a panic on.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Merge sort, a thread for each half.
fn sort(numbers: &mut [u32]) {
    if numbers.len() <= 64 {
        return numbers.sort_unstable();
    }
    let middle = numbers.len() / 2;
    let (left, right) = numbers.split_at_mut(middle);
    thread::scope(|scope| {
        scope.spawn(|| sort(left));
        scope.spawn(|| sort(right));
    });
    let mut merged = Vec::with_capacity(numbers.len());
    let (mut l, mut r) = (0, middle);
    while l < middle || r < numbers.len() {
        if r == numbers.len() || (l < middle && numbers[l] <= numbers[r]) {
            merged.push(numbers[l]);
            l += 1;
        } else {
            merged.push(numbers[r]);
            r += 1;
        }
    }
    numbers.copy_from_slice(&merged);
}

fn main() {
    let mut seed = 1u32;
    let mut numbers: Vec<u32> = (0..4096)
        .map(|_| {
            seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
            seed >> 8
        })
        .collect();
    let sum: u64 = numbers.iter().map(|&n| u64::from(n)).sum();
    sort(&mut numbers);
    println!("sorted: {}", numbers.is_sorted());
    println!("the same numbers: {}", sum == numbers.iter().map(|&n| u64::from(n)).sum::<u64>());

    let ended = AtomicUsize::new(0);
    std::panic::set_hook(Box::new(|_| {}));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        thread::scope(|scope| {
            for i in 0..10 {
                let ended = &ended;
                scope.spawn(move || {
                    thread::yield_now();
                    ended.fetch_add(1, Ordering::SeqCst);
                    assert!(i != 5, "the sixth");
                });
            }
        })
    }));
    println!("the scope panicked: {}, after all {} had ended", result.is_err(), ended.load(Ordering::SeqCst));
}
