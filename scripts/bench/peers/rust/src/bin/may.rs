//! The peer may: a stackful coroutine for each connection, in blocking style, on one worker.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::panic::{self, catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Instant;

use may::coroutine::{yield_now, JoinHandle};
use may::go;
use may::io::CoIo;
use may::net::{TcpListener, TcpStream};
use may::sync::{Condvar, Mutex, Semphore};
use peers::{call, raise_descriptor_limit, since, sum, Heads, Memory, Service, Task, ANSWER, BLOCK, LOCKS, REQUEST};

fn main() {
    raise_descriptor_limit();
    may::config().set_workers(1).set_worker_pin(false); // Where we run is for who starts us to say.
    let task = Task::asked();
    let all_well = go!(move || match task {
        Task::Serve(service) => serve(service).map(|()| true),
        Task::Micro { costs } => {
            for (cost, rounds) in costs {
                println!("{cost} {:.1}", micro(cost, rounds));
            }
            Ok(true)
        }
        Task::Parked { count } => Ok(parked(count)),
    });
    match all_well.join().expect("a panic") {
        Ok(true) => {}
        Ok(false) => std::process::exit(1),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1)
        }
    }
}

// ---- services

type Sums = Arc<[Mutex<u64>]>;

fn serve(service: Service) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    // SAFETY: changes the backlog of a socket that we hold and that listens: may's own is 1,024.
    unsafe { libc::listen(listener.as_raw_fd(), 4096) };
    println!("{}", listener.local_addr()?.port());
    let sums: Sums = (0..LOCKS).map(|_| Mutex::new(0)).collect();
    loop {
        let (stream, _) = listener.accept()?;
        let sums = sums.clone();
        go!(move || {
            // That a connection breaks is how it ends.
            let _ = stream.set_nodelay(true).and_then(|()| match service {
                Service::Echo => echo(stream),
                Service::Http => http(stream),
                Service::Stream => flood(stream),
                Service::Request => requests(stream, &sums),
            });
        });
    }
}

fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; REQUEST];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            n => stream.write_all(&buffer[..n])?,
        }
    }
}

fn http(mut stream: TcpStream) -> io::Result<()> {
    let mut heads = Heads::new();
    loop {
        match stream.read(heads.room())? {
            0 => return Ok(()),
            n => (0..heads.came(n)).try_for_each(|_| stream.write_all(ANSWER))?,
        }
    }
}

fn flood(mut stream: TcpStream) -> io::Result<()> {
    stream.read_exact(&mut [0])?;
    loop {
        stream.write_all(&BLOCK)?;
    }
}

/// A coroutine for each request: it accounts for the bytes under one of the locks, and sends them back.
fn requests(mut stream: TcpStream, sums: &Sums) -> io::Result<()> {
    let mut request = [0; REQUEST];
    loop {
        stream.read_exact(&mut request)?;
        let sums = sums.clone();
        stream = go!(move || {
            let (lock, bytes) = sum(&request);
            *sums[lock].lock().unwrap() += bytes;
            stream.write_all(&request).map(|()| stream)
        })
        .join()
        .expect("a panic")?;
    }
}

// ---- small costs

/// That many coroutines at once, until all are done.
fn together(count: usize, run: impl Fn(usize) + Send + Sync + 'static) {
    let run = Arc::new(run);
    let start = |me| {
        let run = run.clone();
        go!(move || run(me))
    };
    let all: Vec<_> = (0..count).map(start).collect();
    all.into_iter().for_each(|one| one.join().expect("a panic"));
}

fn micro(name: &str, rounds: u64) -> f64 {
    let start = Instant::now();
    match name {
        "call" => call(rounds),
        "create_join" => {
            for _ in 0..rounds {
                go!(|| {}).join().expect("a panic");
            }
            since(start, rounds)
        }
        "create_join_1000" => {
            let batches = rounds.div_ceil(1000);
            for _ in 0..batches {
                together(1000, |_| {});
            }
            since(start, 1000 * batches)
        }
        "yield" => {
            together(2, move |_| (0..rounds).for_each(|_| yield_now()));
            since(start, 2 * rounds)
        }
        "mutex" => {
            let counter = Mutex::new(0);
            (0..rounds).for_each(|_| *counter.lock().unwrap() += 1);
            since(start, rounds)
        }
        "mutex_contended" => {
            let counter = Mutex::new(0);
            together(4, move |_| (0..rounds).for_each(|_| *counter.lock().unwrap() += 1));
            since(start, 4 * rounds)
        }
        "cond" => {
            let (turn, changed) = (Mutex::new(0), Condvar::new());
            together(2, move |me| {
                for _ in 0..rounds {
                    let mut turn = changed.wait_while(turn.lock().unwrap(), |turn| *turn != me).unwrap();
                    *turn = 1 - me;
                    changed.notify_one();
                }
            });
            since(start, 2 * rounds)
        }
        "sem" => {
            let turns = [Semphore::new(1), Semphore::new(0)];
            together(2, move |me| {
                for _ in 0..rounds {
                    turns[me].wait();
                    turns[1 - me].post();
                }
            });
            since(start, 2 * rounds)
        }
        "pipe" => pipe(rounds).expect("a pipe"),
        _ => unreachable!("{name}"),
    }
}

fn green_pipe() -> io::Result<(CoIo<PipeReader>, CoIo<PipeWriter>)> {
    let (reader, writer) = io::pipe()?;
    Ok((CoIo::new(reader)?, CoIo::new(writer)?))
}

fn pipe(rounds: u64) -> io::Result<f64> {
    let ((mut there, mut to), (mut back, mut from)) = (green_pipe()?, green_pipe()?);
    let start = Instant::now();
    let other: JoinHandle<io::Result<()>> = go!(move || {
        let mut byte = [0];
        for _ in 0..rounds {
            there.read_exact(&mut byte)?;
            from.write_all(&byte)?;
        }
        Ok(())
    });
    let mut byte = [0];
    for _ in 0..rounds {
        to.write_all(&byte)?;
        back.read_exact(&mut byte)?;
    }
    other.join().expect("a panic")?;
    Ok(since(start, rounds))
}

// ---- very many, parked

struct Gate {
    state: Mutex<(usize, bool)>, // how many wait, and whether it's open
    changed: Condvar,
    all_here: Condvar,
}

/// Makes that many coroutines, which all wait at one gate; opens it, and joins them. Says whether there were so many.
fn parked(count: usize) -> bool {
    let gate = Arc::new(Gate { state: Mutex::new((0, false)), changed: Condvar::new(), all_here: Condvar::new() });
    let (before, start) = (Memory::now(), Instant::now());
    // Without memory for a stack may panics: that is how we know, and the reason is told in one line.
    panic::set_hook(Box::new(|panic| eprintln!("may: {}", panic.payload_as_str().unwrap_or("a panic"))));
    let wait = |number: usize| {
        let gate = gate.clone();
        catch_unwind(AssertUnwindSafe(|| {
            go!(move || {
                let mut state = gate.state.lock().unwrap();
                state.0 += 1;
                gate.all_here.notify_one();
                drop(gate.changed.wait_while(state, |state| !state.1).unwrap());
                number
            })
        }))
    };
    let all: Vec<_> = (0..count).map_while(|number| wait(number).ok()).collect();
    let made = all.len();
    drop(gate.all_here.wait_while(gate.state.lock().unwrap(), |state| state.0 < made).unwrap());
    let (created, after) = (since(start, made as u64), Memory::now());
    let start = Instant::now();
    gate.state.lock().unwrap().1 = true;
    gate.changed.notify_all();
    let held =
        all.into_iter().enumerate().filter_map(|(number, one)| one.join().ok().filter(|&same| same == number)).count();
    let joined = since(start, made as u64);
    println!("held={held} created_ns={created:.0} joined_ns={joined:.0} {}", before.growth(&after));
    held == count
}
