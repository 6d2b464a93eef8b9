#!/usr/bin/python3
# threading's Condition, Event and Barrier, with timeouts; a barrier that is broken.
import collections
import threading
import time


def start(count, work):
    threads = [threading.Thread(target=work, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    return threads


def join(threads):
    for thread in threads:
        thread.join()


def bounded_queue():
    changed = threading.Condition()
    items = collections.deque()
    total = []

    def put(i):
        for k in range(50):
            with changed:
                changed.wait_for(lambda: len(items) < 4)
                items.append(i * 50 + k)
                changed.notify_all()

    def take(_):
        for _ in range(100):
            with changed:
                changed.wait_for(lambda: items)
                total.append(items.popleft())
                changed.notify_all()

    join(start(8, put) + start(4, take))
    print("taken", len(total), "sum", sum(total))


def events():
    event = threading.Event()
    seen = []
    threads = start(50, lambda i: seen.append(event.wait(30)))
    event.set()
    join(threads)
    print("saw the event", seen.count(True))
    event.clear()
    begun = time.monotonic()
    print("wait:", event.wait(0.05), "it waited:", time.monotonic() - begun >= 0.05)


def barriers():
    phases = []
    barrier = threading.Barrier(10, action=lambda: phases.append(len(cells)))
    cells = []

    def work(i):
        for _ in range(5):
            cells.append(i)
            barrier.wait()

    join(start(10, work))
    print("phases", phases)

    broken = []
    alone = threading.Barrier(3)

    def wait(_):
        try:
            alone.wait(0.05)
        except threading.BrokenBarrierError:
            broken.append(1)

    join(start(2, wait))
    print("broken for", len(broken), alone.broken)


bounded_queue()
events()
barriers()
thread = threading.Thread(target=events)
thread.start()
thread.join()
