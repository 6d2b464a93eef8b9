// tee copies what is in a pipe into another and leaves it there; it waits for something to copy and for room. vmsplice gives memory
// to a pipe, or takes it out.
#include "../fixture.h"
#include "../sockets/calls.h"

enum { COUNT = 40 };
static int from[2], to[2], turn[2];

static void *copies(void *unused)
{
    char text[16] = "";
    for (int i = 0; i < COUNT; i++) {
        int n = must(tee(from[0], to[1], 100, 0));
        // What was copied is taken out by a read, as `tee` the program does.
        read_all(from[0], text, n);
        if (n != 6 || atoi(text) != i)
            printf("copied %d: %s\n", n, text);
        must(write(turn[1], "x", 1));
    }
    printf("the end: %s\n", answer(tee(from[0], to[1], 100, 0)));
    return unused;
}

static void *waits_for_room(void *unused)
{
    must(write(from[1], "copy", 4));
    printf("tee into a full pipe: %s\n", answer(tee(from[0], to[1], 100, 0)));
    return unused;
}

static void *gives(void *unused)
{
    static char one[100000], two[50000];
    memset(one, '1', sizeof one);
    memset(two, '2', sizeof two);
    // The pipe's own O_NONBLOCK is nothing to vmsplice.
    must(fcntl(to[1], F_SETFL, O_NONBLOCK));
    // It gives until the pipe is full: a part; what it waited for is only the first room.
    long all = 0;
    while (all < 150000) {
        struct iovec rest[2] = {{one + (all < 100000 ? all : 100000), all < 100000 ? 100000 - all : 0},
                                {two + (all < 100000 ? 0 : all - 100000), all < 100000 ? 50000 : 150000 - all}};
        all += must(vmsplice(to[1], rest, 2, 0));
    }
    printf("given: %ld\n", all);
    must(write(turn[1], "x", 1));
    // The memory must stay as it is until it has been read.
    must(read(from[0], &(char){0}, 1));
    return unused;
}

static void *takes(void *unused)
{
    char text[8] = "";
    struct iovec parts[2] = {{text, 2}, {text + 2, 4}};
    printf("taken out: %s", answer(vmsplice(from[0], parts, 2, 0)));
    printf(" %s\n", text);
    return unused;
}

int main(void)
{
    char text[8] = "", byte;
    long right = 0;
    must(pipe(from));
    must(pipe(to));
    must(pipe(turn));
    pthread_t thread = start(copies, NULL);
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "%05d", i);
        must(write(from[1], text, 6));
        must(read(turn[0], &byte, 1));
        read_all(to[0], text, 6);
        right += atoi(text) == i;
    }
    close(from[1]);
    join(thread);
    printf("copies read: %ld\n", right);

    must(pipe(from));
    static char much[1 << 20];
    long full = fill_up(to[1]);
    thread = start(waits_for_room, NULL);
    let_it_block();
    read_all(to[0], much, full);
    join(thread);
    printf("it's still there: %s", answer(read(from[0], text, 4)));
    printf(", and so is the copy: %s\n", answer(read(to[0], text, 8)));

    must(pipe(to));
    thread = start(gives, NULL);
    static char all[150000];
    let_it_block();
    read_all(to[0], all, sizeof all);
    must(read(turn[0], &byte, 1));
    printf("ones then twos: %s\n", yes(!memchr(all, '2', 100000) && !memchr(all + 100000, '1', 50000)));
    must(write(from[1], "x", 1));
    join(thread);

    thread = start(takes, NULL);
    let_it_block();
    must(write(from[1], "memory", 6));
    join(thread);
    return 0;
}
