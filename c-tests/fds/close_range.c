// close_range, closefrom: plain, with CLOEXEC, with UNSHARE in a child; bad arguments; what is left goes on, and threads that wait on
// it don't notice.
#include "../fixture.h"
#include <fcntl.h>
#include <linux/close_range.h>
#include <semaphore.h>
#include <sys/wait.h>

static sem_t begun;

static void *echoes(void *fd)
{
    char byte;
    long count = 0;
    must(sem_post(&begun));
    while (read(unbox(fd), &byte, 1) == 1) {
        must(write(unbox(fd), &byte, 1));
        count++;
    }
    return box(count);
}

// Which of the numbers from 30 to 39 are open, and which of those are closed on exec (in brackets).
static void list(const char *what)
{
    printf("%s:", what);
    for (int fd = 30; fd < 40; fd++) {
        int flag = fcntl(fd, F_GETFD);
        if (flag >= 0)
            printf(flag ? " (%d)" : " %d", fd);
    }
    printf("\n");
}

static void fill(void)
{
    for (int fd = 30; fd < 40; fd++)
        must(dup2(0, fd));
}

static void *user(void *unused)
{
    (void)unused;
    int pair[2], status;
    char byte;
    stream_pair(pair);
    int kept = must(fcntl(pair[0], F_DUPFD, 60));
    close(pair[0]);
    pthread_t thread = start(echoes, box(kept));
    must(sem_wait(&begun));
    let_it_block();

    fill();
    printf("wrong way round: %s\n", answer(close_range(35, 34, 0)));
    printf("bad flags: %s\n", answer(close_range(35, 36, 64)));
    list("all");
    printf("from 33 to 35: %s\n", answer(close_range(33, 35, 0)));
    list("left");
    printf("on exec, from 36 to 37: %s\n", answer(close_range(36, 37, CLOSE_RANGE_CLOEXEC)));
    list("left");
    printf("closed ones: %s\n", answer(close_range(33, 35, 0)));
    printf("from 38 to 49: %s\n", answer(close_range(38, 49, 0)));
    list("left");
    // A socket that was in use, closed with others; the number is used anew.
    int old[2];
    stream_pair(old);
    must(dup2(old[0], 40));
    must(write(old[1], "1", 1));
    must(read(40, &byte, 1));
    close(old[0]);
    must(close_range(40, 49, 0));
    printf("its peer: %s\n", answer(read(old[1], &byte, 1)));
    close(old[1]);
    stream_pair(old);
    must(dup2(old[0], 40));
    must(write(old[1], "2", 1));
    printf("used anew: %s\n", answer(read(40, &byte, 1)));
    close(40), close(old[0]), close(old[1]);

    must(write(pair[1], "x", 1));
    printf("echo: %s\n", answer(read(pair[1], &byte, 1)));

    // As daemons and launchers do, in a child.
    for (int kind = 0; kind < 4; kind++) {
        fill();
        fflush(stdout);
        pid_t child = must(fork());
        if (child == 0) {
            if (kind == 0)
                close_range(33, ~0U, 0);
            else if (kind == 1)
                close_range(33, ~0U, CLOSE_RANGE_UNSHARE);
            else if (kind == 2)
                close_range(33, ~0U, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC);
            else
                closefrom(33);
            list("child");
            printf("the socket: %s\n", yes(fcntl(kept, F_GETFD) == 0));
            // A thread here, with files that are opened now.
            stream_pair(old);
            pthread_t own = start(echoes, box(old[0]));
            must(write(old[1], "x", 1));
            printf("works: %s\n", answer(read(old[1], &byte, 1)));
            must(shutdown(old[1], SHUT_WR));
            printf("echoed %ld\n", unbox(join(own)));
            exit(0);
        }
        must(waitpid(child, &status, 0));
        list("parent");
        must(write(pair[1], "x", 1));
        printf("ended %d, echo: %s\n", status, answer(read(pair[1], &byte, 1)));
    }
    must(shutdown(pair[1], SHUT_WR));
    printf("echoed %ld\n", unbox(join(thread)));
    close(pair[1]), close(kept);
    return NULL;
}

int main(void)
{
    must(sem_init(&begun, 0, 0));
    join(start(user, NULL));
    user(NULL);
    // Everything but the standard ones, threads having run; then they run on.
    closefrom(3);
    join(start(user, NULL));
    must(close_range(3, ~0U, 0));
    join(start(user, NULL));
    return 0;
}
