//! The peer tokio: an async task for each connection, on the runtime of one thread.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use peers::{call, raise_descriptor_limit, since, sum, Heads, Memory, Service, Task, ANSWER, BLOCK, LOCKS, REQUEST};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::yield_now;

fn main() {
    raise_descriptor_limit();
    let task = Task::asked();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    let run = async {
        match task {
            Task::Serve(service) => serve(service).await.map(|()| true),
            Task::Micro { costs } => {
                for (cost, rounds) in costs {
                    println!("{cost} {:.1}", micro(cost, rounds).await);
                }
                Ok(true)
            }
            Task::Parked { count } => Ok(parked(count).await),
        }
    };
    // What the runtime runs by itself costs more to switch to than a task.
    let all_well = runtime.block_on(async { tokio::spawn(run).await.expect("a panic") });
    match all_well {
        Ok(true) => {}
        Ok(false) => std::process::exit(1),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1)
        }
    }
}

// ---- services

/// What isn't held across an await: the standard library's, as tokio's documentation says.
type Sums = Arc<[Mutex<u64>]>;

async fn serve(service: Service) -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let listener = socket.listen(4096)?;
    println!("{}", listener.local_addr()?.port());
    let sums: Sums = (0..LOCKS).map(|_| Mutex::new(0)).collect();
    loop {
        let (stream, _) = listener.accept().await?;
        let sums = sums.clone();
        // That a connection breaks is how it ends.
        tokio::spawn(async move {
            stream.set_nodelay(true)?;
            match service {
                Service::Echo => echo(stream).await,
                Service::Http => http(stream).await,
                Service::Stream => flood(stream).await,
                Service::Request => requests(stream, &sums).await,
            }
        });
    }
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; REQUEST];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            n => stream.write_all(&buffer[..n]).await?,
        }
    }
}

async fn http(mut stream: TcpStream) -> io::Result<()> {
    let mut heads = Heads::new();
    loop {
        let came = match stream.read(heads.room()).await? {
            0 => return Ok(()),
            n => heads.came(n),
        };
        for _ in 0..came {
            stream.write_all(ANSWER).await?;
        }
    }
}

async fn flood(mut stream: TcpStream) -> io::Result<()> {
    stream.read_exact(&mut [0]).await?;
    loop {
        stream.write_all(&BLOCK).await?;
    }
}

/// A task for each request: it accounts for the bytes under one of the locks, and sends them back.
async fn requests(mut stream: TcpStream, sums: &Sums) -> io::Result<()> {
    let mut request = [0; REQUEST];
    loop {
        stream.read_exact(&mut request).await?;
        let sums = sums.clone();
        let answer = tokio::spawn(async move {
            let (lock, bytes) = sum(&request);
            *sums[lock].lock().unwrap() += bytes;
            stream.write_all(&request).await.map(|()| stream)
        });
        stream = answer.await.expect("a panic")?;
    }
}

// ---- small costs

/// That many tasks at once, until all are done.
async fn together<T: Future<Output = ()> + Send + 'static>(count: usize, task: impl Fn(usize) -> T) {
    let all: Vec<_> = (0..count).map(|me| tokio::spawn(task(me))).collect();
    for one in all {
        one.await.expect("a panic");
    }
}

async fn micro(name: &str, rounds: u64) -> f64 {
    let start = Instant::now();
    match name {
        "call" => call(rounds),
        "create_join" => {
            for _ in 0..rounds {
                tokio::spawn(async {}).await.expect("a panic");
            }
            since(start, rounds)
        }
        "create_join_1000" => {
            let batches = rounds.div_ceil(1000);
            for _ in 0..batches {
                together(1000, |_| async {}).await;
            }
            since(start, 1000 * batches)
        }
        "yield" => {
            together(2, |_| async move {
                for _ in 0..rounds {
                    yield_now().await;
                }
            })
            .await;
            since(start, 2 * rounds)
        }
        "mutex" => {
            let counter = tokio::sync::Mutex::new(0);
            for _ in 0..rounds {
                *counter.lock().await += 1;
            }
            since(start, rounds)
        }
        "mutex_contended" => {
            let counter = Arc::new(tokio::sync::Mutex::new(0));
            together(4, |_| {
                let counter = counter.clone();
                async move {
                    for _ in 0..rounds {
                        *counter.lock().await += 1;
                    }
                }
            })
            .await;
            since(start, 4 * rounds)
        }
        "cond" => {
            // Tokio has no condition variable; its Notify beside a mutex does what one does.
            let shared = Arc::new((Mutex::new(0), Notify::new()));
            together(2, |me| {
                let shared = shared.clone();
                async move {
                    let (turn, changed) = &*shared;
                    for _ in 0..rounds {
                        while *turn.lock().unwrap() != me {
                            changed.notified().await;
                        }
                        *turn.lock().unwrap() = 1 - me;
                        changed.notify_one();
                    }
                }
            })
            .await;
            since(start, 2 * rounds)
        }
        "sem" => {
            let turns = Arc::new([Semaphore::new(1), Semaphore::new(0)]);
            together(2, |me| {
                let turns = turns.clone();
                async move {
                    for _ in 0..rounds {
                        turns[me].acquire().await.expect("open").forget();
                        turns[1 - me].add_permits(1);
                    }
                }
            })
            .await;
            since(start, 2 * rounds)
        }
        "pipe" => pipe(rounds).await.expect("a pipe"),
        _ => unreachable!("{name}"),
    }
}

async fn pipe(rounds: u64) -> io::Result<f64> {
    let ((mut to, mut there), (mut from, mut back)) = (pipe::pipe()?, pipe::pipe()?);
    let start = Instant::now();
    let other = tokio::spawn(async move {
        let mut byte = [0];
        for _ in 0..rounds {
            there.read_exact(&mut byte).await?;
            from.write_all(&byte).await?;
        }
        io::Result::Ok(())
    });
    let mut byte = [0];
    for _ in 0..rounds {
        to.write_all(&byte).await?;
        back.read_exact(&mut byte).await?;
    }
    other.await.expect("a panic")?;
    Ok(since(start, rounds))
}

// ---- very many, parked

#[derive(Default)]
struct Gate {
    here: AtomicUsize,
    all_here: Notify,
    open: Notify,
}

/// Makes that many tasks, which all wait at one gate; opens it, and joins them. Says whether there were so many.
async fn parked(count: usize) -> bool {
    let gate = Arc::new(Gate::default());
    let (before, start) = (Memory::now(), Instant::now());
    let wait = |number: usize| {
        let gate = gate.clone();
        tokio::spawn(async move {
            if gate.here.fetch_add(1, Relaxed) + 1 == count {
                gate.all_here.notify_one();
            }
            gate.open.notified().await; // The runtime has one thread: who counts us finds us waiting.
            number
        })
    };
    let all: Vec<_> = (0..count).map(wait).collect();
    gate.all_here.notified().await;
    let (created, after) = (since(start, count as u64), Memory::now());
    let start = Instant::now();
    gate.open.notify_waiters();
    let mut held = 0;
    for (number, one) in all.into_iter().enumerate() {
        held += usize::from(matches!(one.await, Ok(same) if same == number));
    }
    let joined = since(start, count as u64);
    println!("held={held} created_ns={created:.0} joined_ns={joined:.0} {}", before.growth(&after));
    held == count
}
