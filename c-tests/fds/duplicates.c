// dup, dup2, dup3, F_DUPFD, F_DUPFD_CLOEXEC: what they refuse, the numbers and flags they give; flags of the file and flags of the
// number; one description under two numbers with a thread waiting on each; and a number that gets another file.
#include "../fixture.h"
#include <fcntl.h>

static volatile int minus = -1;

static void say(const char *what, int result)
{
    printf("%s: %s\n", what, answer_(result));
}

static void *reads_one(void *fd)
{
    char byte = '?';
    ssize_t n = read(unbox(fd), &byte, 1);
    return box(n == 1 ? byte : n == 0 ? 'E' : '!');
}

static void *user(void *unused)
{
    (void)unused;
    int ends[2], other[2];
    stream_pair(ends);
    must(fcntl(ends[0], F_DUPFD, 150));
    int closed = 140;

    say("dup of a closed one", dup(closed));
    say("dup of -1", dup(minus));
    say("dup2 of a closed one", dup2(closed, 141));
    say("dup2 of a closed one onto itself", dup2(closed, closed));
    say("dup2 onto -1", dup2(ends[0], minus));
    say("dup2 of a closed one onto one in use", dup2(closed, ends[1]));
    say("which is still open", fcntl(ends[1], F_GETFD));
    say("dup2 onto itself", dup2(150, 150));
    say("dup3 onto itself", dup3(150, 150, 0));
    say("dup3 with bad flags", dup3(150, 151, O_APPEND));
    say("dup3 of a closed one", dup3(closed, 151, 0));
    say("F_DUPFD from -1", fcntl(150, F_DUPFD, minus));
    say("F_DUPFD beyond the limit", fcntl(150, F_DUPFD, 1 << 30));
    say("dup2 beyond the limit", dup2(150, 1 << 30));
    say("F_DUPFD of a closed one", fcntl(closed, F_DUPFD, 0));

    say("dup2", dup2(150, 160));
    say("its flag", fcntl(160, F_GETFD));
    say("dup3", dup3(150, 161, O_CLOEXEC));
    say("its flag", fcntl(161, F_GETFD));
    say("F_DUPFD", fcntl(161, F_DUPFD, 160));
    say("its flag", fcntl(162, F_GETFD));
    say("F_DUPFD_CLOEXEC", fcntl(150, F_DUPFD_CLOEXEC, 150));
    say("its flag", fcntl(151, F_GETFD));
    say("set", fcntl(160, F_SETFD, FD_CLOEXEC));
    say("dup2 onto it", dup2(150, 160));
    say("its flag", fcntl(160, F_GETFD));
    // O_NONBLOCK is the description's: all numbers show it, and act by it.
    must(fcntl(161, F_SETFL, O_NONBLOCK));
    say("non-blocking by another number", !!(fcntl(160, F_GETFL) & O_NONBLOCK));
    char byte;
    say("and so", read(160, &byte, 1));
    must(fcntl(151, F_SETFL, 0));
    say("blocking again", !!(fcntl(160, F_GETFL) & O_NONBLOCK));

    // A waiter on each of two numbers: each gets a byte, and both see the end.
    for (int round = 0; round < 20; round++) {
        pthread_t a = start(reads_one, box(160)), b = start(reads_one, box(161));
        if (round % 4 == 0)
            let_it_block();
        must(write(ends[1], "ab", 1 + round % 2));
        if (round % 2 == 0)
            must(write(ends[1], "b", 1));
        int sum = unbox(join(a)) + unbox(join(b));
        if (sum != 'a' + 'b')
            printf("round %d: %d\n", round, sum);
    }
    // The numbers go one by one; the last one still hears.
    close(150), close(151), close(162), close(ends[0]);
    pthread_t a = start(reads_one, box(160));
    let_it_block();
    close(161);
    must(write(ends[1], "c", 1));
    printf("the last number: %c\n", (char)unbox(join(a)));

    // dup2 gives the number to another pair; whoever reads from then on reads there.
    stream_pair(other);
    int kept = must(dup(160));
    must(write(ends[1], "old", 3));
    must(write(other[1], "new", 3));
    must(dup2(other[0], 160));
    char text[4] = "";
    must(read(160, text, 3));
    printf("the number: %s, ", text);
    must(read(kept, text, 3));
    printf("the old one's other number: %s\n", text);
    a = start(reads_one, box(160));
    pthread_t b = start(reads_one, box(kept));
    let_it_block();
    must(write(ends[1], "o", 1));
    must(write(other[1], "n", 1));
    int first = unbox(join(a));
    printf("at once: %c", first);
    printf(" %c\n", (char)unbox(join(b)));
    close(kept);
    printf("the old peer: %s\n", answer(read(ends[1], text, 3)));
    a = start(reads_one, box(160));
    let_it_block();
    close(other[0]);
    close(other[1]);
    printf("the new peer gone: %c\n", (char)unbox(join(a)));
    close(160), close(ends[1]);
    return NULL;
}

int main(void)
{
    join(start(user, NULL));
    user(NULL);
    return 0;
}
