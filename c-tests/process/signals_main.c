// A handler without SA_RESTART interrupts what main waits in: read, poll, nanosleep, sleep, accept. With SA_RESTART, read goes on.
// Another thread sends the signal again and again until main has seen it, so it does not matter when main gets there.
#include "../sockets/net.h"
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
static atomic_int seen, handled;
static int ends[2];
static pthread_t thread;

static void handler(int signal) {
    (void)signal;
    handled++;
}

static void *sender(void *unused) {
    while (!seen) {
        usleep(20000);
        kill(getpid(), SIGUSR1);
    }
    return unused;
}

static void *sender_and_writer(void *unused) {
    for (int before = handled; handled < before + 3;) {
        usleep(20000);
        kill(getpid(), SIGUSR1);
    }
    usleep(20000);
    write_all(ends[1], "x", 1);
    return unused;
}

static void begin(void) {
    seen = 0;
    thread = start(sender, NULL);
}

// After this no signal is on its way.
static void end(void) {
    seen = 1;
    finish(thread);
}

int main(void) {
    struct sigaction action = {.sa_handler = handler};
    struct timespec ten = {10, 0}, left = {0, 0};
    char byte;
    MUST(pipe(ends));
    MUST(sigaction(SIGUSR1, &action, NULL));

    begin();
    printf("read: %s\n", answer(read(ends[0], &byte, 1)));
    end();

    struct pollfd entry = {.fd = ends[0], .events = POLLIN};
    begin();
    printf("poll: %s\n", answer(poll(&entry, 1, 10000)));
    end();

    begin();
    printf("nanosleep: %s", answer(nanosleep(&ten, &left)));
    end();
    printf(", the rest is told: %s\n", left.tv_sec > 0 && left.tv_sec < 10 ? "yes" : "no");

    begin();
    unsigned rest = sleep(10);
    end();
    printf("sleep was cut short: %s\n", rest > 0 ? "yes" : "no");

    int door = listening(1);
    begin();
    printf("accept: %s\n", answer(accept(door, NULL, NULL)));
    end();

    action.sa_flags = SA_RESTART;
    MUST(sigaction(SIGUSR1, &action, NULL));
    thread = start(sender_and_writer, NULL);
    printf("read, SA_RESTART: %s\n", answer(read(ends[0], &byte, 1)));
    finish(thread);
    printf("handled some: %s\n", handled >= 8 ? "yes" : "no");
    return 0;
}
