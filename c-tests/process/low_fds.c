// The numbers of new fds are the lowest that are free, as ever, also after threads have run.
#include "../sockets/net.h"
static void *opener(void *unused) {
    (void)unused;
    int p[2], s[2];
    MUST(pipe(p));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    int file = MUST(open("/dev/null", O_RDONLY)), twin = MUST(dup(file));
    printf("in a row: %s\n", p[1] == p[0] + 1 && s[0] == p[0] + 2 && s[1] == p[0] + 3 && file == p[0] + 4 && twin == p[0] + 5
                                  ? "yes"
                                  : "no");
    close(p[0]);
    int again = MUST(open("/dev/null", O_RDONLY));
    printf("the lowest: %s\n", again == p[0] ? "yes" : "no");
    close(p[1]), close(s[0]), close(s[1]), close(file), close(twin), close(again);
    return (void *)(long)again;
}

int main(void) {
    int lowest = MUST(open("/dev/null", O_RDONLY));
    close(lowest);
    long a = finish(start(opener, NULL)), b = finish(start(opener, NULL));
    printf("same start: %s\n", a == lowest && b == lowest ? "yes" : "no");
    return 0;
}
