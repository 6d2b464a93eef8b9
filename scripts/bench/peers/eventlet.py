"""The peer eventlet: a green thread for each connection, on its epoll hub."""
import sys
import warnings

sys.path.append(sys.path.pop(0))  # We're named like the package that we import: our own folder is looked in last.
warnings.simplefilter("ignore")  # It advises against itself, at length.

import eventlet
import eventlet.event
import eventlet.green.os
import eventlet.semaphore

import green_python


class Eventlet:
    spawn = staticmethod(eventlet.spawn)
    join = staticmethod(eventlet.greenthread.GreenThread.wait)
    yield_now = staticmethod(eventlet.sleep)
    read = staticmethod(eventlet.green.os.read)
    write = staticmethod(eventlet.green.os.write)
    Semaphore = eventlet.semaphore.Semaphore
    Lock = eventlet.semaphore.Semaphore

    class Gate(eventlet.event.Event):
        open = eventlet.event.Event.send

    @staticmethod
    def serve(handle):
        listener = eventlet.listen(("127.0.0.1", 0), backlog=4096)
        print(listener.getsockname()[1], flush=True)
        while True:
            conn, _ = listener.accept()
            eventlet.spawn_n(handle, conn)


green_python.main(Eventlet)
