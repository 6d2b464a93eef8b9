// The server with one thread in epoll_wait, non-blocking sockets, and workers that get whole requests over a queue with a condition
// variable; a worker that has the answer tells the loop through an eventfd. Clients are threads with blocking sockets.
#include "../fixture.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { CLIENTS = 20, REQUESTS = 25, WORKERS = 4, SIZE = 16 };

struct job {
    struct job *next;
    int fd, quit;
    size_t have;
    char text[SIZE];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static struct job *requests, **last = &requests, *answers;
static int set, bell, listener;
static struct sockaddr_in address;

static void *worker(void *unused)
{
    (void)unused;
    long done = 0;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (requests == NULL)
            pthread_cond_wait(&more, &lock);
        struct job *job = requests;
        if (job->quit) {
            pthread_mutex_unlock(&lock);
            return box(done);
        }
        if ((requests = job->next) == NULL)
            last = &requests;
        pthread_mutex_unlock(&lock);
        for (int i = 0; i < SIZE; i++)
            job->text[i] ^= 0x20;
        done++;
        pthread_mutex_lock(&lock);
        job->next = answers;
        answers = job;
        pthread_mutex_unlock(&lock);
        must(write(bell, &(uint64_t){1}, 8));
    }
}

static void pass_on(struct job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&lock);
    *last = job;
    last = &job->next;
    pthread_cond_signal(&more);
    pthread_mutex_unlock(&lock);
}

static void wish(int operation, int fd, unsigned events, void *data)
{
    struct epoll_event event = {.events = events, .data.ptr = data};
    must(epoll_ctl(set, operation, fd, &event));
}

static void *loop(void *unused)
{
    (void)unused;
    long ended = 0, answered = 0;
    wish(EPOLL_CTL_ADD, listener, EPOLLIN, &listener);
    wish(EPOLL_CTL_ADD, bell, EPOLLIN | EPOLLET, &bell);
    while (ended < CLIENTS) {
        struct epoll_event events[16];
        int n = must(epoll_wait(set, events, 16, -1));
        for (int i = 0; i < n; i++) {
            void *what = events[i].data.ptr;
            if (what == &listener) {
                int fd;
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    struct job *job = calloc(1, sizeof *job);
                    job->fd = fd;
                    wish(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLRDHUP, job);
                }
                if (errno != EAGAIN)
                    die("accept");
            } else if (what == &bell) {
                uint64_t rings;
                must(read(bell, &rings, 8));
                pthread_mutex_lock(&lock);
                struct job *job = answers;
                answers = NULL;
                pthread_mutex_unlock(&lock);
                while (job != NULL) {
                    struct job *next = job->next;
                    must(write(job->fd, job->text, SIZE));
                    job->have = 0;
                    answered++;
                    wish(EPOLL_CTL_MOD, job->fd, EPOLLIN | EPOLLRDHUP, job);
                    job = next;
                }
            } else {
                struct job *job = what;
                ssize_t got = read(job->fd, job->text + job->have, SIZE - job->have);
                if (got < 0 && errno == EAGAIN)
                    continue;
                if (got <= 0) {
                    close(job->fd);
                    free(job);
                    ended++;
                } else if ((job->have += got) == SIZE) {
                    wish(EPOLL_CTL_MOD, job->fd, 0, job);
                    pass_on(job);
                }
            }
        }
    }
    return box(answered);
}

static void *client(void *id)
{
    long right = 0;
    int fd = connect_to(&address);
    for (int i = 0; i < REQUESTS; i++) {
        char text[SIZE + 1], back[SIZE];
        snprintf(text, sizeof text, "client%04ld-%05d", unbox(id), i);
        // In two parts, now and then.
        write_all(fd, text, i % 4 ? SIZE : 5);
        if (i % 4 == 0)
            write_all(fd, text + 5, SIZE - 5);
        read_all(fd, back, SIZE);
        int same = 1;
        for (int k = 0; k < SIZE; k++)
            same &= back[k] == (text[k] ^ 0x20);
        right += same;
    }
    close(fd);
    return box(right);
}

int main(void)
{
    pthread_t clients[CLIENTS], workers[WORKERS];
    struct job quit = {.quit = 1};
    listener = listen_loopback(CLIENTS, &address);
    must(fcntl(listener, F_SETFL, O_NONBLOCK));
    set = must(epoll_create1(EPOLL_CLOEXEC));
    bell = must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    pthread_t main_loop = start(loop, NULL);
    for (int i = 0; i < WORKERS; i++)
        workers[i] = start(worker, NULL);
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = start(client, box(i));
    long right = 0, done = 0;
    for (int i = 0; i < CLIENTS; i++)
        right += unbox(join(clients[i]));
    long answered = unbox(join(main_loop));
    pass_on(&quit);
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&more);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < WORKERS; i++)
        done += unbox(join(workers[i]));
    printf("right %ld, answered %ld, worked %ld\n", right, answered, done);
    return 0;
}
