#!/usr/bin/python3
# subprocess from many threads: run, check_output, communicate, timeouts, os.fork and waitpid.
import os
import subprocess
import threading

right = []


def run(number):
    result = subprocess.run(["sh", "-c", f"echo out {number}; echo err {number} >&2; exit {number}"], capture_output=True)
    ok = (result.returncode, result.stdout, result.stderr) == (number, b"out %d\n" % number, b"err %d\n" % number)
    ok = ok and subprocess.check_output("echo $0 | cat", shell=True) == b"/bin/sh\n"
    return ok


def pipe(number):
    text = str(number).encode() * 50000
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        out, _ = child.communicate(text, timeout=30)
    return out == text and child.returncode == 0


def timeout(_):
    try:
        subprocess.run(["sleep", "60"], timeout=0.05)
    except subprocess.TimeoutExpired:
        return True


def fork(number):
    child = os.fork()
    if child == 0:
        os._exit(number)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == number


for work in run, pipe, timeout, fork:
    right = []
    threads = [threading.Thread(target=lambda i=i: right.append(work(i))) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(work.__name__, right.count(True))
try:
    subprocess.run(["/nonexistent/program"])
except FileNotFoundError:
    print("not found")
