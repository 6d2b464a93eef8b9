#!/usr/bin/python3
# The threading module: names, local(), Timer, exceptions in a thread, a join that runs out of time, daemon threads when the program ends.
import threading
import time

local = threading.local()


class Noisy:
    def __init__(self, where):
        self.where = where

    def __del__(self):
        gone.append(self.where)


gone = []


def remember(number):
    local.number = number
    local.noisy = Noisy(number)
    time.sleep(0.001)
    right.append(local.number == number and threading.current_thread().name == f"worker {number}")


right = []
threads = [threading.Thread(target=remember, args=(i,), name=f"worker {i}") for i in range(50)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("right", right.count(True), "locals gone", len(gone))
print("main has none:", not hasattr(local, "number"))

fired = threading.Event()
begun = time.monotonic()
threading.Timer(0.05, fired.set).start()
fired.wait()
print("the timer waited:", time.monotonic() - begun >= 0.05)
never = threading.Timer(30, fired.clear)
never.start()
never.cancel()
never.join()
print("a cancelled one did nothing:", fired.is_set())

reports = []
threading.excepthook = lambda args: reports.append(f"{args.thread.name}: {args.exc_type.__name__}")
failing = threading.Thread(target=lambda: 1 // 0, name="failing")
failing.start()
failing.join()
print(reports)

go = threading.Event()
waiting = threading.Thread(target=go.wait)
waiting.start()
waiting.join(0.03)
print("still there:", waiting.is_alive())
go.set()
waiting.join()
print("and then:", waiting.is_alive())

old = threading.stack_size(256 * 1024)
small = threading.Thread(target=lambda: reports.append("small"))
small.start()
small.join()
threading.stack_size(old)
print(reports[-1], threading.active_count())


# Nobody waits for these: one sleeps, one waits for a lock, one computes.
def compute():
    while True:
        sum(range(100))


lock = threading.Lock()
lock.acquire()
for target in (lambda: time.sleep(1000), lock.acquire, compute):
    threading.Thread(target=target, daemon=True).start()
time.sleep(0.02)
print("main ends")
