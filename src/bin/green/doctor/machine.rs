//! This machine: what its kernel has, and its limits, each with a remark only when it matters to green threads.

use serde::Serialize;
use std::fs;

#[derive(Serialize)]
pub struct Machine {
    pub kernel: String,
    pub processors: usize,
    /// User space may set the thread pointer itself.
    pub fsgsbase: bool,
    /// MADV_GUARD_INSTALL (Linux 6.13).
    pub guard_regions: bool,
    pub io_uring: bool,
    pub epoll: bool,
    pub open_files: Limit,
    /// Bytes.
    pub stack: Limit,
    pub processes: Limit,
    /// Bytes.
    pub address_space: Limit,
    pub max_map_count: Option<u64>,
    pub overcommit_memory: Option<u64>,
    pub threads_max: Option<u64>,
    pub remarks: Vec<String>,
}

/// Soft and hard; None is unlimited.
#[derive(Serialize, Clone, Copy)]
pub struct Limit {
    pub soft: Option<u64>,
    pub hard: Option<u64>,
}

pub fn look() -> Machine {
    let mut machine = Machine {
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_string(),
        processors: std::thread::available_parallelism().map_or(1, |n| n.get()),
        // SAFETY: no pointers.
        fsgsbase: unsafe { libc::getauxval(libc::AT_HWCAP2) } & 2 != 0,
        guard_regions: guard_regions(),
        io_uring: io_uring(),
        epoll: epoll(),
        open_files: limit(libc::RLIMIT_NOFILE),
        stack: limit(libc::RLIMIT_STACK),
        processes: limit(libc::RLIMIT_NPROC),
        address_space: limit(libc::RLIMIT_AS),
        max_map_count: number("/proc/sys/vm/max_map_count"),
        overcommit_memory: number("/proc/sys/vm/overcommit_memory"),
        threads_max: number("/proc/sys/kernel/threads-max"),
        remarks: Vec::new(),
    };
    machine.remarks = remarks(&machine);
    machine
}

fn remarks(m: &Machine) -> Vec<String> {
    /// What a server with a thread for each connection should have.
    const CONNECTIONS: u64 = 10_000;
    /// GREEN_MAX_CARRIERS, and room for others.
    const KERNEL_THREADS: u64 = 512;
    const LARGE_STACK: u64 = 64 << 20;
    let mut remarks = Vec::new();
    if !m.epoll {
        remarks
            .push("epoll is refused here: GREEN_HUB=poll is taken, which is slower with many connections".to_string());
    }
    if !m.fsgsbase {
        remarks.push(
            "no FSGSBASE: each switch between threads is a system call (the processor, or Linux before 5.9)"
                .to_string(),
        );
    }
    if let (false, Some(maps)) = (m.guard_regions, m.max_map_count) {
        remarks.push(format!(
            "no guard regions (Linux 6.13): each thread takes two mappings, so vm.max_map_count = {maps} allows some {} threads",
            maps / 2
        ));
    }
    if let Some(soft) = m.open_files.soft.filter(|&n| n < CONNECTIONS) {
        let hard = m.open_files.hard.map_or("unlimited".to_string(), |n| n.to_string());
        remarks.push(format!(
            "open files: {soft} (hard limit {hard}): `ulimit -n` must be raised for more connections than that"
        ));
    }
    if m.overcommit_memory == Some(2) {
        remarks.push(
            "vm.overcommit_memory is 2: whole stacks count as used memory, so set GREEN_STACK=256k or so".to_string(),
        );
    }
    if let Some(stack) = m.stack.soft.filter(|&n| n > LARGE_STACK) {
        remarks.push(format!(
            "stacks of {} MiB each (ulimit -s): thousands of threads take much address space; GREEN_STACK=1m is less",
            stack >> 20
        ));
    }
    if let Some(bytes) = m.address_space.soft {
        remarks.push(format!(
            "address space: {} MiB (ulimit -v), which stacks of thousands of threads may fill: GREEN_STACK=64k",
            bytes >> 20
        ));
    }
    if let Some(n) = m.processes.soft.filter(|&n| n < KERNEL_THREADS) {
        remarks.push(format!(
            "processes and threads: {n} (ulimit -u): threads that block may need up to 256 kernel threads"
        ));
    }
    if let Some(n) = m.threads_max.filter(|&n| n < 4 * KERNEL_THREADS) {
        remarks.push(format!(
            "kernel.threads-max is {n}, for all processes: threads that block may need up to 256 kernel threads"
        ));
    }
    remarks
}

fn number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn limit(which: libc::__rlimit_resource_t) -> Limit {
    let mut limits = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: a valid object to fill.
    unsafe { libc::getrlimit(which, &mut limits) };
    let known = |n: u64| (n != libc::RLIM_INFINITY).then_some(n);
    Limit { soft: known(limits.rlim_cur), hard: known(limits.rlim_max) }
}

/// By trying it, since distributions carry patches back.
fn guard_regions() -> bool {
    const MADV_GUARD_INSTALL: i32 = 102;
    const PAGE: usize = 4096;
    // SAFETY: a new page of our own, gone again at the end.
    unsafe {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        let page = libc::mmap(std::ptr::null_mut(), PAGE, protection, flags, -1, 0);
        if page == libc::MAP_FAILED {
            return false;
        }
        let works = libc::madvise(page, PAGE, MADV_GUARD_INSTALL) == 0;
        libc::munmap(page, PAGE);
        works
    }
}

/// By trying it: a sandbox may refuse it whatever `kernel.io_uring_disabled` says.
fn io_uring() -> bool {
    // struct io_uring_params, all zero: no special wishes.
    let mut parameters = [0u64; 15];
    // SAFETY: 120 bytes, as the kernel wants them; the descriptor is closed at once.
    unsafe {
        let fd = libc::syscall(libc::SYS_io_uring_setup, 2, parameters.as_mut_ptr());
        fd >= 0 && libc::close(fd as i32) == 0
    }
}

fn epoll() -> bool {
    // SAFETY: no pointers; the descriptor is closed at once.
    unsafe {
        let fd = libc::epoll_create1(libc::EPOLL_CLOEXEC);
        fd >= 0 && libc::close(fd) == 0
    }
}
