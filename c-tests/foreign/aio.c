// Asynchronous files and pipes: libc's own threads do the work and call the program back on yet others. Threads wait for those calls
// on a semaphore, a condition, and by aio_suspend.
#include "fixture.h"
#include <aio.h>
#include <fcntl.h>
#include <semaphore.h>

enum { THREADS = 4, BLOCKS = 8, SIZE = 4096 };
struct job {
    struct aiocb control;
    char data[SIZE];
    sem_t *done;
};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static int arrivals;

static void post(union sigval value)
{
    struct job *job = value.sival_ptr;
    sem_post(job->done);
}

static void count(union sigval value)
{
    (void)value;
    pthread_mutex_lock(&lock);
    arrivals++;
    pthread_cond_broadcast(&arrived);
    pthread_mutex_unlock(&lock);
}

static void prepare(struct job *job, int fd, long block, void (*function)(union sigval))
{
    memset(&job->control, 0, sizeof job->control);
    job->control.aio_fildes = fd;
    job->control.aio_offset = block * SIZE;
    job->control.aio_buf = job->data;
    job->control.aio_nbytes = SIZE;
    job->control.aio_sigevent.sigev_notify = function ? SIGEV_THREAD : SIGEV_NONE;
    job->control.aio_sigevent.sigev_notify_function = function;
    job->control.aio_sigevent.sigev_value.sival_ptr = job;
}

// Writes its blocks of a file, then reads them again.
static void *file_worker(void *arg)
{
    long number = unbox(arg), right = 0;
    char name[20];
    sem_t done;
    struct job *jobs = calloc(BLOCKS, sizeof *jobs);
    snprintf(name, sizeof name, "file.%ld", number);
    int fd = must(open(name, O_CREAT | O_RDWR, 0600));
    must(sem_init(&done, 0, 0));
    for (int i = 0; i < BLOCKS; i++) {
        prepare(&jobs[i], fd, i, post);
        memset(jobs[i].data, 'a' + (number * BLOCKS + i) % 26, SIZE);
        jobs[i].done = &done;
        must(aio_write(&jobs[i].control));
    }
    for (int i = 0; i < BLOCKS; i++)
        must(sem_wait(&done));
    for (int i = 0; i < BLOCKS; i++) {
        right += aio_error(&jobs[i].control) == 0 && aio_return(&jobs[i].control) == SIZE;
        prepare(&jobs[i], fd, i, NULL);
        memset(jobs[i].data, 0, SIZE);
        must(aio_read(&jobs[i].control));
    }
    for (int i = 0; i < BLOCKS; i++) {
        const struct aiocb *one[] = {&jobs[i].control};
        while (aio_error(one[0]) == EINPROGRESS)
            must(aio_suspend(one, 1, NULL));
        right += aio_return(&jobs[i].control) == SIZE && jobs[i].data[SIZE - 1] == 'a' + (number * BLOCKS + i) % 26;
    }
    close(fd);
    free(jobs);
    return box(right);
}

int main(void)
{
    pthread_t threads[THREADS];
    struct job job;
    int ends[2];

    must(pipe(ends));
    prepare(&job, ends[0], 0, count);
    must(aio_read(&job.control));
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(file_worker, box(i));
    for (int i = 0; i < THREADS; i++)
        printf("blocks that were written and read: %ld of %d\n", unbox(join(threads[i])), 2 * BLOCKS);

    printf("the pipe: %s\n", error_name(aio_error(&job.control)));
    must(write(ends[1], "from the pipe", 13));
    pthread_mutex_lock(&lock);
    while (arrivals == 0)
        pthread_cond_wait(&arrived, &lock);
    pthread_mutex_unlock(&lock);
    printf("the pipe: %s, %zd bytes: %.13s\n", error_name(aio_error(&job.control)), aio_return(&job.control), job.data);
    return 0;
}
