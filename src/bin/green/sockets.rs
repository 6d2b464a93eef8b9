//! Sockets' addresses, from the lists that the kernel has of each network namespace (/proc/PID/net, proc(5)).

use crate::escape::escaped;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What is known of each socket, by its inode; read when it's first asked for.
pub struct Sockets {
    pid: i32,
    by_inode: OnceCell<HashMap<u64, Socket>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// In words.
    pub text: String,
    /// The address of the other end, if it has one.
    pub peer: Option<String>,
}

impl Sockets {
    pub fn of(pid: i32) -> Self {
        Sockets { pid, by_inode: OnceCell::new() }
    }

    /// What a descriptor's link in /proc/PID/fd leads to; None if it's no socket, or one of a kind that isn't listed.
    pub fn describe(&self, link: &str) -> Option<Socket> {
        let inode = link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()?;
        self.by_inode.get_or_init(|| self.read()).get(&inode).cloned()
    }

    fn read(&self) -> HashMap<u64, Socket> {
        let mut all = HashMap::new();
        for kind in ["tcp", "tcp6", "udp", "udp6"] {
            all.extend(self.lines(kind).iter().filter_map(|line| internet(line, kind.starts_with("udp"))));
        }
        all.extend(self.lines("unix").iter().filter_map(|line| unix(line)));
        all
    }

    fn lines(&self, kind: &str) -> Vec<String> {
        let text = fs::read(format!("/proc/{}/net/{kind}", self.pid)).unwrap_or_default();
        text.split(|&b| b == b'\n').skip(1).map(escaped).collect()
    }
}

/// Fields: number, local and remote address, state, queues, timer, retransmissions, user, timeout, inode.
fn internet(line: &str, is_udp: bool) -> Option<(u64, Socket)> {
    const LISTENS: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (local, remote) = (address(fields.get(1)?)?, address(fields.get(2)?)?);
    let inode = fields.get(9)?.parse().ok()?;
    let text = if fields.get(3) == Some(&LISTENS) {
        format!("socket, listens on {local}")
    } else if remote.port() == 0 {
        format!("{}, {local}", if is_udp { "UDP socket" } else { "socket" })
    } else {
        format!("{}, {local} from {remote}", if is_udp { "UDP socket" } else { "socket" })
    };
    let peer = (remote.port() != 0).then(|| remote.to_string());
    Some((inode, Socket { text, peer }))
}

/// Words of the address as the machine has them, in hexadecimal, and the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let word = |n: usize| u32::from_str_radix(host.get(8 * n..8 * n + 8)?, 16).ok().map(u32::to_ne_bytes);
    let host = if host.len() == 8 {
        IpAddr::V4(Ipv4Addr::from(word(0)?))
    } else {
        let bytes = [word(0)?, word(1)?, word(2)?, word(3)?].concat();
        IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)).to_canonical()
    };
    Some(SocketAddr::new(host, u16::from_str_radix(port, 16).ok()?))
}

/// Fields: address, references, protocol, flags, type, state, inode, and the name, if it has one.
fn unix(line: &str) -> Option<(u64, Socket)> {
    let mut fields = line.split_whitespace();
    let inode = fields.nth(6)?.parse().ok()?;
    let name = fields.collect::<Vec<_>>().join(" ");
    let text = if name.is_empty() { format!("UNIX socket {inode}") } else { format!("UNIX socket {inode}, {name}") };
    Some((inode, Socket { text, peer: None }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel() {
        let tcp =
            "  1: 0100007F:1388 0100007F:A112 01 00000000:00000000 00:00000000 00000000  0  0 4711 1 0 20 4 30 10 -1";
        let socket = |text: &str, peer: Option<&str>| Socket { text: text.into(), peer: peer.map(str::to_string) };
        let connected = socket("socket, 127.0.0.1:5000 from 127.0.0.1:41234", Some("127.0.0.1:41234"));
        assert_eq!(internet(tcp, false), Some((4711, connected)));
        let six =
            "  0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 12 1";
        assert_eq!(internet(six, false), Some((12, socket("socket, listens on [::1]:22", None))));
        assert_eq!(
            unix("0000: 00000003 00000000 00000000 0001 03 77 /run/x"),
            Some((77, socket("UNIX socket 77, /run/x", None)))
        );
        assert_eq!(address("xyz"), None);
    }
}
