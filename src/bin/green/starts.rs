//! What threads began with: their start functions' names, which tell them apart if they have no names of their own.

use crate::symbols::Symbols;
use crate::thread::Thread;
use std::collections::HashMap;

/// Names the start function of each thread that has no name. Symbols take time to read, so not without need.
pub fn name(threads: &mut [Thread], symbols: &Symbols) {
    let mut known: HashMap<u64, String> = HashMap::new();
    for thread in threads.iter_mut().filter(|thread| thread.routine != 0 && thread.name.is_empty()) {
        let name = known.entry(thread.routine).or_insert_with_key(|&at| symbols.function(at).unwrap_or_default());
        thread.start.clone_from(name);
    }
}
