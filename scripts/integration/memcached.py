#!/usr/bin/python3
"""A client of memcached's text protocol: says on stdout what the server on the port in argv[1] answers.

What it says does not depend on who was served first. Exit status 1 when an answer was wrong by itself."""
import hashlib
import selectors
import socket
import sys

PORT = int(sys.argv[1])
CONNECTIONS, ROUNDS = 200, 20
requests = 0


class Client:
    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", PORT), 10)
        self.file = self.socket.makefile("rb")

    def ask(self, command, value=None):
        """Sends a command, with a value where it takes one; the answer's first line."""
        global requests
        requests += 1
        self.socket.sendall(command.encode() + b"\r\n" + (value + b"\r\n" if value is not None else b""))
        return self.line()

    def line(self):
        return self.file.readline().decode("latin-1").rstrip("\r\n")

    def store(self, verb, key, value, flags=0, rest=""):
        return self.ask(f"{verb} {key} {flags} 0 {len(value)}{rest}", value)

    def get(self, keys, verb="get"):
        """What is there of the keys: [(key, flags, value)]."""
        found, line = [], self.ask(f"{verb} {keys}")
        while line != "END":
            _, key, flags, size, *_ = line.split(" ")
            value = self.file.read(int(size) + 2)
            assert value.endswith(b"\r\n")
            found.append((key, int(flags), value[:-2]))
            line = self.line()
        return found

    def lines(self, command):
        line = self.ask(command)
        while line != "END":
            yield line
            line = self.line()

    def stats(self):
        return dict(line.split(" ", 2)[1:] for line in self.lines("stats"))


def stream(seed, size):
    return hashlib.shake_128(str(seed).encode()).digest(size)


def commands(c):
    """Each command once, with its errors."""
    print("version", c.ask("version"))
    print("set", c.store("set", "a", b"one", 7), c.get("a"))
    print("add", c.store("add", "a", b"two"), c.store("add", "b", b"two"))
    print("replace", c.store("replace", "nothing", b"x"), c.store("replace", "b", b"TWO"))
    print("append", c.store("append", "a", b"+"), c.store("prepend", "a", b"-"), c.get("a b nothing"))
    print("incr", c.store("set", "n", b"41"), c.ask("incr n 1"), c.ask("decr n 50"), c.ask("incr nothing 1"), c.ask("incr a 1"))
    unique = c.ask("gets a").split(" ")[4]
    c.line(), c.line()
    print("cas", c.store("cas", "a", b"new", 0, f" {int(unique) + 1000000}"), c.store("cas", "a", b"new", 0, f" {unique}"), c.get("a"))
    print("delete", c.ask("delete a"), c.ask("delete a"), c.get("a"))
    print("touch", c.ask("touch b 100"), c.ask("touch nothing 100"), c.get("100 b", "gat"))
    print("expired", c.ask("set gone 0 -1 1", b"x"), c.get("gone"))
    print("errors", c.ask("nonsense"), c.ask("get " + "k" * 300), c.ask("set k 0 0 x"))
    c.socket.sendall(b"set quiet 0 0 3 noreply\r\nyes\r\n")
    print("noreply", c.get("quiet"))
    print("meta", c.ask("ms m 2 T90", b"hi"), c.ask("mg m t v"), c.line(), c.ask("mn"))


def values(c):
    """Values with every byte in them, and large ones; one that is too large."""
    everything = bytes(range(256)) * 4 + b"\r\nEND\r\nVALUE a 0 1\r\n"
    print("every byte", c.store("set", "bytes", everything), c.get("bytes")[0][2] == everything)
    for size in (0, 1, 1400, 65536, 500000, 1000000):
        print(size, c.store("set", f"size{size}", stream(size, size)), c.get(f"size{size}")[0][2] == stream(size, size))
    print("too large", c.store("set", "huge", bytes(2 << 20)))
    print("after it", c.get("huge"), c.store("set", "huge", b"small"), c.get("huge"))
    print("many keys", [len(v) for _, _, v in c.get(" ".join(f"size{n}" for n in (0, 1, 1400, 65536, 500000)))])


def pipelined(c):
    """Two thousand requests in one go, before any answer is read."""
    global requests
    n = 1000
    requests += 2 * n
    c.socket.sendall(b"".join(b"set p%d 0 0 %d\r\n%s\r\n" % (i, len(str(i)), str(i).encode()) for i in range(n)))
    print("pipelined sets", sum(c.line() == "STORED" for _ in range(n)))
    c.socket.sendall(b"".join(b"get p%d\r\n" % i for i in range(n)))
    print("pipelined gets", sum([c.line() for _ in range(3)] == [f"VALUE p{i} 0 {len(str(i))}", str(i), "END"] for i in range(n)))


def together():
    """Many connections, a request under way on each: store, read back, count on a shared counter."""
    global requests
    print("counter", Client().store("set", "shared", b"0"))
    choose, good = selectors.DefaultSelector(), 0
    for number in range(CONNECTIONS):
        c = Client()
        c.number, c.steps, c.have = number, 0, b""
        choose.register(c.socket, selectors.EVENT_READ, c)

    def send(c):
        global requests
        requests += 1
        c.value = stream(c.number * ROUNDS + c.steps // 3, 200 + c.number)
        key = b"c%d" % c.number
        if c.steps % 3 == 0:
            c.want = b"STORED\r\n"
            c.socket.sendall(b"set %s 0 0 %d\r\n%s\r\n" % (key, len(c.value), c.value))
        elif c.steps % 3 == 1:
            c.want = b"VALUE %s 0 %d\r\n%s\r\nEND\r\n" % (key, len(c.value), c.value)
            c.socket.sendall(b"get %s\r\n" % key)
        else:
            c.want = None
            c.socket.sendall(b"incr shared 1\r\n")
        c.steps += 1

    for key in list(choose.get_map().values()):
        send(key.data)
    open_ones = CONNECTIONS
    while open_ones:
        ready = choose.select(10)
        assert ready, f"{open_ones} connections got no answer for ten seconds"
        for key, _ in ready:
            c = key.data
            c.have += c.socket.recv(65536)
            if not c.have.endswith(b"\r\n") or c.want and len(c.have) < len(c.want):
                continue
            good += c.have == c.want if c.want else c.have[:-2].isdigit()
            c.have = b""
            if c.steps < 3 * ROUNDS:
                send(c)
            else:
                choose.unregister(c.socket)
                c.socket.close()
                c.file.close()
                open_ones -= 1
    print("right answers on", CONNECTIONS, "connections:", good, "of", CONNECTIONS * ROUNDS * 3)
    print("counted", Client().get("shared")[0][2])


def background(c):
    """What threads of the server's own answer, and what the server counted."""
    names = sorted(line.split(" ")[0] for line in c.lines("lru_crawler metadump all"))
    print("dumped", len(names), hashlib.sha256(" ".join(names).encode()).hexdigest()[:16])
    stats = c.stats()
    for name in "threads max_connections curr_items cmd_set cmd_get cmd_touch get_hits get_misses delete_hits incr_misses cas_badval evictions".split():
        print(name, stats[name])
    print("flush", c.ask("flush_all"), c.get("b"))
    print("quit", c.ask("quit") == "")


client = Client()
commands(client)
values(client)
pipelined(client)
together()
background(Client())
print("requests", requests)
