// open of a FIFO waits for the other side, whatever interrupts it.
#include "../fixture.h"
#include "eintr.h"
#include <fcntl.h>
#include <sys/stat.h>

enum { ROUNDS = 6 };
static const char *const names[] = {"a", "b"};

static void *opens(void *arg)
{
    int me = unbox(arg);
    long sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
        // In turn, one comes late to open the end that the other waits for.
        int reads = (i + me) % 2;
        if (i % 3 == me)
            pause_ms(6);
        int fd = go_on(open(names[i % 2], reads ? O_RDONLY : O_WRONLY));
        unsigned char number = 10 * me + i;
        if (!reads)
            write_on(fd, &number, 1);
        else if (read_on(fd, &number, 1) == 1)
            sum += number;
        close(fd);
    }
    return box(sum);
}

int main(void)
{
    for (int i = 0; i < 2; i++)
        must(mkfifo(names[i], 0600));
    pthread_t thread = start_bitten(opens, box(1));
    printf("main: %ld\n", unbox(opens(box(0))));
    printf("thread: %ld\n", unbox(join(thread)));
    return 0;
}
