// A terminal that isn't canonical: VMIN and VTIME decide when read comes back; O_NONBLOCK; poll.
// link: -lutil
#include "../fixture.h"
#include "../sockets/calls.h"
#include <pty.h>
#include <termios.h>

static int master, terminal, turn[2];

static void set(int least, int tenths)
{
    struct termios modes;
    must(tcgetattr(terminal, &modes));
    cfmakeraw(&modes);
    modes.c_cc[VMIN] = least;
    modes.c_cc[VTIME] = tenths;
    must(tcsetattr(terminal, TCSANOW, &modes));
}

static void *reads(void *unused)
{
    char b[32] = "";
    set(1, 0);
    must(write(turn[1], "x", 1));
    printf("VMIN 1 waits: %s", answer(read(terminal, b, sizeof b)));
    printf(" %c\n", *b);
    set(5, 0);
    must(write(turn[1], "x", 1));
    long n = must(read(terminal, b, sizeof b));
    printf("VMIN 5 waits for five: %ld %.5s\n", n, b);
    must(write(turn[1], "x", 1));
    printf("VMIN 5, but less is asked for: %s\n", answer(read(terminal, b, 2)));
    set(0, 0);
    printf("VMIN 0, VTIME 0: %s\n", answer(read(terminal, b, sizeof b)));
    set(0, 1);
    double begin = now_ms();
    printf("VTIME 1, nothing: %s", answer(read(terminal, b, sizeof b)));
    printf(", took 100 ms: %s\n", yes(now_ms() - begin >= 90));
    must(write(master, "abc", 3));
    struct pollfd entry = {.fd = terminal, .events = POLLIN | POLLOUT};
    do
        must(poll(&entry, 1, 30000));
    while (!(entry.revents & POLLIN));
    printf("poll: %s, VTIME 1, three there: %s\n", yes(entry.revents == (POLLIN | POLLOUT)), answer(read(terminal, b, sizeof b)));
    // The time runs from byte to byte, and starts with the first.
    set(10, 1);
    must(write(master, "xy", 2));
    begin = now_ms();
    printf("VMIN 10, VTIME 1, two come: %s", answer(read(terminal, b, sizeof b)));
    printf(", took 100 ms: %s\n", yes(now_ms() - begin >= 80));
    set(1, 0);
    must(fcntl(terminal, F_SETFL, fcntl(terminal, F_GETFL) | O_NONBLOCK));
    SHOW(read(terminal, b, sizeof b));
    must(fcntl(terminal, F_SETFL, fcntl(terminal, F_GETFL) & ~O_NONBLOCK));
    return unused;
}

static void *reads_all(void *size)
{
    static char all[100000];
    return box(read_all(terminal, all, unbox(size)));
}

static void next(void)
{
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
}

int main(void)
{
    static char much[100000];
    must(openpty(&master, &terminal, NULL, NULL, NULL));
    must(pipe(turn));
    pthread_t thread = start(reads, NULL);
    next();
    must(write(master, "k", 1));
    next();
    must(write(master, "abc", 3));
    let_it_block();
    must(write(master, "de", 2));
    next();
    must(write(master, "fg", 2));
    join(thread);
    // One types much more than the terminal holds, and waits for the reader.
    thread = start(reads_all, box(sizeof much));
    write_all(master, much, sizeof much);
    printf("typed and read: %ld\n", unbox(join(thread)));
    return 0;
}
