#!/usr/bin/python3
# A Python handler runs in main while it waits: in Event.wait, Lock.acquire, time.sleep, select, a queue, a join. The signal comes from a
# thread, by os.kill, or from setitimer.
import os
import queue
import select
import signal
import socket
import threading
import time

came = []


def handler(number, _):
    came.append((signal.Signals(number).name, threading.current_thread() is threading.main_thread()))


class Enough(Exception):
    pass


def raising(number, _):
    global waits
    if waits:
        waits = False
        raise Enough


def send_later():
    time.sleep(0.03)
    os.kill(os.getpid(), signal.SIGUSR1)


# One that comes just before main's system call doesn't interrupt it: there is a next one, a second later.
def send_until_heard():
    while waits:
        send_later()
        heard.wait(1)


def tell(what, wait):
    thread = threading.Thread(target=send_later)
    thread.start()
    begun = time.monotonic()
    result = wait()
    whole = time.monotonic() - begun >= 0.1
    thread.join()
    print(what, result, came, "the whole time:", whole)
    came.clear()


signal.signal(signal.SIGUSR1, handler)
one, other = socket.socketpair()
lock = threading.Lock()
lock.acquire()
tell("Event.wait", lambda: threading.Event().wait(0.1))
tell("Lock.acquire", lambda: lock.acquire(timeout=0.1))
tell("sleep", lambda: time.sleep(0.1))
tell("select", lambda: select.select([one], [], [], 0.1))
one.settimeout(0.1)


def recv():
    try:
        return one.recv(1)
    except TimeoutError:
        return "timed out"


tell("recv", recv)

signal.signal(signal.SIGUSR1, raising)
for what, wait in (
    ("Event.wait", lambda: threading.Event().wait()),
    ("Queue.get", lambda: queue.Queue().get()),
    ("sleep", lambda: time.sleep(1000)),
    ("select", lambda: select.select([one], [], [])),
    ("accept", lambda: socket.create_server(("127.0.0.1", 0)).accept()),
):
    waits = True
    heard = threading.Event()
    thread = threading.Thread(target=send_until_heard)
    thread.start()
    try:
        wait()
    except Enough:
        print(what, "ended by an exception")
    heard.set()
    thread.join()

signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
while len(came) < 3:
    signal.pause()
signal.setitimer(signal.ITIMER_REAL, 0)
print("ticks", came[:3])
