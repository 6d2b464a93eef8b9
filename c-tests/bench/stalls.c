// An echo server with a thread per connection, and in the same process threads that wait where a library sees little of it:
// inside libc, for a disk, for another process. What do the connections notice?
//
//     stalls KIND THREADS AFTER FOLDER      listens on a free port of 127.0.0.1 and prints it
//
//     none     nothing else
//     dns      each thread looks up names, one after the other, with getaddrinfo; the DNS server answers after 300 ms
//     fgets    each reads lines from a pipe of its own by stdio; one comes every 300 ms
//     open     each opens a FIFO of its own that somebody opens for writing every 300 ms, and reads it to its end
//     system   each runs system("sleep 5")
//     fsync    each writes 64 KiB to a file of its own and calls fsync
//     flock    each locks one file, which another process holds for 300 ms at a time
//
// They begin when AFTER connections have been accepted, and go on until SIGTERM. Whoever answers late is a process of its own,
// forked before there are threads, so that only the threads' waiting is measured. The client is echo_hog_load.c; run by
// scripts/bench/stalls.sh.
#define _GNU_SOURCE
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <resolv.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "echo_server.h"
#include "work.h"

#define STACK_SIZE (256 * 1024) // getaddrinfo needs more than an echo
#define LATE       300000000ull // ns: how late whoever answers late is
#define MANY       4096

static int threads;
static const char *folder;
static int (*pipes)[2];
static struct sockaddr_in dns;

static void nap(uint64_t ns) {
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    while (nanosleep(&t, &t) != 0)
        ;
}

static char *file_of(char *path, long number) {
    snprintf(path, 256, "%s/stalls.%ld", folder, number);
    return path;
}

// ---- those who answer late: processes

// Every query, 300 ms after it came: 127.0.0.1.
static void answer_names(int s) {
    static struct query {
        uint64_t due;
        struct sockaddr_in from;
        size_t size;
        unsigned char text[256];
    } waiting[MANY];
    const unsigned char address[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1};
    unsigned first = 0, last = 0;
    for (;;) {
        int64_t early = waiting[first % MANY].due - now();
        int patience = first == last ? -1 : early > 0 ? (int)(early / 1000000) + 1 : 0;
        struct pollfd p = {s, POLLIN, 0};
        if (poll(&p, 1, patience) > 0 && last - first < MANY) {
            struct query *q = &waiting[last % MANY];
            socklen_t len = sizeof q->from;
            ssize_t n = recvfrom(s, q->text, sizeof q->text, 0, (struct sockaddr *)&q->from, &len);
            size_t end = 12; // behind the question: its name, type and class; what follows (EDNS) is not for us
            while (n > 12 && end < (size_t)n && q->text[end])
                end += q->text[end] + 1;
            if (n > 12 && end + 5 <= (size_t)n && end + 5 + sizeof address <= sizeof q->text) {
                q->due = now() + LATE;
                q->size = end + 5;
                last++;
            }
        }
        while (first != last && waiting[first % MANY].due <= now()) {
            struct query *q = &waiting[first++ % MANY];
            q->text[2] |= 0x80; // a response
            q->text[3] = 0x80;  // no error
            memcpy(q->text + 4, "\0\1\0\1\0\0\0\0", 8);
            memcpy(q->text + q->size, address, sizeof address);
            sendto(s, q->text, q->size + sizeof address, 0, (struct sockaddr *)&q->from, sizeof q->from);
        }
    }
}

static void write_lines(void) {
    for (;;) {
        nap(LATE);
        for (int i = 0; i < threads; i++)
            if (write(pipes[i][1], "a line\n", 7) != 7)
                die("write");
    }
}

static void open_fifos(void) {
    char path[256];
    for (;;) {
        nap(LATE);
        for (int i = 0; i < threads; i++) {
            int fd = open(file_of(path, i), O_WRONLY | O_NONBLOCK);
            if (fd < 0)
                continue; // its thread has not come back yet
            if (write(fd, "a line\n", 7) != 7)
                die("write");
            close(fd);
        }
    }
}

static void hold_lock(void) {
    char path[256];
    int fd = open(file_of(path, 0), O_RDWR | O_CREAT, 0600);
    for (;;) {
        if (flock(fd, LOCK_EX) != 0)
            die("flock");
        nap(LATE);
        flock(fd, LOCK_UN);
        nap(1000000);
    }
}

// ---- the threads that wait for them

static void look_up(long number) {
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    char name[64];
    res_init(); // of this thread
    _res.options |= RES_NORELOAD;
    _res.nscount = 1;
    _res.nsaddr_list[0] = dns;
    for (long i = 0;; i++) {
        snprintf(name, sizeof name, "host-%ld-%ld.stalls.test.", number, i);
        int error = getaddrinfo(name, NULL, &hints, &found);
        if (error) {
            fprintf(stderr, "%s: %s\n", name, gai_strerror(error));
            exit(1);
        }
        freeaddrinfo(found);
    }
}

static void read_lines(long number) {
    char line[64];
    FILE *f = fdopen(pipes[number][0], "r");
    while (f && fgets(line, sizeof line, f))
        ;
    die("fgets");
}

static void open_and_read(long number) {
    char path[256], text[64];
    for (;;) {
        int fd = open(file_of(path, number), O_RDONLY);
        if (fd < 0)
            die("open");
        while (read(fd, text, sizeof text) > 0)
            ;
        close(fd);
    }
}

static void run_commands(long number) {
    (void)number;
    for (;;)
        if (system("exec sleep 5") != 0)
            die("system");
}

static void write_to_disk(long number) {
    static char text[64 * 1024];
    char path[256];
    int fd = open(file_of(path, number), O_RDWR | O_CREAT, 0600);
    for (;;)
        if (pwrite(fd, text, sizeof text, 0) != sizeof text || fsync(fd) != 0)
            die("fsync");
}

static void lock_file(long number) {
    char path[256];
    (void)number;
    int fd = open(file_of(path, 0), O_RDWR | O_CREAT, 0600);
    for (;;) {
        if (flock(fd, LOCK_EX) != 0)
            die("flock");
        flock(fd, LOCK_UN);
    }
}

static const struct kind {
    const char *name;
    void (*thread)(long number);
    void (*late)(void);
} kinds[] = {
    {"none", NULL, NULL},
    {"dns", look_up, NULL},
    {"fgets", read_lines, write_lines},
    {"open", open_and_read, open_fifos},
    {"system", run_commands, NULL},
    {"fsync", write_to_disk, NULL},
    {"flock", lock_file, hold_lock},
};
static const struct kind *kind;

static void *disturb(void *number) {
    while (sem_wait(&go) != 0)
        ;
    kind->thread((long)number);
    return NULL;
}

// Ends with us.
static int fork_helper(void) {
    int parent = getpid(), pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
        _exit(1);
    return pid == 0;
}

static void prepare(void) {
    char path[256];
    if (kind->thread == look_up) {
        int s = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;
        socklen_t len = sizeof dns;
        dns = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        setsockopt(s, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room); // or many at once lose some, which ask again after 5 s
        if (bind(s, (struct sockaddr *)&dns, len) || getsockname(s, (struct sockaddr *)&dns, &len))
            die("bind");
        if (fork_helper())
            answer_names(s);
        close(s);
    }
    if (kind->thread == read_lines) {
        pipes = calloc(threads, sizeof *pipes);
        for (int i = 0; i < threads; i++)
            if (!pipes || pipe(pipes[i]) != 0)
                die("pipe");
    }
    for (int i = 0; kind->thread == open_and_read && i < threads; i++) {
        unlink(file_of(path, i));
        if (mkfifo(path, 0600) != 0)
            die("mkfifo");
    }
    if (kind->late && fork_helper())
        kind->late();
}

// ---- the server

int main(int argc, char **argv) {
    pthread_attr_t attr;

    for (size_t i = 0; argc == 5 && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            kind = &kinds[i];
    if (!kind) {
        fprintf(stderr, "usage: stalls none|dns|fgets|open|system|fsync|flock THREADS AFTER FOLDER\n");
        return 2;
    }
    threads = kind->thread ? atoi(argv[2]) : 0;
    after = atol(argv[3]);
    folder = argv[4];
    prepare_server();
    prepare();
    start_listening();

    detached(&attr, STACK_SIZE);
    for (long i = 0; i < threads; i++)
        start(&attr, disturb, i);
    accept_all(&attr, threads);
}
