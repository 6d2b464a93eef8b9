// A signal interrupts a thread that waits to open a FIFO: EINTR, or, with SA_RESTART, it goes on waiting. pthread_cancel ends it.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <stdatomic.h>
#include <sys/stat.h>

static atomic_int handled, returned;

static void handle(int signal)
{
    (void)signal;
    handled++;
}

static void *opens(void *flags)
{
    int fd = open("fifo", (int)unbox(flags));
    int error = errno;
    returned = 1;
    if (fd < 0)
        return (void *)error_name(error);
    close(fd);
    return "opened";
}

static void *opens_stream(void *mode)
{
    FILE *file = fopen("fifo", mode);
    int error = errno;
    returned = 1;
    if (file)
        fclose(file);
    return file ? (void *)"opened" : (void *)error_name(error);
}

static void cleanup(void *unused)
{
    (void)unused;
    printf("cleanup");
}

static void *is_cancelled(void *flags)
{
    int fd;
    pthread_cleanup_push(cleanup, NULL);
    fd = open("fifo", (int)unbox(flags));
    pthread_cleanup_pop(0);
    return box(fd);
}

// Signals the thread until its call has come back, as a lost race would need.
static void *interrupted(pthread_t thread)
{
    while (!returned) {
        usleep(5000);
        pthread_kill(thread, SIGUSR1);
    }
    returned = 0;
    return join(thread);
}

int main(void)
{
    struct sigaction action = {.sa_handler = handle};
    must(mkfifo("fifo", 0600));
    must(sigaction(SIGUSR1, &action, NULL));
    printf("reader: %s\n", (char *)interrupted(start(opens, box(O_RDONLY))));
    printf("writer: %s\n", (char *)interrupted(start(opens, box(O_WRONLY))));
    printf("fopen: %s\n", (char *)interrupted(start(opens_stream, "r")));
    printf("handled: %s\n", yes(handled >= 3));

    action.sa_flags = SA_RESTART;
    must(sigaction(SIGUSR1, &action, NULL));
    for (int flags = O_RDONLY; flags <= O_WRONLY; flags++) {
        handled = 0;
        pthread_t thread = start(opens, box(flags));
        let_it_block();
        pthread_kill(thread, SIGUSR1);
        while (!handled)
            usleep(1000);
        let_it_block();
        printf("SA_RESTART: handled, back %s", yes(returned));
        int other = must(open("fifo", flags == O_RDONLY ? O_WRONLY : O_RDONLY));
        printf(", then %s\n", (char *)join(thread));
        returned = 0;
        close(other);
    }
    for (int flags = O_RDONLY; flags <= O_WRONLY; flags++) {
        pthread_t thread = start(is_cancelled, box(flags));
        let_it_block();
        zero(pthread_cancel(thread));
        printf(", cancelled %s\n", yes(join(thread) == PTHREAD_CANCELED));
    }
    // Nobody is left over at the FIFO.
    SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
    return 0;
}
