// What threads wait in is ended by threads that pthread_create did not make, or that stay native: a timer's and real-time ones shut
// sockets down, fill pipes, close their other ends, reset a connection.
#include "native.h"
#include <poll.h>
#include <semaphore.h>
#include <signal.h>

enum { WAYS = 8, BY = 2 }; // each way by a timer's thread and by a real-time one
static const char *const names[WAYS] = {
    "own socket shut down", "other end shut down", "other end closed", "listener shut down",
    "pipe's writing end closed", "written, then closed", "reading end closed", "polled socket shut down",
};
static struct wait {
    int way, mine, other;
    struct gate begun;
} waits[WAYS][BY];
static sem_t all_ended;

static void *wait_for_end(void *arg)
{
    struct wait *wait = arg;
    char byte, *block;
    long got = 0, done;
    struct pollfd entry = {.fd = wait->mine, .events = POLLIN};
    gate_open(&wait->begun);
    switch (wait->way) {
    case 3:
        return box(accept(wait->mine, NULL, NULL) == -1 && errno == EINVAL);
    case 6:
        block = calloc(1, 4096); // full before long, and then it blocks
        while ((done = write(wait->mine, block, 4096)) > 0)
            continue;
        free(block);
        return box(done == -1 && errno == EPIPE);
    case 7:
        must(poll(&entry, 1, -1));
        return box((entry.revents & POLLHUP) && read(wait->mine, &byte, 1) == 0);
    default:
        while ((done = read(wait->mine, &byte, 1)) > 0)
            got++;
        return box(done == 0 && got == (wait->way == 5 ? 3 : 0));
    }
}

static void end_it(struct wait *wait)
{
    gate_wait(&wait->begun);
    switch (wait->way) {
    case 0:
    case 3:
    case 7:
        must(shutdown(wait->mine, SHUT_RDWR));
        break;
    case 1:
        must(shutdown(wait->other, SHUT_WR));
        break;
    case 5:
        must(write(wait->other, "end", 3));
        must(close(wait->other));
        break;
    default:
        must(close(wait->other));
    }
}

static void timer_ends(union sigval value)
{
    for (int way = 0; way < WAYS; way++)
        end_it(&waits[way][value.sival_int]);
    sem_post(&all_ended);
}

static void *thread_ends(void *arg)
{
    let_it_block();
    for (int way = 0; way < WAYS; way++)
        end_it(&waits[way][unbox(arg)]);
    return NULL;
}

static void prepare(struct wait *wait)
{
    static const struct gate closed = GATE_CLOSED;
    struct sockaddr_in address;
    int ends[2];
    wait->begun = closed;
    switch (wait->way) {
    case 0:
    case 2:
        stream_pair(ends);
        break;
    case 3:
        ends[0] = listen_loopback(1, &address);
        ends[1] = -1;
        break;
    case 4:
    case 5:
    case 6:
        must(pipe(ends));
        break;
    default:
        tcp_pair(ends);
    }
    wait->mine = ends[wait->way == 6];
    wait->other = ends[wait->way != 6];
}

int main(void)
{
    pthread_t threads[WAYS][BY];
    struct sigevent event = {.sigev_notify = SIGEV_THREAD};
    struct itimerspec soon = {{0, 0}, {0, 30000000}};
    timer_t timer;

    signal(SIGPIPE, SIG_IGN);
    must(sem_init(&all_ended, 0, 0));
    for (int way = 0; way < WAYS; way++)
        for (int by = 0; by < BY; by++) {
            waits[way][by].way = way;
            prepare(&waits[way][by]);
            threads[way][by] = start(wait_for_end, &waits[way][by]);
        }
    event.sigev_notify_function = timer_ends;
    event.sigev_value.sival_int = 0;
    must(timer_create(CLOCK_MONOTONIC, &event, &timer));
    must(timer_settime(timer, 0, &soon, NULL));
    pthread_t realtime = start_realtime(thread_ends, box(1));
    for (int way = 0; way < WAYS; way++) {
        long by_timer = unbox(join(threads[way][0])), by_thread = unbox(join(threads[way][1]));
        printf("%s: %s %s\n", names[way], yes(by_timer), yes(by_thread));
    }
    join(realtime);
    must(sem_wait(&all_ended));
    must(timer_delete(timer));
    return 0;
}
