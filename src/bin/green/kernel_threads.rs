//! Ids of a process's kernel threads: as it has them itself, and as they are called here. They differ where it runs in a container
//! (a PID namespace of its own, pid_namespaces(7)).

use crate::memory::Memory;
use std::collections::HashMap;
use std::fs;

/// By the process's own ids those of here; None: they are the same.
pub struct KernelThreads {
    pid: i32,
    outer: Option<HashMap<u32, u32>>,
}

impl KernelThreads {
    /// Those of a process; of a core the ids are all that there is.
    pub fn of(memory: &Memory) -> Self {
        let pid = memory.pid;
        let folder = format!("/proc/{pid}/task");
        let is_inside = memory.lives() && ids(&format!("/proc/{pid}/status")).is_some_and(|ids| ids.len() > 1);
        let outer = is_inside.then(|| {
            let tasks = fs::read_dir(&folder).into_iter().flatten().flatten();
            let pair = |ids: Vec<u32>| Some((*ids.last()?, *ids.first()?));
            tasks.filter_map(|task| pair(ids(task.path().join("status").to_str()?)?)).collect()
        });
        KernelThreads { pid, outer }
    }

    /// What a thread is called here; its own id if it's gone.
    pub fn here(&self, own: u32) -> u32 {
        self.outer.as_ref().and_then(|outer| outer.get(&own)).copied().unwrap_or(own)
    }

    pub fn has(&self, own: u32) -> bool {
        match &self.outer {
            Some(outer) => outer.contains_key(&own),
            None => fs::exists(format!("/proc/{}/task/{own}", self.pid)).unwrap_or(false),
        }
    }
}

/// A thread's ids in each namespace that it's in, from this one inwards (NSpid, proc(5)).
fn ids(status: &str) -> Option<Vec<u32>> {
    let text = fs::read(status).ok()?;
    let line = text.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(b"NSpid:"))?;
    Some(std::str::from_utf8(line).ok()?.split_whitespace().filter_map(|id| id.parse().ok()).collect())
}
