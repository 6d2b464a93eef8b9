// The other side of a pseudo-terminal goes away: readers and writers get the end or EIO, and poll tells; a full one waits or EAGAIN.
// link: -lutil
#include "../fixture.h"
#include "../sockets/calls.h"
#include <pty.h>
#include <termios.h>

static int master, terminal, turn[2];

static void *reads(void *fd)
{
    char b[16];
    must(write(turn[1], "x", 1));
    // Who waits when the master goes is told EIO, who comes later 0.
    const char *first = answer(read((int)unbox(fd), b, sizeof b));
    printf("read: %s", fd == box(terminal) && !strcmp(first, "0") ? "EIO" : first);
    printf(", again: %s", answer(read((int)unbox(fd), b, sizeof b)));
    printf(", write: %s\n", answer(write((int)unbox(fd), "x", 1)));
    struct pollfd entry = {.fd = (int)unbox(fd), .events = POLLIN};
    printf("poll: %s", answer(poll(&entry, 1, 1000)));
    printf(", hung up %s\n", yes(entry.revents & POLLHUP));
    return NULL;
}

static void *fills(void *unused)
{
    static char much[300000];
    write_all(terminal, much, sizeof much);
    return unused;
}

static void open_both(void)
{
    struct termios modes;
    must(openpty(&master, &terminal, NULL, NULL, NULL));
    must(tcgetattr(terminal, &modes));
    cfmakeraw(&modes);
    must(tcsetattr(terminal, TCSANOW, &modes));
}

int main(void)
{
    static char much[300000];
    signal(SIGHUP, SIG_IGN);
    must(pipe(turn));
    open_both();
    printf("the master goes\n");
    pthread_t thread = start(reads, box(terminal));
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
    close(master);
    join(thread);
    printf("tcgetattr: %s\n", answer(tcgetattr(terminal, &(struct termios){0})));
    close(terminal);

    open_both();
    printf("the terminal goes\n");
    thread = start(reads, box(master));
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
    close(terminal);
    join(thread);
    close(master);

    open_both();
    must(fcntl(terminal, F_SETFL, fcntl(terminal, F_GETFL) | O_NONBLOCK));
    long in = 0, n;
    while ((n = write(terminal, much, 1000)) > 0)
        in += n;
    printf("full: %s", error_name(errno));
    must(fcntl(terminal, F_SETFL, fcntl(terminal, F_GETFL) & ~O_NONBLOCK));
    printf(", all comes out: %s\n", yes((long)read_all(master, much, in) == in));
    thread = start(fills, NULL);
    let_it_block();
    printf("tcflush of output: %s\n", answer(tcflush(9999, TCOFLUSH)));
    printf("read: %zu\n", read_all(master, much, sizeof much));
    join(thread);
    printf("all is written\n");
    return 0;
}
