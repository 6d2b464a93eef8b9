// A thread reads standard input to its end, by read() and by stdio.
#include "../sockets/net.h"
static void *reader(void *unused) {
    (void)unused;
    char b[16];
    printf("read: %s\n", answer(read(0, b, sizeof b)));
    int c = getchar();
    printf("getchar: %d, feof: %d\n", c, !!feof(stdin));
    return NULL;
}

int main(void) {
    finish(start(reader, NULL));
    return 0;
}
