#!/usr/bin/python3
# The queue module: a bounded Queue with task_done and join, LifoQueue, PriorityQueue, SimpleQueue, and timeouts.
import queue
import threading
import time

WORKERS = 6
tasks = queue.Queue(maxsize=5)
results = queue.SimpleQueue()


def work():
    while True:
        task = tasks.get()
        if task is None:
            tasks.task_done()
            return
        results.put(task * task)
        tasks.task_done()


threads = [threading.Thread(target=work) for _ in range(WORKERS)]
for thread in threads:
    thread.start()
for i in range(500):
    tasks.put(i)
tasks.join()
print("done", results.qsize(), sum(results.get() for _ in range(500)))
for _ in threads:
    tasks.put(None)
for thread in threads:
    thread.join()

full = queue.Queue(1)
full.put("one")
for what, call in (("put", lambda: full.put("two", timeout=0.04)), ("get", lambda: results.get(timeout=0.04))):
    begun = time.monotonic()
    try:
        call()
    except (queue.Full, queue.Empty) as error:
        print(what, type(error).__name__, time.monotonic() - begun >= 0.04)

ranked = queue.PriorityQueue()
putters = [threading.Thread(target=lambda i=i: [ranked.put((i * 7 + k) % 70) for k in range(7)]) for i in range(10)]
for thread in putters:
    thread.start()
for thread in putters:
    thread.join()
print("in order:", [ranked.get() for _ in range(70)] == list(range(70)))

# Two threads play ping-pong through two queues.
ping, pong = queue.Queue(), queue.LifoQueue()


def answer():
    for number in iter(ping.get, None):
        pong.put(number + 1)


player = threading.Thread(target=answer)
player.start()
number = 0
for _ in range(300):
    ping.put(number)
    number = pong.get()
ping.put(None)
player.join()
print("ping-pong", number)
