//! `--pest restart|interrupt`: a signal every millisecond, in native and green runs alike. A small library beside ours
//! (`c-tests/eintr/lib/pest.c`) sends it; its handler has SA_RESTART, or hasn't.
//!
//! Not every program can live with that: one that takes EINTR for a failure ends. Those are left out, and the native runs tell
//! which: three must do the same. When a green run then differs, twenty more native ones say whether that was luck.

use crate::run::{Outcome, Runner};
use crate::{compare, Fixture};
use std::path::Path;

/// Native runs that a fixture must bear before its green runs count.
pub const FIRST: usize = 3;
/// Native runs that it must bear before the failure of a green one counts.
const MORE: usize = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pest {
    /// The handler is installed with SA_RESTART.
    Restart,
    /// Without: whatever waits ends with EINTR.
    Interrupt,
}

impl Pest {
    pub fn of(word: Option<String>) -> Result<Pest, String> {
        match word.as_deref() {
            Some("restart") => Ok(Pest::Restart),
            Some("interrupt") => Ok(Pest::Interrupt),
            _ => Err("--pest takes `restart` or `interrupt`".to_string()),
        }
    }

    /// The value of `PEST`, by which the library knows.
    pub fn name(self) -> &'static str {
        match self {
            Pest::Restart => "restart",
            Pest::Interrupt => "interrupt",
        }
    }
}

/// Whether the program does natively what it did before, time and again.
pub fn still_borne(fixture: &Fixture, binary: &Path, runner: &Runner, native: &Outcome) -> bool {
    let again = || runner.run(fixture, binary, runner.native(), None);
    (0..MORE).all(|_| compare::again(native, &again(), &fixture.directives).is_ok())
}
