#!/usr/bin/python3
# The selectors module: an event loop of its own in each of ten threads (epoll, poll, select by turns), woken through socket pairs.
import selectors
import socket
import threading

KINDS = (selectors.EpollSelector, selectors.PollSelector, selectors.SelectSelector)
sums = {}


def loop(number, ends):
    with KINDS[number % 3]() as selector:
        for end in ends:
            end.setblocking(False)
            selector.register(end, selectors.EVENT_READ)
        total = 0
        while selector.get_map():
            for key, _ in selector.select():
                data = key.fileobj.recv(100)
                total += sum(data)
                if not data:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
        sums[number] = total


threads, writers = [], []
for number in range(10):
    pairs = [socket.socketpair() for _ in range(5)]
    threads.append(threading.Thread(target=loop, args=(number, [pair[0] for pair in pairs])))
    writers.append([pair[1] for pair in pairs])
for thread in threads:
    thread.start()
for i in range(20):
    for number, ends in enumerate(writers):
        ends[i % 5].send(bytes([i + number]))
for ends in writers:
    for end in ends:
        end.close()
for thread in threads:
    thread.join()
print([sums[number] for number in range(10)])

selector = selectors.DefaultSelector()
one, other = socket.socketpair()
selector.register(one, selectors.EVENT_READ)
print("nothing:", selector.select(0.03))
sender = threading.Thread(target=other.send, args=(b"x",))
sender.start()
print("ready:", [key.fileobj is one for key, _ in selector.select(30)])
sender.join()
