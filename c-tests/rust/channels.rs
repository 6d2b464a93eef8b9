// mpsc channels: many senders, a bounded one that makes them wait, a rendezvous, ends that are gone, recv_timeout.
use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError, TrySendError};
use std::thread;
use std::time::{Duration, Instant};

const SENDERS: u64 = 20;
const EACH: u64 = 500;

fn many_senders() {
    let (sender, receiver) = mpsc::channel();
    for i in 0..SENDERS {
        let sender = sender.clone();
        thread::spawn(move || (0..EACH).for_each(|k| sender.send(i * EACH + k).unwrap()));
    }
    drop(sender);
    let mut last = vec![None; SENDERS as usize];
    let (mut count, mut sum, mut disordered) = (0, 0, 0);
    for number in receiver {
        let from = &mut last[(number / EACH) as usize];
        disordered += u64::from(*from >= Some(number));
        *from = Some(number);
        count += 1;
        sum += number;
    }
    println!("unbounded: {count} messages, sum {sum}, out of order {disordered}");
}

fn bounded() {
    let (sender, receiver) = mpsc::sync_channel(3);
    thread::scope(|scope| {
        for i in 0..SENDERS {
            let sender = sender.clone();
            scope.spawn(move || (0..EACH).for_each(|k| sender.send(i * EACH + k).unwrap()));
        }
        drop(sender);
        println!("bounded: sum {}", receiver.iter().sum::<u64>());
    });

    let (sender, receiver) = mpsc::sync_channel(1);
    sender.send(1).unwrap();
    println!("full: {}", matches!(sender.try_send(2), Err(TrySendError::Full(2))));
    drop(receiver);
    println!("nobody receives: {}", sender.send(3).is_err());
}

// With no room at all, each message is handed over: the two take turns.
fn rendezvous() {
    let (ping, pings) = mpsc::sync_channel(0);
    let (pong, pongs) = mpsc::sync_channel(0);
    let other = thread::spawn(move || {
        for n in pings {
            pong.send(n + 1).unwrap();
        }
    });
    let mut number = 0;
    for _ in 0..500 {
        ping.send(number).unwrap();
        number = pongs.recv().unwrap();
    }
    drop(ping);
    other.join().unwrap();
    println!("rendezvous: {number}");
}

fn timeouts() {
    let (sender, receiver) = mpsc::channel();
    println!("empty: {}", receiver.try_recv() == Err(TryRecvError::Empty));
    let begun = Instant::now();
    println!("recv_timeout: {:?}", receiver.recv_timeout(Duration::from_millis(40)) == Err(RecvTimeoutError::Timeout));
    println!("it waited: {}", begun.elapsed() >= Duration::from_millis(40));
    let other = thread::spawn(move || sender.send("in time").unwrap());
    println!("{:?}", receiver.recv_timeout(Duration::from_secs(30)));
    other.join().unwrap();
    println!("{:?}", receiver.recv_timeout(Duration::from_secs(30)));
}

fn main() {
    many_senders();
    bounded();
    rendezvous();
    timeouts();
    thread::spawn(timeouts).join().unwrap();
}
