// A socket of packets shows where stdio writes: short and long texts, without a buffer and with one, by fprintf, fputs and dprintf.
#include "../fixture.h"

static int ends[2];

static void *takes(void *unused)
{
    static char packet[70000];
    for (ssize_t n; (n = must(recv(ends[0], packet, sizeof packet, 0))) > 0;)
        fprintf(stderr, "%s%zd", packet[n - 1] == '!' ? "\n" : " ", n);
    fprintf(stderr, "\n");
    return unused;
}

static void *prints(void *unused)
{
    static const int sizes[] = {1, 100, 4095, 4096, 4097, 8191, 8192, 8193, 16384, 30000};
    static char much[40000];
    memset(much, 'm', sizeof much - 1);
    for (int kind = 0; kind < 2; kind++) {
        FILE *out = fdopen(dup(ends[1]), "w");
        setvbuf(out, NULL, kind ? _IOFBF : _IONBF, 4096);
        for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            int done = kind ? fputs(much + sizeof much - 1 - sizes[i], out) : fprintf(out, "%.*s", sizes[i], much);
            printf("%d: %d, error %d\n", sizes[i], kind ? done > 0 : done, !!ferror(out));
            fflush(out);
            must(send(ends[1], "!", 1, 0));
        }
        fclose(out);
    }
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        printf("%d\n", dprintf(ends[1], "%.*s", sizes[i], much));
        must(send(ends[1], "!", 1, 0));
    }
    must(shutdown(ends[1], SHUT_WR));
    return unused;
}

int main(void)
{
    must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
    pthread_t reader = start(takes, NULL);
    join(start(prints, NULL));
    join(reader);
    return 0;
}
