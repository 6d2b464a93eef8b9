//! io_uring(7), by plain system calls: edges from multishot POLL_ADD, and operations on regular files for which no carrier
//! is held.
//!
//! What is asked goes into the submission queue (SQ), under a lock, and to the kernel with the carrier's next wait; who
//! asks while the carrier sleeps wakes it (`Hub::heed`). What comes back lies in the completion queue (CQ), which the
//! carrier alone empties. A poll that the kernel gives up (the CQ had no room; the kernel thread that asked for it has
//! ended) is reported as `ended`, and asked for again by `listeners` if it still matters: the first event tells the present
//! state, so no edge is lost.

use super::{is_lost, Event, Own, Poller, ALARM, ENDED};
use crate::hub::{Reason, Wake};
use crate::lock::Lock;
use crate::sys;
use core::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use libc::c_int;

/// Room in the SQ, and in the CQ. When the latter overflows the kernel keeps what doesn't fit.
const ENTRIES: u32 = 256;
const COMPLETIONS: u32 = 4096;

// From linux/io_uring.h.
const SETUP_CQSIZE: u32 = 1 << 3;
const SETUP_CLAMP: u32 = 1 << 4;
const SETUP_COOP_TASKRUN: u32 = 1 << 8;
const SETUP_TASKRUN_FLAG: u32 = 1 << 9;
const FEATURE_SINGLE_MAP: u32 = 1;
const FEATURE_NO_DROP: u32 = 1 << 1;
const FEATURE_SUBMIT_STABLE: u32 = 1 << 2;
const FEATURE_CURRENT_POSITION: u32 = 1 << 3;
const FEATURE_TIMEOUTS: u32 = 1 << 8;
const FEATURE_SKIP: u32 = 1 << 11;
/// What we can't do without; Linux 5.17 has it all. (5.19 cancels all that has a key, 5.13 polls more than once.)
const NEEDED: u32 = FEATURE_SINGLE_MAP
    | FEATURE_NO_DROP
    | FEATURE_SUBMIT_STABLE
    | FEATURE_CURRENT_POSITION
    | FEATURE_TIMEOUTS
    | FEATURE_SKIP;
const AT_ENTRIES: usize = 0x1000_0000;
const ENTER_GET_EVENTS: u32 = 1;
const ENTER_ARGUMENT: u32 = 1 << 3;
const SQ_OVERFLOWN: u32 = 1 << 1;
const SQ_TASK_WORK: u32 = 1 << 2;
const CQE_MORE: u32 = 1 << 1;
const SKIP_SUCCESS: u8 = 1 << 6;
const MULTISHOT: u32 = 1;
const CANCEL_ALL: u32 = 1;
const CANCEL_BY_USER_DATA: u32 = 1 << 4;
const OP_POLL_ADD: u8 = 6;
const OP_ASYNC_CANCEL: u8 = 14;
pub const OP_READV: u8 = 1;
pub const OP_WRITEV: u8 = 2;
pub const OP_FSYNC: u8 = 3;
pub const OP_OPENAT: u8 = 18;
pub const FSYNC_DATA: u32 = 1;

const EDGES: u32 = (libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLPRI) as u32;

/// What one entry of the SQ asks for (struct io_uring_sqe).
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Order {
    opcode: u8,
    flags: u8,
    priority: u16,
    fd: i32,
    offset: u64,
    address: u64,
    len: u32,
    detail: u32,
    user_data: u64,
    rest: [u64; 3],
}

impl Order {
    pub fn new(opcode: u8, fd: c_int) -> Self {
        Order { opcode, fd, ..Order::default() }
    }

    /// At an offset of the file; all ones for its own position.
    pub fn at(self, offset: u64) -> Self {
        Order { offset, ..self }
    }

    /// With an address, and a length (or a mode).
    pub fn on(self, address: u64, len: u32) -> Self {
        Order { address, len, ..self }
    }

    /// With the flags of its kind.
    pub fn with(self, detail: u32) -> Self {
        Order { detail, ..self }
    }
}

/// An operation under way. It lies on the waiting thread's stack.
#[repr(align(8))]
pub struct Operation {
    sleeper: *const dyn Wake,
    result: AtomicI32,
}

impl Operation {
    /// One whose end wakes `sleeper`.
    pub fn new(sleeper: *const dyn Wake) -> Self {
        Operation { sleeper, result: AtomicI32::new(0) }
    }

    /// What the kernel answered, once it's over: a number, or a negative errno.
    pub fn result(&self) -> i32 {
        self.result.load(Ordering::Acquire)
    }

    /// It's over. The operation may be gone afterwards.
    fn complete(&self, result: i32) {
        self.result.store(result, Ordering::Release);
        // SAFETY: the sleeper waits until this wakes it, whatever happens.
        unsafe { (*self.sleeper).wake(Reason::Ready) };
    }
}

/// What comes back with a completion: an operation's address, or a token, told apart by the low bits.
#[derive(Clone, Copy)]
enum Key {
    Operation(*const Operation),
    Token(u64),
    Nothing,
}

const NOTHING: u64 = 2;
const THE_ALARM: u64 = 3;

impl Key {
    /// Tokens have an fd, below 2^30, in their lower half.
    fn to_bits(self) -> u64 {
        match self {
            Key::Operation(operation) => operation as u64,
            Key::Token(ALARM) => THE_ALARM,
            Key::Token(token) => (token & !0xffff_ffff) | (token & 0x3fff_ffff) << 2 | 1,
            Key::Nothing => NOTHING,
        }
    }

    fn from_bits(bits: u64) -> Self {
        match bits & 3 {
            0 => Key::Operation(bits as *const Operation),
            1 => Key::Token((bits & !0xffff_ffff) | (bits & 0xffff_ffff) >> 2),
            NOTHING => Key::Nothing,
            _ => Key::Token(ALARM),
        }
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Completion {
    user_data: u64,
    result: i32,
    flags: u32,
}

/// The queues, as mapped.
struct Rings {
    map: *mut u8,
    map_len: usize,
    orders: *mut Order,
    orders_len: usize,
    /// struct io_uring_params, where the kernel says where everything is.
    params: [u32; 30],
}

impl Rings {
    /// A new ring and its descriptor.
    fn new() -> sys::Result<(c_int, Rings)> {
        // Else the kernel interrupts the carrier for each event, wherever it is, which costs more than the event. So it's dealt
        // with when the carrier enters the kernel, or at the next tick. (Linux 5.19. SINGLE_ISSUER and DEFER_TASKRUN are not
        // for us: a hub goes from one kernel thread to another, and others submit too.)
        const COOPERATES: u32 = SETUP_COOP_TASKRUN | SETUP_TASKRUN_FLAG;
        let with = |flags: u32| {
            let mut params = [0u32; 30];
            params[1] = COMPLETIONS;
            params[2] = SETUP_CQSIZE | SETUP_CLAMP | flags;
            sys::uring_setup(ENTRIES, &mut params).map(|fd| (fd, params))
        };
        let (fd, params) = match with(COOPERATES) {
            Err(libc::EINVAL) => with(0)?,
            made => made?,
        };
        let mapped = Self::map(fd, params);
        match mapped {
            Ok(rings) => Ok((fd, rings)),
            Err(e) => {
                sys::close(fd);
                Err(e)
            }
        }
    }

    fn map(fd: c_int, params: [u32; 30]) -> sys::Result<Rings> {
        if params[5] & NEEDED != NEEDED {
            return Err(libc::ENOSYS);
        }
        let (sq_end, cq_end) = (params[16] + params[0] * 4, params[25] + params[1] * size_of::<Completion>() as u32);
        let map_len = sq_end.max(cq_end) as usize;
        let orders_len = params[0] as usize * size_of::<Order>();
        let map = sys::map_ring(fd, map_len, 0)?;
        let orders = sys::map_ring(fd, orders_len, AT_ENTRIES).inspect_err(|_| {
            // SAFETY: mapped just now, and nobody has it.
            unsafe { sys::unmap(map, map_len) }
        })?;
        let rings = Rings { map, map_len, orders: orders as *mut Order, orders_len, params };
        for i in 0..params[0] {
            // SAFETY: the SQ's index array has that many words, here.
            unsafe { *(map.add(params[16] as usize) as *mut u32).add(i as usize) = i };
        }
        Ok(rings)
    }

    /// A word that the kernel reads or writes too, at one of its offsets.
    fn word(&self, offset: usize) -> &AtomicU32 {
        // SAFETY: the offsets are the kernel's, of aligned words within the mapping, which stays.
        unsafe { &*(self.map.add(self.params[offset] as usize) as *const AtomicU32) }
    }

    fn sq_head(&self) -> &AtomicU32 {
        self.word(10)
    }

    fn sq_tail(&self) -> &AtomicU32 {
        self.word(11)
    }

    fn sq_flags(&self) -> u32 {
        self.word(14).load(Ordering::Relaxed)
    }

    /// Orders that the kernel hasn't taken.
    fn pending(&self) -> u32 {
        self.sq_tail().load(Ordering::Relaxed).wrapping_sub(self.sq_head().load(Ordering::Acquire))
    }

    /// The place of an order.
    fn order(&self, n: u32) -> *mut Order {
        self.orders.wrapping_add((n & (self.params[0] - 1)) as usize)
    }

    /// How many completions there were, so to speak.
    fn cq_tail(&self) -> u32 {
        self.word(21).load(Ordering::Acquire)
    }

    /// Whether there was a completion since then that is the last of its kind, or says that there's nothing to end. (The
    /// carrier may have taken it meanwhile.)
    fn has_ended(&self, since: u32, user_data: u64) -> bool {
        let end = self.cq_tail();
        (0..end.wrapping_sub(since).min(self.params[1])).any(|n| {
            let place = (since.wrapping_add(n) & (self.params[1] - 1)) as usize;
            // SAFETY: within the CQ; the kernel may be writing there anew, when it has come round.
            let one = unsafe {
                core::ptr::read_volatile((self.map.add(self.params[25] as usize) as *const Completion).add(place))
            };
            one.user_data == NOTHING || (one.user_data == user_data && one.flags & CQE_MORE == 0)
        })
    }

    /// Whether the CQ has something.
    fn has_completions(&self) -> bool {
        self.word(20).load(Ordering::Relaxed) != self.word(21).load(Ordering::Acquire)
    }

    /// The oldest completion, taken out. Only the carrier takes.
    fn take(&self) -> Option<Completion> {
        let head = self.word(20).load(Ordering::Relaxed);
        if head == self.word(21).load(Ordering::Acquire) {
            return None;
        }
        let place = (head & (self.params[1] - 1)) as usize;
        // SAFETY: the kernel has written it before it moved the tail, and leaves it alone until the head has moved.
        let completion = unsafe { *(self.map.add(self.params[25] as usize) as *const Completion).add(place) };
        self.word(20).store(head.wrapping_add(1), Ordering::Release);
        Some(completion)
    }

    fn unmap(&self) {
        // SAFETY: the caller is the last who uses the ring.
        unsafe {
            sys::unmap(self.map, self.map_len);
            sys::unmap(self.orders as *mut u8, self.orders_len);
        }
    }
}

pub struct Uring {
    fd: Own,
    /// Of a ring that was lost the old queues stay where they are: somebody may still be looking.
    rings: AtomicPtr<Rings>,
    /// Held by who adds to the SQ.
    adding: Lock<()>,
    /// Operations under way.
    under_way: AtomicUsize,
}

/// How long is waited for a poll's end (ns).
const LETTING_GO: u64 = 5_000_000;

/// How long a lost ring's operations may take to come to their end (ns), and how often that's looked at.
const LAST_WAIT: u64 = 5_000_000_000;
const LAST_LOOK: u64 = 200_000;

impl Uring {
    /// A new ring. EMFILE, ENFILE, ENOMEM, what a sandbox answers, or ENOSYS if the kernel's is too old.
    pub fn new() -> sys::Result<Self> {
        let (fd, rings) = Rings::new()?;
        Ok(Uring {
            fd: Own::keep(fd),
            rings: AtomicPtr::new(Box::into_raw(Box::new(rings))),
            adding: Lock::new(()),
            under_way: AtomicUsize::new(0),
        })
    }

    fn rings(&self) -> &Rings {
        // SAFETY: `rings` is never null, and what it pointed to stays.
        unsafe { &*self.rings.load(Ordering::Acquire) }
    }

    fn enter(&self, submit: u32, complete: u32, flags: u32, timeout_ns: u64) -> sys::Result {
        sys::uring_enter(self.fd.number(), submit, complete, flags | ENTER_ARGUMENT, timeout_ns)
    }

    /// Hands everything in the SQ to the kernel.
    fn flush(&self) -> sys::Result<()> {
        match self.rings().pending() {
            0 => Ok(()),
            n => self.enter(n, 0, 0, u64::MAX).map(drop),
        }
    }

    /// A number in the SQ is about to mean another file: the kernel takes what is queued while it still means this one. (If the
    /// ring is gone all is asked for anew: `mend`.)
    pub fn settle_numbers(&self) {
        let _ = self.flush();
    }

    /// Queues an order. EAGAIN if there's no room and the kernel takes nothing; as `wait` if the ring is gone.
    fn push(&self, order: Order, key: Key) -> sys::Result<()> {
        for _ in 0..8 {
            {
                let _adding = self.adding.lock();
                let rings = self.rings();
                if rings.pending() < rings.params[0] {
                    let tail = rings.sq_tail().load(Ordering::Relaxed);
                    // SAFETY: the place is free, and ours while we hold the lock.
                    unsafe { *rings.order(tail) = Order { user_data: key.to_bits(), ..order } };
                    rings.sq_tail().store(tail.wrapping_add(1), Ordering::Release);
                    return Ok(());
                }
            }
            self.flush()?;
        }
        Err(libc::EAGAIN)
    }

    /// Queues an operation on a file; its sleeper is woken at its end, and not before.
    ///
    /// # Safety
    /// The operation, and what the order refers to, must stay until then.
    pub unsafe fn submit(&self, order: &Order, operation: &Operation) -> sys::Result<()> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        self.push(*order, Key::Operation(operation)).inspect_err(|_| {
            self.under_way.fetch_sub(1, Ordering::Relaxed);
        })
    }

    /// What a completion comes to: an event, unless it ends an operation or nothing.
    fn heed(&self, completion: Completion) -> Option<Event> {
        match Key::from_bits(completion.user_data) {
            Key::Operation(operation) => {
                self.under_way.fetch_sub(1, Ordering::Relaxed);
                // SAFETY: whose address this is waits for this (`submit`).
                unsafe { (*operation).complete(completion.result) };
                None
            }
            Key::Nothing => None,
            Key::Token(token) => {
                let ended = if completion.flags & CQE_MORE == 0 { ENDED } else { 0 };
                let bits = match completion.result {
                    // The kernel's wake-ups for any data say that it might be urgent.
                    bits if bits >= 0 && bits & libc::EPOLLPRI != 0 => (bits & !libc::EPOLLPRI | libc::EPOLLIN) as u32,
                    bits if bits >= 0 => bits as u32,
                    e if e == -libc::ECANCELED => 0,
                    // Who waits finds out by trying.
                    _ => libc::EPOLLERR as u32,
                };
                Some(Event { bits: bits | ended, token })
            }
        }
    }

    fn reap(&self, events: &mut [Event]) -> usize {
        let rings = self.rings();
        let mut n = 0;
        while n < events.len() {
            let Some(completion) = rings.take() else { break };
            if let Some(event) = self.heed(completion) {
                events[n] = event;
                n += 1;
            }
        }
        n
    }

    /// The ring's descriptor was closed: what was under way comes to an end in the old queues, since the kernel finishes or
    /// cancels it; what it never took is cancelled by us.
    fn drain(&self) {
        let rings = self.rings();
        for n in 0..rings.pending() {
            let place = rings.sq_head().load(Ordering::Relaxed).wrapping_add(n);
            // SAFETY: a queued order, which nobody takes any more.
            let bits = unsafe { (*rings.order(place)).user_data };
            if let Key::Operation(_) = Key::from_bits(bits) {
                self.heed(Completion { user_data: bits, result: -libc::ECANCELED, flags: 0 });
            }
        }
        let until = sys::now() + LAST_WAIT;
        while self.under_way.load(Ordering::Relaxed) > 0 && sys::now() < until {
            while let Some(completion) = rings.take() {
                if let Key::Operation(_) = Key::from_bits(completion.user_data) {
                    self.heed(completion);
                }
            }
            sys::nap(LAST_LOOK);
        }
    }
}

#[cfg(test)]
impl Uring {
    /// Its descriptor's number.
    pub fn number(&self) -> c_int {
        self.fd.number()
    }
}

fn poll_order(fd: c_int, token: u64) -> Order {
    // The alarm can always be written, and need not tell.
    Order::new(OP_POLL_ADD, fd).on(0, MULTISHOT).with(if token == ALARM { libc::EPOLLIN as u32 } else { EDGES })
}

impl Poller for Uring {
    fn add(&self, fd: c_int, token: u64) -> sys::Result<()> {
        self.push(poll_order(fd, token), Key::Token(token))
    }

    fn replace(&self, fd: c_int, token: u64) -> sys::Result<()> {
        self.add(fd, token)
    }

    fn remove(&self, _fd: c_int, token: u64) -> bool {
        let order = Order {
            flags: SKIP_SUCCESS,
            ..Order::new(OP_ASYNC_CANCEL, 0).on(Key::Token(token).to_bits(), 0).with(CANCEL_ALL | CANCEL_BY_USER_DATA)
        };
        // At once, for a poll holds the file: its other end would wait for the end of data. The kernel thread that asked for the
        // poll lets go of it, when the kernel has interrupted it for that; a completion says so.
        let rings = self.rings();
        let before = rings.cq_tail();
        if self.push(order, Key::Nothing).and_then(|()| self.flush()).is_ok() {
            let until = sys::now() + LETTING_GO;
            while !rings.has_ended(before, order.address) && sys::now() < until {
                sys::yield_processor();
            }
        }
        // If the carrier sleeps and it's the one, it lets go when it leaves the kernel.
        true
    }

    fn wait(&self, events: &mut [Event], timeout_ns: u64) -> sys::Result {
        let rings = self.rings();
        let pending = rings.pending();
        let entered = if timeout_ns > 0 && !rings.has_completions() {
            self.enter(pending, 1, ENTER_GET_EVENTS, timeout_ns)
        } else if pending > 0 || rings.sq_flags() & (SQ_OVERFLOWN | SQ_TASK_WORK) != 0 {
            self.enter(pending, 0, ENTER_GET_EVENTS, u64::MAX)
        } else {
            Ok(0)
        };
        let n = self.reap(events);
        match entered {
            Err(e) if n == 0 && (e == libc::EINTR || is_lost(e)) => Err(e),
            _ => Ok(n),
        }
    }

    fn has_events(&self) -> bool {
        let rings = self.rings();
        rings.has_completions() || rings.pending() > 0 || rings.sq_flags() & SQ_OVERFLOWN != 0
    }

    fn close(&self) {
        self.fd.close();
        self.rings().unmap();
    }

    fn lose(&self, number: c_int) -> bool {
        self.fd.lose(number)
    }

    fn make_way(&self, number: c_int) -> sys::Result<bool> {
        self.fd.make_way(number)
    }

    fn mend(&self, alarm: c_int) -> sys::Result<bool> {
        match self.enter(0, 0, 0, u64::MAX) {
            Err(e) if is_lost(e) => {}
            _ => return self.add(alarm, ALARM).map(|()| false),
        }
        let (fd, rings) = Rings::new()?;
        self.drain();
        self.fd.replace(|| Ok(fd))?;
        let _adding = self.adding.lock();
        self.rings.store(Box::into_raw(Box::new(rings)), Ordering::Release);
        drop(_adding);
        self.add(alarm, ALARM)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart() {
        for token in [0, 5, 7 << 32 | 1023, (u32::MAX as u64) << 32 | 0xf_ffff, ALARM] {
            assert!(matches!(Key::from_bits(Key::Token(token).to_bits()), Key::Token(t) if t == token));
        }
        assert!(matches!(Key::from_bits(Key::Nothing.to_bits()), Key::Nothing));
        let p = 0x7fff_dead_bee8 as *const Operation;
        assert!(matches!(Key::from_bits(Key::Operation(p).to_bits()), Key::Operation(q) if q == p));
    }

    #[test]
    fn an_order_is_as_large_as_the_kernel_has_it() {
        assert_eq!(size_of::<Order>(), 64);
        assert_eq!(size_of::<Completion>(), 16);
    }
}
