//! Each command tried on a daemon that nobody here wrote, under load: microsocks, a SOCKS5 proxy with a thread for each client.

use crate::{green, library, said};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const CLIENTS: usize = 30;

/// Whether the daemon is there, after an attempt to install it.
fn provided() -> bool {
    let there = || Command::new("microsocks").arg("-h").output().is_ok();
    // SAFETY: geteuid has no preconditions.
    let may_install = unsafe { libc::geteuid() } == 0 && std::env::var_os("GREEN_TEST_NO_INSTALL").is_none();
    let apt = |arguments: &[&str]| {
        let quiet = Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").output();
        quiet.is_ok_and(|output| output.status.success())
    };
    let install = ["install", "-y", "--no-install-recommends", "microsocks"];
    if !there() && may_install && !apt(&install) {
        // A fresh machine has no list of packages yet.
        apt(&["update"]);
        apt(&install);
    }
    if !there() {
        eprintln!("skipped: microsocks isn't installed");
    }
    there()
}

struct Proxy {
    child: Child,
    port: u16,
}

impl Proxy {
    /// Started by `green run`, on a port that was free a moment ago.
    fn start() -> Proxy {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).expect("a port").port();
        let library = library();
        let library = library.to_str().expect("a plain path");
        let child = green(&["run", "--lib", library, "--hubs", "2", "--", "microsocks", "-i", "127.0.0.1", "-p"])
            .arg(port.to_string())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        Proxy { child, port }
    }

    fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// A connection through it.
    fn connected_to(&self, to: SocketAddr) -> TcpStream {
        let until = Instant::now() + Duration::from_secs(20);
        let mut client = loop {
            match TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
                Ok(client) => break client,
                Err(e) if Instant::now() > until => panic!("the proxy doesn't listen: {e}"),
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        };
        client.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        let mut answer = [0; 10];
        client.write_all(&[5, 1, 0]).and_then(|()| client.read_exact(&mut answer[..2])).expect("a greeting");
        assert_eq!(answer[..2], [5, 0]);
        let [high, low] = to.port().to_be_bytes();
        client.write_all(&[5, 1, 0, 1, 127, 0, 0, 1, high, low]).expect("a request");
        client.read_exact(&mut answer).expect("an answer");
        assert_eq!(answer[..2], [5, 0]);
        client
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends back what comes, on each of so many connections.
fn echo_server() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut peer in listener.incoming().take(CLIENTS).flatten() {
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(n @ 1..) = peer.read(&mut buffer) {
                    if peer.write_all(&buffer[..n]).is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

fn signal(pid: &str, number: i32) {
    // SAFETY: plain kill(2), of our own child.
    unsafe { libc::kill(pid.parse().expect("a number"), number) };
}

#[test]
fn every_command_on_a_proxy_under_load() {
    if !provided() {
        return;
    }
    let (proxy, server) = (Proxy::start(), echo_server());
    let mut clients: Vec<TcpStream> = (0..CLIENTS).map(|_| proxy.connected_to(server)).collect();
    let pid = proxy.pid();
    // Half of them are busy while the commands look; the others have nothing to say.
    let busy: Vec<TcpStream> = clients.split_off(CLIENTS / 2);
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let load: Vec<_> = busy
        .into_iter()
        .map(|mut client| {
            let stop = stop.clone();
            thread::spawn(move || {
                let (mut text, mut rounds) = ([b'x'; 512], 0);
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    client.write_all(&text).and_then(|()| client.read_exact(&mut text)).expect("an echo");
                    rounds += 1;
                }
                rounds
            })
        })
        .collect();

    let asked = |arguments: &[&str]| {
        let (status, out, err) = said(&mut green(arguments));
        assert_eq!((status, err.as_str()), (0, ""), "{arguments:?}: {out}");
        out
    };
    let looks = |state: &str| {
        let ps = asked(&["ps", &pid]);
        assert!(ps.starts_with(&format!("process {pid}{state}: {} green threads", CLIENTS + 1)), "{state}: {ps}");
        assert!(ps.matches(") or fd ").count() >= CLIENTS / 2, "{state}: {ps}");
        let stack = asked(&["stack", "--each", &pid]);
        assert!(
            stack.matches("poll (libgreen)").count() >= CLIENTS / 2 && stack.contains("accept"),
            "{state}: {stack}"
        );
        // Nobody waits for a lock for long, so there's nothing wrong.
        let locks = asked(&["locks", &pid]);
        assert!(!locks.contains("deadlock"), "{state}: {locks}");
    };
    looks("");
    let top = asked(&["top", "--once", "--interval", "0.2", &pid]);
    assert!(top.contains("31 green threads") && top.contains("switches") && top.contains("2 hubs"), "{top}");
    signal(&pid, libc::SIGSTOP);
    looks(" (stopped)");
    let top = asked(&["top", "--once", "--interval", "0.1", &pid]);
    assert!(top.contains("31 green threads"), "{top}");
    signal(&pid, libc::SIGCONT);

    let path = String::from_utf8(Command::new("sh").args(["-c", "command -v microsocks"]).output().expect("sh").stdout);
    let path = path.expect("a plain path").trim().to_string();
    let library = library();
    let doctor = asked(&["doctor", "--lib", library.to_str().expect("a plain path"), &path]);
    assert!(doctor.contains("threads     yes") && doctor.contains("Helps:"), "{doctor}");

    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for client in load {
        assert!(client.join().expect("its echoes are right") > 0);
    }
}

#[test]
fn commands_that_look_into_what_is_not_green() {
    let programs: [&[&str]; 2] = [&["sleep", "60"], &["cat"]];
    for words in programs {
        let mut child = Command::new(words[0]).args(&words[1..]).stdin(Stdio::piped()).spawn().expect("it runs");
        let pid = child.id().to_string();
        for (command, refused) in [("ps", 1), ("stack", 1), ("locks", 3), ("top", 1)] {
            let arguments: Vec<&str> =
                if command == "top" { vec![command, "--once", &pid] } else { vec![command, &pid] };
            let (status, out, err) = said(&mut green(&arguments));
            assert_eq!((status, out.as_str(), err.lines().count()), (refused, "", 1), "{command}: {err}");
            assert!(err.contains("doesn't run under libgreen"), "{command}: {err}");
            let (status, _, err) = said(&mut green(&[command, "999999999"]));
            assert_eq!((status, err.as_str()), (refused, "green: there is no process 999999999\n"), "{command}");
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}
