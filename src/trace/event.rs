//! One event of a timeline, and as the words in which the ring keeps it.

/// How a run of a green thread ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The process ended first.
    Runs,
    Yields,
    Parks,
    Ends,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Run(Left),
    Wake,
    Handoff,
}

impl What {
    const ALL: [What; 6] = [
        What::Run(Left::Runs),
        What::Run(Left::Yields),
        What::Run(Left::Parks),
        What::Run(Left::Ends),
        What::Wake,
        What::Handoff,
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it (or the run) began, and how long a run took: ns of CLOCK_MONOTONIC.
    pub when: u64,
    pub lasted: u64,
    /// The pthread_t that it's about, 0 if none; and that thread's name.
    pub thread: u64,
    pub name: [u8; 16],
    /// A run's park: which of its kind it waits for. A wake-up: the pthread_t of who woke it, 0 for a hub or no green thread. A handoff:
    /// the kernel thread that has the hub now, 0 if it's yet to begin.
    pub on: u64,
    /// The kernel thread on which that was.
    pub kernel_id: i32,
    pub what: What,
    /// A run's park: the `Cause`. A wake-up: the `Reason`.
    pub detail: u8,
}

/// In how many words.
pub const WORDS: usize = 7;

impl Event {
    pub fn words(&self) -> [u64; WORDS] {
        let what = What::ALL.iter().position(|&what| what == self.what).unwrap_or(0) as u64;
        let [a, b] = halves(self.name);
        let rest = (self.kernel_id as u32 as u64) << 32 | what << 8 | u64::from(self.detail);
        [self.when, self.lasted, self.thread, self.on, a, b, rest]
    }

    pub fn from_words([when, lasted, thread, on, a, b, rest]: [u64; WORDS]) -> Event {
        let what = What::ALL[(rest >> 8 & 0xff) as usize % What::ALL.len()];
        let kernel_id = (rest >> 32) as i32;
        Event { when, lasted, thread, on, name: whole([a, b]), kernel_id, what, detail: rest as u8 }
    }
}

/// A name as two words, and back.
pub fn halves(name: [u8; 16]) -> [u64; 2] {
    let all = u128::from_ne_bytes(name);
    [all as u64, (all >> 64) as u64]
}

pub fn whole([a, b]: [u64; 2]) -> [u8; 16] {
    (u128::from(a) | u128::from(b) << 64).to_ne_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_back() {
        for what in What::ALL {
            let name = *b"a name of 15 by\0";
            let event = Event { when: 1, lasted: 2, thread: 3, on: 4, name, kernel_id: 5, what, detail: 6 };
            assert_eq!(Event::from_words(event.words()), event);
        }
    }
}
