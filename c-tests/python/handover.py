#!/usr/bin/python3
# Threads that compute hand the interpreter's lock on to each other and to threads that wait, whatever the switch interval.
import sys
import threading
import time


def compute(results, i):
    total = 0
    for k in range(60000):
        total = (total * 31 + k) % 1000003
    results[i] = total


for interval in (0.005, 0.0001, 0.5):
    sys.setswitchinterval(interval)
    results = {}
    threads = [threading.Thread(target=compute, args=(results, i)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(results), "computed", set(results.values()))

# One that computes for ever cannot keep the others from their turns.
sys.setswitchinterval(0.001)
stop = False
turns = 0


def spin():
    global turns
    while not stop:
        turns += 1


spinner = threading.Thread(target=spin)
spinner.start()
for _ in range(20):
    time.sleep(0.001)
# Nor can it go on without ever getting one.
before = turns
while turns == before:
    time.sleep(0)
stop = True
spinner.join()
print("all had turns")
