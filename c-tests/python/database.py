#!/usr/bin/python3
# sqlite3 from many threads, a connection for each: transactions wait for each other by file locks and its busy handler.
import sqlite3
import threading

THREADS, ROUNDS = 6, 10


def connect():
    return sqlite3.connect("accounts.db", timeout=30, isolation_level=None)


def work():
    database = connect()
    for _ in range(ROUNDS):
        database.execute("begin immediate")
        (value,) = database.execute("select value from counter").fetchone()
        database.execute("update counter set value = ?", (value + 1,))
        database.execute("commit")
    database.close()


database = connect()
database.execute("pragma journal_mode = memory")
database.execute("create table counter (value integer)")
database.execute("insert into counter values (0)")
threads = [threading.Thread(target=work) for _ in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("counted", database.execute("select value from counter").fetchone()[0])

wrong = []


def misuse():
    try:
        database.execute("select 1")
    except sqlite3.ProgrammingError:
        wrong.append(1)


thread = threading.Thread(target=misuse)
thread.start()
thread.join()
print("another thread's connection:", "refused" if wrong else "?")
