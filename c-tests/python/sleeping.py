#!/usr/bin/python3
# time.sleep in 200 threads: together they take little longer than one alone, and each as long as it should.
import threading
import time

early = []
begun = time.monotonic()


def sleep(i):
    seconds = 0.05 + i % 5 * 0.01
    before = time.monotonic()
    time.sleep(seconds)
    if time.monotonic() - before < seconds:
        early.append(i)


threads = [threading.Thread(target=sleep, args=(i,)) for i in range(200)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("woke too early:", len(early))
print("one after the other:", time.monotonic() - begun > 200 * 0.05)
