// Many threads wait for a small POSIX queue to be less full or less empty; another process sends; a signal interrupts; poll waits too.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <mqueue.h>
#include <stdatomic.h>
#include <sys/wait.h>

enum { THREADS = 6, ROUNDS = 200 };
static mqd_t queue;
static atomic_int returned;

static void *produces(void *arg)
{
    for (long i = 0; i < ROUNDS; i++) {
        long value = unbox(arg) * ROUNDS + i;
        struct timespec far = in_ms(CLOCK_REALTIME, 60000);
        must(i % 2 ? mq_send(queue, (char *)&value, sizeof value, i % 3) : mq_timedsend(queue, (char *)&value, sizeof value, i % 3, &far));
    }
    return NULL;
}

static void *consumes(void *unused)
{
    long value, sum = 0;
    (void)unused;
    for (long i = 0; i < ROUNDS; i++) {
        struct timespec far = in_ms(CLOCK_REALTIME, 60000);
        long n = must(i % 2 ? mq_receive(queue, (char *)&value, sizeof value, NULL)
                            : mq_timedreceive(queue, (char *)&value, sizeof value, NULL, &far));
        sum += n == sizeof value ? value : -1000000;
    }
    return box(sum);
}

static void *receives(void *unused)
{
    long value;
    (void)unused;
    int result = mq_receive(queue, (char *)&value, sizeof value, NULL), error = errno;
    returned++;
    return box(result < 0 ? error : value);
}

static void *sends(void *unused)
{
    long value = 1;
    (void)unused;
    int result = mq_send(queue, (char *)&value, sizeof value, 0), error = errno;
    returned++;
    return box(result < 0 ? error : 0);
}

static void *polls(void *unused)
{
    struct pollfd entry = {.fd = queue, .events = POLLIN};
    printf("poll: %s", answer(poll(&entry, 1, 30000)));
    printf(", readable %s\n", yes(entry.revents & POLLIN));
    return unused;
}

static void handle(int signal)
{
    (void)signal;
}

static const char *interrupted(pthread_t thread)
{
    while (!returned) {
        usleep(5000);
        pthread_kill(thread, SIGUSR1);
    }
    returned = 0;
    return error_name(unbox(join(thread)));
}

int main(void)
{
    pthread_t threads[2 * THREADS], thread;
    struct mq_attr shape = {.mq_maxmsg = 3, .mq_msgsize = sizeof(long)};
    struct sigaction action = {.sa_handler = handle};
    char name[40];
    long sum = 0, value = 42;
    snprintf(name, sizeof name, "/fixture.wait.%d", (int)getpid());
    queue = must(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &shape));
    must(mq_unlink(name));
    for (long i = 0; i < THREADS; i++) {
        threads[2 * i] = start(consumes, NULL);
        threads[2 * i + 1] = start(produces, box(i));
    }
    for (int i = 0; i < 2 * THREADS; i++)
        sum += unbox(join(threads[i]));
    long all = THREADS * ROUNDS;
    printf("all came once: %s\n", yes(sum == all * (all - 1) / 2));

    thread = start(receives, NULL);
    let_it_block();
    pid_t child = must(fork());
    if (child == 0) {
        must(mq_send(queue, (char *)&value, sizeof value, 0));
        _exit(0);
    }
    printf("from a child: %ld\n", unbox(join(thread)));
    must(waitpid(child, NULL, 0));
    returned = 0;
    thread = start(polls, NULL);
    let_it_block();
    must(mq_send(queue, (char *)&value, sizeof value, 0));
    join(thread);
    must(mq_receive(queue, (char *)&value, sizeof value, NULL));

    must(sigaction(SIGUSR1, &action, NULL));
    printf("mq_receive: %s\n", interrupted(start(receives, NULL)));
    for (int i = 0; i < 3; i++)
        must(mq_send(queue, (char *)&value, sizeof value, 0));
    printf("mq_send: %s\n", interrupted(start(sends, NULL)));
    return 0;
}
