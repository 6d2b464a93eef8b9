// thread::Builder: names, which the kernel's limit cuts short, ids, stacks of the size that was asked for.
use std::collections::HashSet;
use std::thread;

/// Uses about 1 KiB of stack for each level.
#[inline(never)]
fn deep(levels: usize) -> usize {
    let block = std::hint::black_box([levels as u8; 1024]);
    if levels == 0 {
        return 0;
    }
    deep(levels - 1) + 1 + usize::from(block[levels % 1024] != levels as u8)
}

fn main() {
    println!("main is {:?}", thread::current().name());
    for name in ["short", "a name of more than fifteen bytes"] {
        let builder = thread::Builder::new().name(name.to_string());
        let told = builder.spawn(|| thread::current().name().map(str::to_string)).unwrap().join().unwrap();
        println!("{told:?}");
    }
    println!("nameless: {:?}", thread::spawn(|| thread::current().name().map(str::to_string)).join().unwrap());
    let refused = std::panic::catch_unwind(|| {
        std::panic::set_hook(Box::new(|_| {}));
        thread::Builder::new().name("with a \0".to_string()).spawn(|| {}).is_err()
    });
    println!("a NUL in the name is refused: {}", refused.unwrap_or(true));

    // At opt-level 0 a level takes several KiB.
    for (size, levels) in [(1 << 20, 100), (32 << 20, 3000)] {
        let builder = thread::Builder::new().stack_size(size);
        println!("{size} bytes: {} levels", builder.spawn(move || deep(levels)).unwrap().join().unwrap());
    }

    let threads: Vec<_> = (0..100).map(|_| thread::spawn(|| thread::current().id())).collect();
    let ids: HashSet<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    println!("different ids: {}", ids.len());
    println!("processors: {}", thread::available_parallelism().is_ok());
}
