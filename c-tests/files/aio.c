// Asynchronous reads and writes, which libc's own threads do, waited for by aio_suspend, by lio_listio, by a look now and then, and told of by a
// thread; other threads go on meanwhile.
// link: -lrt
#include "../fixture.h"
#include <aio.h>
#include <fcntl.h>
#include <semaphore.h>

enum { BLOCKS = 8, SIZE = 4096 };

static char blocks[BLOCKS][SIZE], back[BLOCKS][SIZE];
static sem_t told;

static void tells(union sigval value)
{
    sem_post(value.sival_ptr);
}

static void *does(void *path)
{
    struct aiocb blocks_of[BLOCKS], *list[BLOCKS];
    int fd = must(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
    for (int i = 0; i < BLOCKS; i++) {
        memset(blocks[i], 'a' + i, SIZE);
        blocks_of[i] = (struct aiocb){.aio_fildes = fd, .aio_buf = blocks[i], .aio_nbytes = SIZE, .aio_offset = i * SIZE, .aio_lio_opcode = LIO_WRITE};
        list[i] = &blocks_of[i];
    }
    printf("%s: lio_listio: %s\n", (char *)path, answer(lio_listio(LIO_WAIT, list, BLOCKS, NULL)));
    int all = 0;
    for (int i = 0; i < BLOCKS; i++)
        all += aio_error(list[i]) == 0 ? aio_return(list[i]) : 0;
    printf("%s: written: %d\n", (char *)path, all);

    all = 0;
    for (int i = 0; i < BLOCKS; i++) {
        struct aiocb one = {.aio_fildes = fd, .aio_buf = back[i], .aio_nbytes = SIZE, .aio_offset = i * SIZE};
        const struct aiocb *wanted[] = {NULL, &one};
        must(aio_read(&one));
        while (aio_error(&one) == EINPROGRESS)
            if (aio_suspend(wanted, 2, NULL) < 0 && errno != EINTR)
                die("aio_suspend");
        all += aio_return(&one);
    }
    printf("%s: read: %d, the same: %s\n", (char *)path, all, memcmp(blocks, back, sizeof back) ? "no" : "yes");

    struct aiocb sync = {.aio_fildes = fd, .aio_sigevent = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = tells, .sigev_value.sival_ptr = &told}};
    must(aio_fsync(O_SYNC, &sync));
    must(sem_wait(&told));
    printf("%s: synced: %s\n", (char *)path, error_name(aio_error(&sync)));
    aio_return(&sync);

    // Nobody writes into this pipe: there's no answer in time.
    int ends[2];
    char byte;
    must(pipe(ends));
    struct aiocb never = {.aio_fildes = ends[0], .aio_buf = &byte, .aio_nbytes = 1};
    const struct aiocb *wanted[] = {&never};
    struct timespec soon = {0, 20000000};
    must(aio_read(&never));
    printf("%s: in time: %s\n", (char *)path, answer(aio_suspend(wanted, 1, &soon)));
    must(write(ends[1], "x", 1));
    while (aio_error(&never) == EINPROGRESS)
        aio_suspend(wanted, 1, NULL);
    printf("%s: then: %zd\n", (char *)path, aio_return(&never));
    close(ends[0]);
    close(ends[1]);
    close(fd);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    must(sem_init(&told, 0, 0));
    zero(pthread_create(&thread, NULL, does, "a thread"));
    zero(pthread_join(thread, NULL));
    does("main");
    return 0;
}
