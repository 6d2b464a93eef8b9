// A terminal (a pseudo-terminal pair): a thread reads lines while another types; editing, end of file, what's left of a long line.
// link: -lutil
#include "../fixture.h"
#include "../sockets/calls.h"
#include <pty.h>
#include <termios.h>

static int master, terminal, turn[2];

static void type(const char *text)
{
    write_all(master, text, strlen(text));
}

static void *reads(void *unused)
{
    char b[64];
    for (int i = 0; i < 6; i++) {
        must(write(turn[1], "x", 1));
        memset(b, 0, sizeof b);
        long n = must(read(terminal, b, i == 3 ? 4 : sizeof b - 1));
        for (char *c = b; *c; c++)
            if (*c == '\n')
                *c = '.';
        printf("%d: %ld \"%s\"\n", i, n, b);
    }
    return unused;
}

static void next(void)
{
    must(read(turn[0], &(char){0}, 1));
    let_it_block();
}

static void *writes(void *lines)
{
    for (long i = 0; i < unbox(lines); i++)
        dprintf(terminal, "line %ld of the program\n", i);
    printf("tcdrain: %s\n", answer(tcdrain(terminal)));
    return NULL;
}

int main(void)
{
    struct termios modes;
    must(openpty(&master, &terminal, NULL, NULL, NULL));
    must(pipe(turn));
    must(tcgetattr(terminal, &modes));
    modes.c_lflag &= ~ECHO;
    must(tcsetattr(terminal, TCSANOW, &modes));
    pthread_t thread = start(reads, NULL);
    next();
    type("hel");
    let_it_block();
    type("lo\n"); // 0: nothing until the line is whole
    next();
    type("two\nlines\n"); // 1 and 2
    next();
    next();
    type("a long one\n"); // 3 and 4: the rest comes at once
    next();
    next();
    type("\x04"); // 5: the end of the file
    join(thread);
    thread = start(reads, NULL);
    type("wrong\x15right\nerasee\x7f\n\x04" "0123456789\nno line\x04" "a line\n");
    join(thread);

    // What the program writes comes out with carriage returns, all of it, though the terminal holds less.
    static char out[100000];
    thread = start(writes, box(2000));
    size_t size = 0, want = 0;
    for (int i = 0; i < 2000; i++)
        want += snprintf(NULL, 0, "line %d of the program\r\n", i);
    read_all(master, out, want);
    join(thread);
    for (size_t i = 0; i < want; i++)
        size += out[i] == '\r' && out[i + 1] == '\n';
    printf("%zu lines\n", size);
    return 0;
}
