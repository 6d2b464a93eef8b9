// A thread for each of 300 connections: TcpListener and TcpStream, with BufReader's lines and a read timeout.
// fds: 2000
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

const CLIENTS: usize = 300;
const LINES: usize = 10;

fn serve(stream: TcpStream) -> std::io::Result<usize> {
    let mut writer = stream.try_clone()?;
    let mut lines = 0;
    for line in BufReader::new(stream).lines() {
        writeln!(writer, "echo {}", line?)?;
        lines += 1;
    }
    Ok(lines)
}

fn client(number: usize, mut stream: TcpStream, all_here: &Barrier) -> std::io::Result<usize> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    all_here.wait();
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut right = 0;
    for i in 0..LINES {
        writeln!(stream, "{number} {i}")?;
        let mut line = String::new();
        reader.read_line(&mut line)?;
        right += usize::from(line == format!("echo {number} {i}\n"));
    }
    stream.shutdown(Shutdown::Write)?;
    let rest = reader.read_to_end(&mut Vec::new())?;
    Ok(if rest == 0 { right } else { 0 })
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let all_here = Barrier::new(CLIENTS);
    thread::scope(|scope| {
        let server = scope.spawn(|| {
            let threads: Vec<_> = listener
                .incoming()
                .take(CLIENTS)
                .map(|stream| {
                    let stream = stream.unwrap();
                    scope.spawn(move || serve(stream).unwrap())
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        let clients: Vec<_> = (0..CLIENTS)
            .map(|i| {
                let all_here = &all_here;
                // One after the other: so many at once would not fit the listener's queue.
                let stream = TcpStream::connect(address).unwrap();
                scope.spawn(move || client(i, stream, all_here).unwrap())
            })
            .collect();
        let right: usize = clients.into_iter().map(|client| client.join().unwrap()).sum();
        println!("lines echoed: {}, right: {right}", server.join().unwrap());
    });

    let mut quiet = TcpStream::connect(address).unwrap();
    quiet.set_read_timeout(Some(Duration::from_millis(30))).unwrap();
    println!("read timeout: {}", quiet.read(&mut [0]).is_err_and(|e| e.kind() == ErrorKind::WouldBlock));
    drop(listener);
    println!(
        "nobody listens: {}",
        TcpStream::connect(address).is_err_and(|e| e.kind() == ErrorKind::ConnectionRefused)
    );
}
