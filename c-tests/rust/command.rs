// std::process::Command from many threads at once: output, status, and both ends of a child's pipes.
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::thread;

fn output(number: usize) -> bool {
    let output =
        Command::new("sh").args(["-c", "echo out $0; echo err $0 >&2; exit $0"]).arg(number.to_string()).output();
    let output = output.unwrap();
    output.stdout == format!("out {number}\n").as_bytes()
        && output.stderr == format!("err {number}\n").as_bytes()
        && output.status.code() == Some(number as i32)
}

/// Through `cat`, by two threads.
fn piped(number: usize) -> bool {
    let text = number.to_string().repeat(50_000);
    let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut back = String::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            stdin.write_all(text.as_bytes()).unwrap();
            drop(stdin);
        });
        child.stdout.take().unwrap().read_to_string(&mut back).unwrap();
    });
    child.wait().unwrap().success() && back == text
}

fn killed() -> bool {
    let mut child = Command::new("sleep").arg("60").spawn().unwrap();
    let before = child.try_wait().unwrap();
    child.kill().unwrap();
    let status = child.wait().unwrap();
    before.is_none() && status.code().is_none()
}

fn main() {
    let count = |what: &str, run: fn(usize) -> bool| {
        let threads: Vec<_> = (1..=8).map(|i| thread::spawn(move || run(i))).collect();
        let right = threads.into_iter().map(|thread| thread.join().unwrap()).filter(|&right| right).count();
        println!("{what}: {right} of 8");
    };
    count("output", output);
    count("piped", piped);
    count("killed", |_| killed());
    let missing = thread::spawn(|| Command::new("/nonexistent/program").spawn().unwrap_err().kind());
    println!("missing: {:?}", missing.join().unwrap());
}
