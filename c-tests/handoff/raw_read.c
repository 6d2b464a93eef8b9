// main blocks in a read by syscall(2) on an empty pipe; a thread fills it after a while, and answers with what it got back.
#include "hog.h"
#include <sys/syscall.h>

static int there[2], back[2];

static void *feeder(void *unused)
{
    (void)unused;
    long sum = 0, reply;
    for (long i = 1; i <= 5; i++) {
        usleep(i == 1 ? 30000 : 3000);
        must(write(there[1], &i, sizeof i));
        read_all(back[0], &reply, sizeof reply);
        sum += reply;
    }
    close(there[1]);
    return box(sum);
}

int main(void)
{
    long number;
    must(pipe(there));
    must(pipe(back));
    pthread_t thread = start(feeder, NULL);
    while (must(syscall(SYS_read, there[0], &number, sizeof number)) == sizeof number) {
        printf("main got %ld\n", number);
        number *= number;
        must(syscall(SYS_write, back[1], &number, sizeof number));
    }
    printf("the end; a sum of %ld came back\n", unbox(join(thread)));
    return 0;
}
