// A handler of SIGPIPE runs on the thread whose write or send it was; with it blocked, it stays pending on that thread alone.
#include "signals.h"

enum { N = 10, ROUNDS = 20 };
static __thread volatile int count;

static void handler(int number)
{
    (void)number;
    count++;
}

static void *writes(void *unused)
{
    long right = 0;
    int ends[2], pair[2];
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        must(pipe(ends));
        stream_pair(pair);
        close(ends[0]);
        close(pair[0]);
        right += write(ends[1], "x", 1) == -1 && errno == EPIPE && count == 2 * i + 1;
        right += send(pair[1], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE && count == 2 * i + 1;
        right += send(pair[1], "x", 1, 0) == -1 && errno == EPIPE && count == 2 * i + 2;
        close(ends[1]);
        close(pair[1]);
        sched_yield();
    }
    return box(right);
}

static struct gate pending = GATE_CLOSED, looked = GATE_CLOSED;

static void *blocks(void *unused)
{
    int ends[2];
    must(pipe(ends));
    close(ends[0]);
    block(SIGPIPE);
    printf("blocked: %s", answer(write(ends[1], "x", 1)));
    printf(", handled %d, pending %d\n", count, is_pending(SIGPIPE));
    gate_open(&pending);
    gate_wait(&looked);
    unblock(SIGPIPE);
    printf("unblocked: handled %d, pending %d\n", count, is_pending(SIGPIPE));
    close(ends[1]);
    return unused;
}

int main(void)
{
    pthread_t threads[N];
    int right = 0;
    signal(SIGPIPE, handler);
    for (int i = 0; i < N; i++)
        threads[i] = start(writes, NULL);
    for (int i = 0; i < N; i++)
        right += unbox(join(threads[i])) == 3 * ROUNDS;
    printf("threads for which all was right: %d of %d\n", right, N);

    pthread_t thread = start(blocks, NULL);
    gate_wait(&pending);
    printf("main: pending %d, handled %d\n", is_pending(SIGPIPE), count);
    gate_open(&looked);
    join(thread);
    return 0;
}
