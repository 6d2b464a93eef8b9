"""What gevent.py and eventlet.py share: the services, in the blocking style that both libraries offer, and the measurements.

Each of the two is handed over as a class, with what differs between them: serve, spawn, join, yield_now, Lock, Semaphore, Gate (wait,
open), read, write (of a pipe that doesn't block)."""
import os
import resource
import socket
import sys
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n"
LONGEST_HEAD = 4096
REQUEST = 512
BLOCK = bytes(64 * 1024)
LOCKS = 64


def main(library):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    services = {"echo": echo, "http": http, "stream": stream, "request": Requests(library)}
    what, *words = sys.argv[1:] or [None]
    if what == "serve" and len(words) == 1 and words[0] in services:
        library.serve(connection(services[words[0]]))
    elif what == "micro" and len(words) == 2 and words[0] in ("all", *MICRO):
        for name in MICRO if words[0] == "all" else words[:1]:
            cost, scale = MICRO[name]
            print(name, f"{cost(library, scale * int(words[1])):.1f}", flush=True)
    elif what == "parked" and len(words) == 1:
        sys.exit(parked(library, int(words[0])))
    else:
        print(f"{sys.argv[0]} serve {'|'.join(services)} | micro all|{'|'.join(MICRO)} ROUNDS | parked COUNT", file=sys.stderr)
        sys.exit(2)


# ---- services


def connection(service):
    """Serves a connection until it ends or breaks."""

    def run(conn):
        try:
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            service(conn)
        except OSError:
            pass
        finally:
            conn.close()

    return run


def echo(conn):
    while data := conn.recv(REQUEST):
        conn.sendall(data)


def http(conn):
    waiting = b""
    while len(waiting) < LONGEST_HEAD and (data := conn.recv(LONGEST_HEAD - len(waiting))):
        *heads, waiting = (waiting + data).split(b"\r\n\r\n")
        for _ in heads:
            conn.sendall(ANSWER)


def stream(conn):
    if conn.recv(1):
        while True:
            conn.sendall(BLOCK)


class Requests:
    def __init__(self, library):
        self.library = library
        self.locks = [library.Lock() for _ in range(LOCKS)]
        self.sums = [0] * LOCKS

    def __call__(self, conn):
        while request := conn.recv(REQUEST):
            while len(request) < REQUEST:
                more = conn.recv(REQUEST - len(request))
                if not more:
                    return
                request += more
            self.library.join(self.library.spawn(self.answer, conn, request))

    def answer(self, conn, request):
        lock = request[0] % LOCKS
        with self.locks[lock]:
            self.sums[lock] += sum(request)
        conn.sendall(request)


# ---- small costs, in nanoseconds. Neither library has a condition variable of its own: there is no cond.


def timed(operations, run, *args):
    start = time.perf_counter()
    run(*args)
    return (time.perf_counter() - start) * 1e9 / operations


def together(library, count, run, *args):
    for task in [library.spawn(run, number, *args) for number in range(count)]:
        library.join(task)


def nothing():
    pass


def call(library, rounds):
    def run():
        for _ in range(rounds):
            nothing()

    return timed(rounds, run)


def create_join(library, rounds):
    def run():
        for _ in range(rounds):
            library.join(library.spawn(nothing))

    return timed(rounds, run)


def create_join_1000(library, rounds):
    batches = (rounds + 999) // 1000

    def run():
        for _ in range(batches):
            for task in [library.spawn(nothing) for _ in range(1000)]:
                library.join(task)

    return timed(1000 * batches, run)


def yields(library, rounds):
    def player(_):
        for _ in range(rounds):
            library.yield_now()

    return timed(2 * rounds, together, library, 2, player)


def mutex(library, rounds):
    lock = library.Lock()

    def run():
        for _ in range(rounds):
            with lock:
                pass

    return timed(rounds, run)


def mutex_contended(library, rounds):
    lock, counter = library.Lock(), 0

    def player(_):
        nonlocal counter
        for _ in range(rounds):
            with lock:
                counter += 1

    result = timed(4 * rounds, together, library, 4, player)
    assert counter == 4 * rounds
    return result


def sem(library, rounds):
    turns = [library.Semaphore(1), library.Semaphore(0)]

    def player(me):
        for _ in range(rounds):
            turns[me].acquire()
            turns[not me].release()

    return timed(2 * rounds, together, library, 2, player)


def pipe(library, rounds):
    there, back = os.pipe(), os.pipe()
    for end in there + back:
        os.set_blocking(end, False)

    def player(me):
        for _ in range(rounds):
            if me == 0:
                library.write(there[1], b"x")
                library.read(back[0], 1)
            else:
                library.read(there[0], 1)
                library.write(back[1], b"x")

    return timed(rounds, together, library, 2, player)


# Quick things need more rounds for the clock to see them: as many times, as in c-tests/bench/micro.c.
MICRO = {
    "create_join": (create_join, 1),
    "create_join_1000": (create_join_1000, 1),
    "yield": (yields, 10),
    "mutex": (mutex, 10),
    "mutex_contended": (mutex_contended, 10),
    "sem": (sem, 1),
    "pipe": (pipe, 1),
    "call": (call, 100),
}


# ---- very many, parked


# The first two are our own, the others the whole machine's.
TAKEN = {"rss_kib": "VmRSS", "vmpte_kib": "VmPTE", "kstack_kib": "KernelStack", "slab_kib": "Slab", "pagetables_kib": "PageTables"}


def memory():
    """What there is of each, in KiB."""
    kib = {}
    for path in ("/proc/self/status", "/proc/meminfo"):
        with open(path) as lines:
            for line in lines:
                name, value = line.split(":", 1)
                if value.endswith("kB\n"):
                    kib[name] = int(value[:-3])
    return [kib[line] for line in TAKEN.values()]


def parked(library, count):
    """Makes that many, which all wait at one gate; opens it, and joins them."""
    here, all_here, gate = 0, library.Gate(), library.Gate()

    def wait(number):
        nonlocal here
        here += 1
        if here == count:
            all_here.open()
        gate.wait()
        return number

    before, start = memory(), time.perf_counter()
    tasks = [library.spawn(wait, number) for number in range(count)]
    all_here.wait()
    created, after = time.perf_counter(), memory()
    gate.open()
    ran = sum(library.join(task) == number for number, task in enumerate(tasks))
    joined = time.perf_counter()
    growth = " ".join(f"{name}={b - a}" for name, a, b in zip(TAKEN, before, after))
    print(f"held={ran} created_ns={(created - start) * 1e9 / count:.0f} joined_ns={(joined - created) * 1e9 / count:.0f} {growth}")
    return ran != count
