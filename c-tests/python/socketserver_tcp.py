#!/usr/bin/python3
# socketserver.ThreadingTCPServer with 100 connections open at once, each line answered; socket timeouts.
import socket
import socketserver
import threading

CLIENTS, LINES = 100, 5


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 128


def client(number):
    with socket.create_connection(server.server_address, timeout=30) as connection:
        all_here.wait()
        stream = connection.makefile("rw")
        for i in range(LINES):
            stream.write(f"line {number} {i}\n")
            stream.flush()
            if stream.readline() != f"LINE {number} {i}\n":
                return
        connection.shutdown(socket.SHUT_WR)
        if stream.read() == "":
            right.append(number)


right = []
all_here = threading.Barrier(CLIENTS)
with Server(("127.0.0.1", 0), Handler) as server:
    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()
    clients = [threading.Thread(target=client, args=(i,)) for i in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    print("right:", sorted(right) == list(range(CLIENTS)))

    with socket.create_connection(server.server_address) as quiet:
        quiet.settimeout(0.03)
        try:
            quiet.recv(1)
        except TimeoutError:
            print("timed out")
    server.shutdown()
    serving.join()
print("threads left:", threading.active_count())
