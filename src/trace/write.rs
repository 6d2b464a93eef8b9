//! The timeline as a file in the trace event format (a JSON array), which ui.perfetto.dev and chrome://tracing open. A carrier is a
//! thread there, a run of a green thread a bar on it.

use super::event::{Event, Left, What};
use super::{each, Slot, KEPT, RING};
use crate::config;
use crate::hub::spares;
use crate::inspect::table::Cause;
use crate::output::Output;
use crate::report::Line;
use crate::sys;
use core::fmt::{self, Display, Write};
use core::ptr;
use core::sync::atomic::Ordering;

/// Bytes between two writes.
const BUFFER: usize = 64 << 10;

/// Ends the trace, if there's one, and writes it. At the end of the process; once.
pub fn write() {
    let Some(trace) = config::get().trace else { return };
    if !super::is_on() {
        return;
    }
    spares::all().for_each(|carrier| carrier.open.close(carrier.kernel_id(), Left::Runs, 0, 0));
    // SAFETY: as in `record`; the memory stays.
    let ring = unsafe { (RING.swap(ptr::null_mut(), Ordering::AcqRel) as *const [Slot; KEPT]).as_ref() };
    let Some(ring) = ring else { return };
    let pid = sys::getpid();
    let mut path = Line::new();
    path.push(trace.path.to_bytes());
    let _ = if pid == trace.started { write!(path, "\0") } else { write!(path, ".{pid}\0") };
    if let Err(e) = file(path.as_bytes(), pid, ring) {
        Output::Trace.failed(path.as_bytes().strip_suffix(b"\0").unwrap_or_default(), e);
    }
}

fn file(path: &[u8], pid: i32, ring: &[Slot; KEPT]) -> sys::Result<()> {
    if path.last() != Some(&0) {
        return Err(libc::ENAMETOOLONG);
    }
    let memory = sys::map(BUFFER)?;
    let fd = sys::open(path, libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC, 0o644)?;
    // SAFETY: a new mapping of that length.
    let buffer = unsafe { core::slice::from_raw_parts_mut(memory, BUFFER) };
    let mut out = Out { fd, buffer, used: 0, failed: None };
    let name = sys::process_name();
    out.put(format_args!(
        "[\n{{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":{pid},\"tid\":{pid},\"args\":{{\"name\":\"{}\"}}}}",
        Name(name, 0)
    ));
    for carrier in spares::all().filter(|carrier| carrier.kernel_id() != 0) {
        let tid = carrier.kernel_id();
        let home = if carrier.is_first() { ", main's" } else { "" };
        out.put(format_args!(
            ",\n{{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":{pid},\"tid\":{tid},\"args\":{{\"name\":\"carrier {tid}{home}\"}}}}"
        ));
    }
    each(ring, |event| one(&mut out, pid, &event));
    out.put(format_args!("\n]\n"));
    out.flush();
    sys::close(fd);
    let failed = out.failed;
    // SAFETY: nobody uses it any more.
    unsafe { sys::unmap(memory, BUFFER) };
    failed.map_or(Ok(()), Err)
}

/// One event; a run that ended in a park makes two.
fn one(out: &mut Out, pid: i32, event: &Event) {
    let (tid, thread, on) = (event.kernel_id, event.thread, event.on);
    let name = Name(event.name, thread);
    let common = |when: u64| Common { when, pid, tid };
    match event.what {
        What::Run(left) => {
            let left_for = match left {
                Left::Runs => "running",
                Left::Yields => "yields",
                Left::Parks => "parks",
                Left::Ends => "ends",
            };
            out.put(format_args!(
                ",\n{{\"name\":\"{name}\",\"ph\":\"X\",\"dur\":{},{},\"args\":{{\"thread\":\"{thread:#x}\",\"name\":\"{name}\",\"then\":\"{left_for}\"}}}}",
                Microseconds(event.lasted), common(event.when)
            ));
            if left == Left::Parks {
                let cause = Cause::from_byte(event.detail).map_or("other", Cause::word);
                out.put(format_args!(
                    ",\n{{\"name\":\"park: {cause}\",\"ph\":\"i\",\"s\":\"t\",{},\"args\":{{\"thread\":\"{thread:#x}\",\"name\":\"{name}\",\"cause\":\"{cause}\",\"on\":\"{on:#x}\"}}}}",
                    common(event.when + event.lasted)
                ));
            }
        }
        What::Wake => {
            let reason = ["ready", "timeout", "closed", "interrupted"][event.detail as usize & 3];
            out.put(format_args!(
                ",\n{{\"name\":\"wake-up\",\"ph\":\"i\",\"s\":\"t\",{},\"args\":{{\"thread\":\"{thread:#x}\",\"name\":\"{name}\",\"reason\":\"{reason}\",\"by\":\"{on:#x}\"}}}}",
                common(event.when)
            ));
        }
        What::Handoff => out.put(format_args!(
            ",\n{{\"name\":\"handoff\",\"ph\":\"i\",\"s\":\"t\",{},\"args\":{{\"thread\":\"{thread:#x}\",\"name\":\"{name}\",\"to\":{on}}}}}",
            common(event.when)
        )),
    }
}

/// What each event has.
struct Common {
    when: u64,
    pid: i32,
    tid: i32,
}

impl Display for Common {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"ts\":{},\"pid\":{},\"tid\":{}", Microseconds(self.when), self.pid, self.tid)
    }
}

/// Nanoseconds, as the format wants them.
struct Microseconds(u64);

impl Display for Microseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

/// A thread's name inside a JSON string; its pthread_t if it has none.
struct Name([u8; 16], u64);

impl Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.split(|&b| b == 0).next().unwrap_or(&[]);
        if bytes.is_empty() {
            return write!(f, "{:#x}", self.1);
        }
        // A name may be cut within a character.
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '"' | '\\' => write!(f, "\\{c}")?,
                    c if c.is_control() => write!(f, "\\u{:04x}", c as u32)?,
                    c => f.write_char(c)?,
                }
            }
            if !chunk.invalid().is_empty() {
                f.write_char('?')?;
            }
        }
        Ok(())
    }
}

/// The file in the making.
struct Out<'b> {
    fd: libc::c_int,
    buffer: &'b mut [u8],
    used: usize,
    failed: Option<i32>,
}

impl Out<'_> {
    fn put(&mut self, text: fmt::Arguments<'_>) {
        let mut line = Line::new();
        let _ = line.write_fmt(text);
        let bytes = line.as_bytes();
        if self.buffer.len() - self.used < bytes.len() {
            self.flush();
        }
        self.buffer[self.used..self.used + bytes.len()].copy_from_slice(bytes);
        self.used += bytes.len();
    }

    fn flush(&mut self) {
        let mut done = 0;
        while done < self.used && self.failed.is_none() {
            match sys::write(self.fd, &self.buffer[done..self.used]) {
                Ok(0) => self.failed = Some(libc::EIO),
                Ok(n) => done += n,
                Err(libc::EINTR) => {}
                Err(e) => self.failed = Some(e),
            }
        }
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(it: impl Display) -> String {
        format!("{it}")
    }

    #[test]
    fn names_are_strings_of_json() {
        assert_eq!(text(Name(*b"worker-1\0\0\0\0\0\0\0\0", 1)), "worker-1");
        assert_eq!(text(Name([0; 16], 0x7f00)), "0x7f00");
        assert_eq!(text(Name(*b"a\"b\\c\n\xc3\0\0\0\0\0\0\0\0\0", 1)), "a\\\"b\\\\c\\u000a?");
    }

    #[test]
    fn times_are_microseconds() {
        assert_eq!(text(Microseconds(1_002_003)), "1002.003");
    }
}
