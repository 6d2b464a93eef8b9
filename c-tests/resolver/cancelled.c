// link: -lresolv
// Threads that are cancelled while they wait for an answer that doesn't come, more than may wait at once; after them a name is found.
#include "server.h"

enum { THREADS = 200 };

static void *asks_in_vain(void *arg)
{
    unsigned char answer[512];
    ask_server(unbox(arg));
    _res.retrans = 30;
    res_query("silent.test", ns_c_in, ns_t_a, answer, sizeof answer);
    return NULL;
}

static void *finds(void *unused)
{
    unsigned char answer[512];
    (void)unused;
    ask_server(1);
    int n = res_query("h7.test", ns_c_in, ns_t_a, answer, sizeof answer);
    return box(n > 0 ? answer[n - 1] : -1);
}

int main(void)
{
    pthread_t threads[THREADS];
    int cancelled = 0;

    start_server(0);
    for (long i = 0; i < THREADS; i++)
        threads[i] = start_small(asks_in_vain, box(i));
    let_it_block();
    for (int i = 0; i < THREADS; i++)
        zero(pthread_cancel(threads[i]));
    for (int i = 0; i < THREADS; i++)
        cancelled += join(threads[i]) == PTHREAD_CANCELED;
    printf("cancelled: %d\n", cancelled);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start_small(finds, NULL);
    for (int i = 0; i < THREADS; i++)
        if (unbox(join(threads[i])) != 7)
            printf("not found\n");
    printf("found: %ld\n", unbox(finds(NULL)));
    stop_server();
    return 0;
}
