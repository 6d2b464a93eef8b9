"""The peer gevent: a greenlet for each connection, on libev."""
import sys

sys.path.append(sys.path.pop(0))  # We're named like the package that we import: our own folder is looked in last.

import gevent
import gevent.event
import gevent.lock
import gevent.os
import gevent.server

import green_python


class Gevent:
    spawn = staticmethod(gevent.spawn)
    join = staticmethod(gevent.Greenlet.get)
    yield_now = staticmethod(gevent.sleep)
    read = staticmethod(gevent.os.nb_read)
    write = staticmethod(gevent.os.nb_write)
    Semaphore = gevent.lock.Semaphore
    Lock = gevent.lock.BoundedSemaphore  # What a default mutex is. RLock is recursive, and costs twice as much.

    class Gate(gevent.event.Event):
        open = gevent.event.Event.set

    @staticmethod
    def serve(handle):
        server = gevent.server.StreamServer(("127.0.0.1", 0), lambda conn, _: handle(conn), backlog=4096)
        server.start()
        print(server.server_port, flush=True)
        server.serve_forever()


green_python.main(Gevent)
