//! A thread's wait, which others may look at (`loan`): never after it's withdrawn, nor by two at once.

use crate::loan::Loan;
use crate::world::{check, check_within, join, Exclusive};
use loom::thread;
use std::sync::Arc;

#[derive(Clone)]
struct Wait(Arc<(Loan<Exclusive>, Exclusive)>);

impl Wait {
    fn new() -> Self {
        Wait(Arc::new((Loan::new(), Exclusive::new())))
    }

    /// Waiter::park: offers its wait, waits, withdraws it; then the stack it lay on is used for something else.
    fn wait(&self) {
        let (loan, it) = &*self.0;
        it.touch();
        // SAFETY: it outlives the model, and is withdrawn before another is offered.
        unsafe { loan.offer(it) };
        loan.withdraw();
        it.touch();
    }

    /// signal::attend, Task::cancel, Task::interrupt.
    fn attend(&self) {
        self.0 .0.borrow(|it| it.touch());
    }
}

#[test]
fn who_looks_is_done_before_the_owner_goes() {
    check(|| {
        let wait = Wait::new();
        let other = wait.clone();
        let looker = thread::spawn(move || other.attend());
        wait.wait();
        looker.join().unwrap();
    });
}

#[test]
fn two_lookers_and_two_waits() {
    check_within(2, || {
        let wait = Wait::new();
        let lookers = [wait.clone(), wait.clone()].map(|wait| thread::spawn(move || wait.attend()));
        wait.wait();
        wait.wait();
        join(lookers);
    });
}

/// An owner that goes without a withdrawal.
#[test]
#[should_panic(expected = "Causality violation")]
fn going_with_the_loan_out_is_found() {
    check(|| {
        let wait = Wait::new();
        let other = wait.clone();
        let looker = thread::spawn(move || other.attend());
        // SAFETY: it outlives the model; the rest of the contract is what is broken here.
        unsafe { wait.0 .0.offer(&wait.0 .1) };
        wait.0 .1.touch();
        looker.join().unwrap();
    });
}
