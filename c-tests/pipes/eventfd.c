// Reads of eventfds wait for a count, as counter and as semaphore; a write that would overflow waits for a read.
#include "../sockets/net.h"
#include <sys/eventfd.h>
enum { ROUNDS = 300, READERS = 5 };
static int ping, pong, semaphore;

static void *partner(void *unused) {
    (void)unused;
    uint64_t value;
    long sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
        MUST(read(ping, &value, sizeof value));
        sum += value;
        value = 1;
        MUST(write(pong, &value, sizeof value));
    }
    return (void *)sum;
}

static void *taker(void *unused) {
    (void)unused;
    uint64_t value, sum = 0;
    for (int i = 0; i < 10; i++) {
        MUST(read(semaphore, &value, sizeof value));
        sum += value;
    }
    return (void *)sum;
}

static void *overflower(void *arg) {
    uint64_t value = 5;
    return (void *)(long)write((int)(long)arg, &value, sizeof value);
}

int main(void) {
    uint64_t value;
    pthread_t thread, takers[READERS];
    ping = MUST(eventfd(0, 0));
    pong = MUST(eventfd(0, 0));
    thread = start(partner, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        value = 3;
        MUST(write(ping, &value, sizeof value));
        MUST(read(pong, &value, sizeof value));
    }
    printf("sum %ld\n", finish(thread));

    semaphore = MUST(eventfd(0, EFD_SEMAPHORE));
    for (int i = 0; i < READERS; i++)
        takers[i] = start(taker, NULL);
    for (int i = 0; i < READERS * 2; i++) {
        value = 5;
        MUST(write(semaphore, &value, sizeof value));
    }
    long sum = 0;
    for (int i = 0; i < READERS; i++)
        sum += finish(takers[i]);
    printf("taken one by one: %ld\n", sum);

    int full = MUST(eventfd(0, 0));
    value = UINT64_MAX - 1;
    MUST(write(full, &value, sizeof value));
    thread = start(overflower, (void *)(long)full);
    usleep(1000);
    MUST(read(full, &value, sizeof value));
    printf("read the top: %s\n", value == UINT64_MAX - 1 ? "yes" : "no");
    printf("then written: %ld\n", finish(thread));
    MUST(read(full, &value, sizeof value));
    printf("value %d\n", (int)value);
    int own = MUST(eventfd(0, EFD_NONBLOCK));
    printf("EFD_NONBLOCK: %s\n", answer(read(own, &value, sizeof value)));
    printf("short buffer: %s\n", answer(read(own, &value, 4)));
    return 0;
}
