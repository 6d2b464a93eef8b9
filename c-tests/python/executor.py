#!/usr/bin/python3
# concurrent.futures.ThreadPoolExecutor: map, as_completed, exceptions, timeouts, cancel, callbacks, nested use, shutdown.
import concurrent.futures as futures
import logging
import threading
import time

with futures.ThreadPoolExecutor(20) as pool:
    print("map", sum(pool.map(lambda n: (time.sleep(0.001), n * n)[1], range(200))))

    def fails(n):
        if n % 10 == 3:
            raise ValueError(n)
        return n

    done = [pool.submit(fails, n) for n in range(100)]
    errors = sorted(f.exception().args[0] for f in futures.as_completed(done) if f.exception())
    print("failed", errors)
    print("sum of the others", sum(f.result() for f in done if not f.exception()))

gate = threading.Event()
with futures.ThreadPoolExecutor(2) as pool:
    blocked = [pool.submit(gate.wait) for _ in range(2)]
    queued = pool.submit(print, "never")
    try:
        blocked[0].result(timeout=0.05)
    except futures.TimeoutError:
        print("timed out")
    print("cancelled", queued.cancel(), blocked[0].cancel())
    finished, pending = futures.wait(blocked, timeout=0.03)
    print("finished", len(finished), "pending", len(pending))
    called = []
    blocked[0].add_done_callback(lambda f: called.append(f.result()))
    gate.set()
    finished, pending = futures.wait(blocked)
    print("finished", len(finished), "pending", len(pending))
print("callback", called)


def tree(pool, depth):
    if depth == 0:
        return 1
    return sum(f.result() for f in [pool.submit(tree, pool, depth - 1) for _ in range(3)])


with futures.ThreadPoolExecutor(50) as pool:
    print("leaves", tree(pool, 3))

logging.getLogger("concurrent.futures").addHandler(logging.NullHandler())
logging.getLogger("concurrent.futures").propagate = False
pool = futures.ThreadPoolExecutor(1, initializer=lambda: 1 / 0)
try:
    pool.submit(print).result()
except futures.BrokenExecutor:
    print("broken by its initializer")
pool.shutdown()
# One that is still at work when main is at its end; the interpreter waits for it.
late = futures.ThreadPoolExecutor(3)
late.submit(lambda: (time.sleep(0.03), print("late")))
