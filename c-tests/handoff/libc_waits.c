// Threads wait in calls that are nobody's business but the kernel's: open of a FIFO, flock, a record lock, epoll_wait, aio_suspend.
// Another thread ends each wait, late.
#include "hog.h"
#include <aio.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>

static int file[2], watched[2], slow[2];

static void *opens_fifo(void *unused)
{
    char text[8] = "";
    (void)unused;
    int fd = must(open("fifo", O_RDONLY));
    must(read(fd, text, sizeof text - 1));
    close(fd);
    return box(strcmp(text, "fifo") == 0);
}

static void *locks_file(void *unused)
{
    (void)unused;
    must(flock(file[1], LOCK_EX));
    must(flock(file[1], LOCK_UN));
    return box(1);
}

static void *locks_record(void *unused)
{
    struct flock record = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
    (void)unused;
    must(fcntl(file[1], F_OFD_SETLKW, &record));
    return box(1);
}

static void *waits_by_epoll(void *unused)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 77};
    (void)unused;
    int set = must(epoll_create1(0));
    must(epoll_ctl(set, EPOLL_CTL_ADD, watched[0], &event));
    memset(&event, 0, sizeof event);
    long count = must(epoll_wait(set, &event, 1, 20000));
    close(set);
    return box(count == 1 && event.data.u64 == 77);
}

static void *waits_for_aio(void *unused)
{
    char text[8] = "";
    struct aiocb control = {.aio_fildes = slow[0], .aio_buf = text, .aio_nbytes = sizeof text - 1};
    const struct aiocb *list[] = {&control};
    (void)unused;
    control.aio_sigevent.sigev_notify = SIGEV_NONE;
    must(aio_read(&control));
    while (aio_error(&control) == EINPROGRESS)
        must(aio_suspend(list, 1, NULL));
    return box(aio_return(&control) == 4 && strcmp(text, "slow") == 0);
}

static void *ends_them(void *unused)
{
    struct flock record = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_len = 10};
    usleep(30000);
    int fd = must(open("fifo", O_WRONLY));
    must(write(fd, "fifo", 4));
    close(fd);
    must(flock(file[0], LOCK_UN));
    must(fcntl(file[0], F_OFD_SETLK, &record));
    must(write(watched[1], "x", 1));
    must(write(slow[1], "slow", 4));
    return unused;
}

int main(void)
{
    static const struct {
        void *(*function)(void *);
        const char *name;
    } waits[] = {
        {opens_fifo, "open"}, {locks_file, "flock"}, {locks_record, "fcntl"}, {waits_by_epoll, "epoll_wait"},
        {waits_for_aio, "aio_suspend"},
    };
    enum { WAITS = sizeof waits / sizeof waits[0] };
    struct flock record = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
    pthread_t threads[WAITS];

    must(mkfifo("fifo", 0600));
    for (int i = 0; i < 2; i++)
        file[i] = must(open("file", O_RDWR | O_CREAT, 0600));
    must(flock(file[0], LOCK_EX));
    must(fcntl(file[0], F_OFD_SETLK, &record));
    must(pipe(watched));
    must(pipe(slow));
    for (int i = 0; i < WAITS; i++)
        threads[i] = start(waits[i].function, NULL);
    pthread_t ending = start(ends_them, NULL);
    for (int i = 0; i < WAITS; i++)
        printf("%s: %s\n", waits[i].name, yes(unbox(join(threads[i]))));
    join(ending);
    return 0;
}
