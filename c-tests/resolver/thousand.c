// link: -lresolv
// A thousand threads look up a name each, at a server that answers 100 ms late; connections go on beside them, and there are no more
// kernel threads than threads of the program.
// env: GREEN_MAX_LOOKUPS=64
#include "server.h"

enum { LOOKUPS = 1000, PAIRS = 4 };
static volatile int stop;

static void *looks_up(void *arg)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    char name[30];
    long number = unbox(arg);

    ask_server(number);
    snprintf(name, sizeof name, "h%ld.test", number);
    if (getaddrinfo(name, "80", &hints, &found) != 0)
        return box(0);
    unsigned address = ntohl(((struct sockaddr_in *)found->ai_addr)->sin_addr.s_addr);
    freeaddrinfo(found);
    return box(address == (0x0a000000u | number));
}

static void *echoes(void *arg)
{
    int fd = unbox(arg);
    char bytes[16];
    for (ssize_t n; (n = must(read(fd, bytes, sizeof bytes))) > 0;)
        write_all(fd, bytes, n);
    must(close(fd));
    return NULL;
}

// Asks until the look-ups are done, and at least so often; how long the longest answer took.
static void *asks(void *arg)
{
    int fd = unbox(arg);
    double longest = 0;
    char bytes[4];
    for (int i = 0; i < 50 || !stop; i++) {
        double begin = now_ms();
        write_all(fd, "ping", 4);
        if (read_all(fd, bytes, 4) != 4 || memcmp(bytes, "ping", 4))
            die("another answer");
        double took = now_ms() - begin;
        longest = took > longest ? took : longest;
        usleep(2000);
    }
    must(close(fd));
    return box(longest);
}

int main(void)
{
    static pthread_t threads[LOOKUPS];
    pthread_t sides[PAIRS][2];
    long right = 0, longest = 0;
    int most = 0;

    start_server(100);
    raise_file_limit();
    for (int i = 0; i < PAIRS; i++) {
        int ends[2];
        tcp_pair(ends);
        sides[i][0] = start(echoes, box(ends[0]));
        sides[i][1] = start(asks, box(ends[1]));
    }
    for (long i = 0; i < LOOKUPS; i++)
        threads[i] = start_small(looks_up, box(i));
    for (int i = 0; i < LOOKUPS; i++) {
        if (i % 50 == 0) {
            int now = kernel_threads();
            most = now > most ? now : most;
        }
        right += unbox(join(threads[i]));
    }
    stop = 1;
    for (int i = 0; i < PAIRS; i++) {
        long took = unbox(join(sides[i][1]));
        longest = took > longest ? took : longest;
        join(sides[i][0]);
    }
    stop_server();
    printf("right: %ld of %d\n", right, LOOKUPS);
    printf("kernel threads bounded: %s\n", yes(most <= LOOKUPS + 2 * PAIRS + 1));
    printf("connections went on: %s\n", yes(longest < 5000));
    if (getenv("SHOW"))
        fprintf(stderr, "most %d, longest %ld ms\n", most, longest);
    return 0;
}
