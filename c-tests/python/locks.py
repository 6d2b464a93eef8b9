#!/usr/bin/python3
# threading's Lock, RLock, Semaphore: counting under contention, tries, and acquires that run out of time.
import threading
import time


def in_threads(count, work):
    threads = [threading.Thread(target=work, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def counting():
    lock = threading.Lock()
    count = 0

    def work(_):
        nonlocal count
        for i in range(200):
            with lock:
                before = count
                if i % 50 == 0:
                    time.sleep(0)
                count = before + 1

    in_threads(40, work)
    print("counted", count)


def recursion():
    lock = threading.RLock()
    depths = []

    def descend(level):
        with lock:
            if level:
                descend(level - 1)
            else:
                depths.append(1)

    in_threads(20, lambda _: descend(10))
    print("recursive", len(depths))


def limit():
    places = threading.BoundedSemaphore(3)
    inside = []
    most = []

    def work(i):
        for _ in range(5):
            with places:
                inside.append(i)
                most.append(len(inside))
                time.sleep(0.0005)
                inside.remove(i)

    in_threads(20, work)
    print("never more than 3 inside:", max(most) <= 3)
    try:
        places.release()
    except ValueError:
        print("released once too often")


def timeouts():
    lock = threading.Lock()
    lock.acquire()
    begun = time.monotonic()
    print("acquired:", lock.acquire(timeout=0.05), "it waited:", time.monotonic() - begun >= 0.05)
    print("acquired without waiting:", lock.acquire(blocking=False))
    releases = threading.Thread(target=lock.release)
    releases.start()
    print("acquired in time:", lock.acquire(timeout=30))
    releases.join()


counting()
recursion()
limit()
timeouts()
in_threads(1, lambda _: timeouts())
