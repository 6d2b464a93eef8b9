#!/usr/bin/python3
# http.server's ThreadingHTTPServer and 60 clients in threads: GET and POST by http.client, GET by urllib.
import http.client
import http.server
import threading
import urllib.error
import urllib.request

CLIENTS, REQUESTS = 60, 5


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("/missing"):
            self.answer(404, b"no such thing")
        else:
            self.answer(200, self.path.encode() * 100)

    def do_POST(self):
        self.answer(200, self.rfile.read(int(self.headers["Content-Length"]))[::-1])

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = False


def keep_alive(number):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for i in range(REQUESTS):
        connection.request("GET", f"/{number}/{i}")
        if connection.getresponse().read() != f"/{number}/{i}".encode() * 100:
            return False
        body = bytes([number, i]) * 5000
        connection.request("POST", "/", body)
        if connection.getresponse().read() != body[::-1]:
            return False
    connection.close()
    return True


def one_by_one(number):
    for i in range(REQUESTS):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{number}/{i}", timeout=30) as response:
            if response.status != 200 or response.read() != f"/{number}/{i}".encode() * 100:
                return False
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/missing", timeout=30)
    except urllib.error.HTTPError as error:
        return error.code == 404 and error.read() == b"no such thing"


server = Server(("127.0.0.1", 0), Handler)
port = server.server_address[1]
serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
serving.start()
right = []
clients = [
    threading.Thread(target=lambda i=i: right.append((keep_alive, one_by_one)[i % 2](i))) for i in range(CLIENTS)
]
for client in clients:
    client.start()
for client in clients:
    client.join()
print("clients", len(right), "right", right.count(True))
server.shutdown()
serving.join()
server.server_close()
print("threads left", threading.active_count())
