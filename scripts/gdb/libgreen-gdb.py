"""gdb looks at green threads: `info green-threads`, `green-thread N`, `green-thread apply all bt`. Of living processes and of cores.

gdb loads it by itself when it stands, named libgreen.so-gdb.py, beside the library or below gdb's auto-load directory; else
`source libgreen-gdb.py`. It reads the same table as `green ps` (src/inspect/table.rs), and writes nothing into the process: a
thread that doesn't run is shown as if the kernel thread that is selected in gdb had called what that thread goes on with. So `bt`,
`up`, `frame`, `info registers`, `info locals` are about the green thread, until the process runs on or `green-thread 0`.
"""

import itertools
import re
import struct

import gdb
import gdb.frames
import gdb.unwinder

VERSION = 5
# Table, up to the ranges: see there.
HEAD = struct.Struct("<8s4I6Q22IQ")
OFFSETS = (
    "record single_record stage thread_pointer name routine parked cause on since sleeper woken next_carrier running kernel_id tid "
    "hub kind coroutine_sp host_sp hub_kernel_id hub_clock"
).split()
RANGES = 16384
SINGLE = 1 << 63
STAGE_BITS, STAGE_NONE, STAGE_ENDED = 2, 0, 2
CAUSES = (
    "? fd_readable fd_writable events time lock condition_variable barrier once_control semaphore futex thread child signal "
    "fewer_threads disk"
).split()
# How far the first function of all coroutines extends at most.
OUTERMOST_SIZE = 64
# Bounds that only a damaged table exceeds: where addresses of programs end, how small blocks are, how many of them a range has,
# and how many of those can't be read.
USER_SPACE = 1 << 47
LEAST_BLOCK = 1 << 12
MOST_BLOCKS = 1 << 24
MOST_UNREADABLE = 1 << 16


def read(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size))


def word(address):
    return struct.unpack("<Q", read(address, 8))[0]


def half(address):
    return struct.unpack("<I", read(address, 4))[0]


def visible(text):
    """The program's text, with escapes for what would make the reader's terminal do things."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def kernel_threads():
    """gdb's ids of kernel threads, by the process's own, which are others if it has a PID namespace to itself."""
    inferior = gdb.selected_inferior()
    ids = [native.ptid[1] for native in inferior.threads()]
    # A core has the process's own ids, and of another machine's processes /proc tells nothing.
    connection = getattr(inferior, "connection", None)
    if connection is None or connection.type != "native":
        return dict(zip(ids, ids))
    return {own_id(inferior.pid, id): id for id in ids}


def own_id(pid, id):
    try:
        with open(f"/proc/{pid}/task/{id}/status", errors="replace") as status:
            return next(int(line.split()[-1]) for line in status if line.startswith("NSpid:"))
    except (OSError, ValueError, StopIteration):
        return id


class Thread:
    def __init__(self, id, name, state, left=None, kernel_id=0):
        self.id, self.name, self.state, self.left, self.kernel_id = id, name, state, left, kernel_id

    def called(self):
        return f"{self.id:x} ({self.name})" if self.name else f"{self.id:x}"


class Table:
    """The library's table, and what it leads to. gdb.GdbError if there's none that we know."""

    def __init__(self):
        try:
            said = gdb.execute("info address green_table", to_string=True)
        except gdb.error:
            raise gdb.GdbError("libgreen isn't loaded here")
        found = re.search(r"0x[0-9a-f]+", said)
        if not found:
            raise gdb.GdbError("libgreen isn't loaded here")
        try:
            self.read(int(found.group(), 16))
        except gdb.MemoryError:
            raise gdb.GdbError("libgreen's table can't be read: there is no process, or the core lacks it")

    def read(self, table):
        magic, version, size = struct.unpack("<8sII", read(table, 16))
        if magic != b"libgreen":
            raise gdb.GdbError("libgreen's table is damaged")
        if version != VERSION:
            raise gdb.GdbError(f"a libgreen of another version (table {version}, this script knows {VERSION})")
        fields = HEAD.unpack(read(table, HEAD.size))
        _, _, _, active, self.life, _, _, self.host, carrier, _, self.outermost = fields[:11]
        if not active:
            raise gdb.GdbError("the process has not created a thread yet")
        self.at = dict(zip(OFFSETS, fields[11:-1]))
        self.count, self.ranges = min(fields[-1], RANGES), table + size
        self.running, known, seen = {}, kernel_threads(), set()
        while 0 < carrier < USER_SPACE and carrier not in seen:
            seen.add(carrier)
            try:
                task = word(carrier + self.at["running"])
                if task:
                    kernel_id = half(carrier + self.at["kernel_id"])
                    self.running[task] = known.get(kernel_id, kernel_id)
                carrier = word(carrier + self.at["next_carrier"])
            except gdb.MemoryError:
                break

    def places(self):
        """Where records may be, range by range; the first thread's own place before all."""
        yield [self.host]
        for n in range(self.count):
            try:
                low, size, blocks = struct.unpack("<3Q", read(self.ranges + 24 * n, 24))
            except gdb.MemoryError:
                break
            record = self.at["single_record" if blocks & SINGLE else "record"]
            count = min(blocks & ~SINGLE, MOST_BLOCKS) if size >= LEAST_BLOCK else 0
            yield ((low + block * size - record) & ~63 for block in range(1, count + 1))

    def threads(self):
        """All green threads, main first."""
        found = {}
        for places in self.places():
            unreadable = 0
            for record in places:
                try:
                    thread = self.thread(record)
                    if thread:
                        found.setdefault(record, thread)
                except (gdb.MemoryError, OverflowError, ValueError):
                    unreadable += 1
                    if unreadable > MOST_UNREADABLE:
                        break
        return list(found.values())

    def thread(self, record):
        at = self.at
        stage = half(record + at["stage"])
        if stage >> STAGE_BITS != self.life or stage & 3 == STAGE_NONE:
            return None
        id = word(record + at["thread_pointer"])
        if word(id + 16) != id:
            return None
        name = visible(read(record + at["name"], 16).split(b"\0")[0].decode(errors="replace"))
        if record == self.host and not name:
            name = "main"
        if stage & 3 == STAGE_ENDED:
            return Thread(id, name, "ended, waits to be joined")
        if record in self.running:
            kernel_id = self.running[record]
            return Thread(id, name, f"running on kernel thread {kernel_id}", kernel_id=kernel_id)
        return Thread(id, name, self.state(record), self.left(record))

    def state(self, record):
        at = self.at
        parked = word(record + at["parked"])
        if parked < 2 or half(word(parked + at["sleeper"]) + at["woken"]) >= 2:
            return "ready"
        cause = read(parked + at["cause"], 1)[0]
        cause = CAUSES[cause] if cause < len(CAUSES) else "?"
        on = word(parked + at["on"])
        if cause == "events":
            return "waits for an event on " + polled(on)
        on = on if on < 1 << 16 else hex(on)
        return "waits for " + cause.replace("_", " ") + ("" if cause == "time" else f" {on}")

    def left(self, record):
        """The registers that the switch away from it saved."""
        if read(record + self.at["kind"], 1)[0] == 0:
            sp = word(record + self.at["coroutine_sp"])
            if not sp:
                return None
            names = ["rip", "rbx", "rbp"]
        else:
            sp = word(record + self.at["host_sp"])
            if not sp:
                return None
            names = ["r15", "r14", "r13", "r12", "rbx", "rbp", "rip"]
        registers = dict(zip(names, struct.unpack(f"<{len(names)}Q", read(sp, 8 * len(names)))))
        registers["rsp"] = sp + 8 * len(names)
        return registers


class Selected:
    """The green thread that gdb shows, if any."""

    left = None
    outermost = 0
    number = 0
    # Where the kernel thread itself is.
    native = None

    @classmethod
    def show(cls, number, thread, outermost):
        cls.native = place(gdb.newest_frame())
        cls.number, cls.left, cls.outermost = number, thread.left, outermost
        gdb.invalidate_cached_frames()
        frame = gdb.newest_frame()
        while frame is not None and cls.is_native(frame):
            frame = frame.older()
        if frame is None:
            cls.nothing()
            raise gdb.GdbError("its stack can't be read")
        frame.select()

    @classmethod
    def is_native(cls, frame):
        """Whether a frame (or one that was inlined in it) is the kernel thread's own innermost one."""
        return place(frame) == cls.native

    @classmethod
    def nothing(cls):
        if cls.left is not None:
            cls.number, cls.left = 0, None
            gdb.invalidate_cached_frames()


def place(frame):
    integer = gdb.selected_inferior().architecture().integer_type(64, False)
    return [int(frame.read_register(name).cast(integer)) for name in ("rip", "rsp")]


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class Unwinder(gdb.unwinder.Unwinder):
    """Lets the innermost frame be followed by the selected green thread's, and that one's outermost by none."""

    def __init__(self):
        super().__init__("green-thread")

    def __call__(self, pending):
        if Selected.left is None:
            return None
        integer = gdb.selected_inferior().architecture().integer_type(64, False)
        value = lambda number: gdb.Value(number).cast(integer)
        if Selected.is_native(pending):
            # Lower than all that follows, so that gdb doesn't think the stack damaged.
            sp = Selected.left["rsp"] - 64
            info = pending.create_unwind_info(FrameId(value(sp), pending.read_register("rip")))
            for name, number in Selected.left.items():
                info.add_saved_register(name, value(number))
            return info
        pc = int(pending.read_register("rip").cast(integer))
        if Selected.outermost and 0 <= pc - Selected.outermost < OUTERMOST_SIZE:
            info = pending.create_unwind_info(FrameId(pending.read_register("rbp"), pending.read_register("rip")))
            info.add_saved_register("rip", value(0))
            return info
        return None


class Filter:
    """Leaves what isn't the selected green thread's out of backtraces."""

    def __init__(self):
        self.name, self.priority, self.enabled = "green-thread", 1000, True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        if Selected.left is None:
            return frames
        ends = lambda f: Selected.outermost and 0 <= f.inferior_frame().pc() - Selected.outermost < OUTERMOST_SIZE
        own = itertools.dropwhile(lambda f: Selected.is_native(f.inferior_frame()), frames)
        return itertools.takewhile(lambda f: not ends(f), own)


class InfoGreenThreads(gdb.Command):
    """Lists all green threads: number, pthread_t, name, and what each waits for."""

    def __init__(self):
        super().__init__("info green-threads", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        threads = Table().threads()
        print(f"  {'num':<5} {'thread':<16} {'name':<16} state")
        for n, thread in enumerate(threads, 1):
            mark = "*" if n == Selected.number else " "
            print(f"{mark} {n:<5} {thread.id:<16x} {thread.name:<16} {thread.state}")


class GreenThread(gdb.Command):
    """Shows a green thread: green-thread N, with N from `info green-threads`, or its pthread_t in hexadecimal (0x...), or its name.
Digits alone are a number, even if a thread is called so.

green-thread 0          the kernel thread itself again
green-thread apply all COMMAND
green-thread apply N M... COMMAND"""

    def __init__(self):
        super().__init__("green-thread", gdb.COMMAND_RUNNING, prefix=True)

    def invoke(self, argument, from_tty):
        wanted = argument.strip()
        if not wanted:
            raise gdb.GdbError("which one? See info green-threads")
        if wanted == "0":
            Selected.nothing()
            return
        table = Table()
        number, thread = find(table.threads(), wanted)
        select(table, number, thread)
        print(f"[Green thread {number}, {thread.called()}: {thread.state}]")
        gdb.execute("frame")


class GreenThreadApply(gdb.Command):
    """Does a command for green threads: green-thread apply all bt, or green-thread apply N M... bt."""

    def __init__(self):
        super().__init__("green-thread apply", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        words = argument.split()
        table = Table()
        threads = table.threads()
        if words[:1] == ["all"]:
            chosen, command = list(enumerate(threads, 1)), words[1:]
        else:
            numbers = list(itertools.takewhile(str.isdigit, words))
            chosen, command = [find(threads, n) for n in numbers], words[len(numbers):]
        if not chosen or not command:
            raise gdb.GdbError("usage: green-thread apply all COMMAND, or green-thread apply N M... COMMAND")
        before = gdb.selected_thread()
        try:
            for number, thread in chosen:
                print(f"\nGreen thread {number}, {thread.called()}: {thread.state}")
                try:
                    select(table, number, thread)
                    gdb.execute(" ".join(command))
                except (gdb.error, gdb.GdbError) as why:
                    print(why)
        finally:
            Selected.nothing()
            if before is not None and before.is_valid():
                before.switch()


def polled(at):
    """The first few descriptors of an array of struct pollfd, given where its address and its length are."""
    few, array, count = 4, word(at), word(at + 8)
    fds = [struct.unpack("<i", read(array + 8 * n, 4))[0] for n in range(min(count, few))]
    more = [f"{count - few} more"] if count > few else []
    return " or ".join([f"fd {fd}" for fd in fds if fd >= 0] + more) or "nothing"


def find(threads, wanted):
    """The thread that somebody names, and its number."""
    if re.fullmatch("[0-9]+", wanted):
        is_wanted = lambda number, thread: number == int(wanted)
    elif re.fullmatch("0x[0-9a-fA-F]+", wanted):
        is_wanted = lambda number, thread: thread.id == int(wanted, 16)
    else:
        is_wanted = lambda number, thread: thread.name == wanted
    for number, thread in enumerate(threads, 1):
        if is_wanted(number, thread):
            return number, thread
    raise gdb.GdbError(f"there's no green thread {wanted}")


def select(table, number, thread):
    Selected.nothing()
    if thread.kernel_id:
        for native in gdb.selected_inferior().threads():
            if native.ptid[1] == thread.kernel_id:
                native.switch()
                return
        raise gdb.GdbError(
            f"gdb has no kernel thread {thread.kernel_id}: if the process is in another PID namespace, that's its id there, and what "
            "it is here can't be had"
        )
    if thread.left is None:
        raise gdb.GdbError("it has no stack any more")
    if thread.left["rip"] == table.outermost:
        raise gdb.GdbError("it hasn't begun")
    Selected.show(number, thread, table.outermost)


InfoGreenThreads()
GreenThread()
GreenThreadApply()
Filter()
gdb.unwinder.register_unwinder(None, Unwinder(), replace=True)
gdb.events.cont.connect(lambda event: Selected.nothing())
gdb.events.exited.connect(lambda event: Selected.nothing())
