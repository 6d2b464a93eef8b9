// pthread_cancel ends a thread that waits in any cancellation point; its cleanup handlers run, in order, and its joiner sees it.
#include "fixture.h"
#include <poll.h>
#include <semaphore.h>
#include <sys/select.h>
#include <sys/wait.h>

static int ends[2], pair[2], door;
static sem_t semaphore;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_t sleeper;
static pid_t child;

static void reads(void) { char c; must(read(ends[0], &c, 1)); }
static void receives(void) { char c; recv(pair[0], &c, 1, 0); }
static void accepts(void) { accept(door, NULL, NULL); }
static void polls(void) { poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, -1); }
static void selects(void) { fd_set set; FD_ZERO(&set); FD_SET(ends[0], &set); select(ends[0] + 1, &set, NULL, NULL, NULL); }
static void sleeps(void) { sleep(100); }
static void naps(void) { nanosleep(&(struct timespec){.tv_sec = 100}, NULL); }
static void posts(void) { sem_wait(&semaphore); }
static void joins(void) { pthread_join(sleeper, NULL); }
static void waits_for_child(void) { waitpid(child, NULL, 0); }
static void pauses(void) { pause(); }
static void fills(void) { static char much[1 << 20]; while (write(ends[1], much, sizeof much) > 0); }

static void unlock(void *arg) { printf("  unlock: %s\n", error_name(pthread_mutex_unlock(arg))); }

static void waits(void)
{
    zero(pthread_mutex_lock(&mutex));
    pthread_cleanup_push(unlock, &mutex);
    for (;;)
        pthread_cond_wait(&cond, &mutex);
    pthread_cleanup_pop(1);
}

static void waits_in_time(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 100;
    zero(pthread_mutex_lock(&mutex));
    pthread_cleanup_push(unlock, &mutex);
    for (;;)
        pthread_cond_timedwait(&cond, &mutex, &until);
    pthread_cleanup_pop(1);
}

static void tests(void) { for (;;) { pthread_testcancel(); usleep(500); } }

static void says(void *text) { printf("  %s\n", (char *)text); }

static void *runs(void *arg)
{
    pthread_cleanup_push(says, "last");
    pthread_cleanup_push(says, "first");
    ((void (*)(void))arg)();
    printf("  came back\n");
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *sleeps_long(void *arg)
{
    char c;
    must(read(*(int *)arg, &c, 1));
    return arg;
}

int main(void)
{
    static const struct { const char *name; void (*call)(void); } points[] = {
        {"read", reads}, {"recv", receives}, {"accept", accepts}, {"poll", polls}, {"select", selects}, {"sleep", sleeps},
        {"nanosleep", naps}, {"sem_wait", posts}, {"cond_wait", waits}, {"cond_timedwait", waits_in_time}, {"join", joins},
        {"waitpid", waits_for_child}, {"pause", pauses}, {"testcancel", tests}, {"write", fills},
    };
    int held[2];
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    must(pipe(ends));
    must(pipe(held));
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    door = must(socket(AF_INET, SOCK_STREAM, 0));
    must(bind(door, (struct sockaddr *)&any, sizeof any));
    must(listen(door, 5));
    must(sem_init(&semaphore, 0, 0));
    child = must(fork());
    if (child == 0) {
        char c;
        close(held[1]);
        must(read(held[0], &c, 1));
        _exit(0);
    }
    int own[2];
    must(pipe(own));
    zero(pthread_create(&sleeper, NULL, sleeps_long, &own[0]));

    for (unsigned i = 0; i < sizeof points / sizeof *points; i++) {
        for (int early = 0; early < 2; early++) {
            pthread_t thread;
            void *result = NULL;
            printf("%s%s\n", points[i].name, early ? ", cancelled early" : "");
            zero(pthread_create(&thread, NULL, runs, points[i].call));
            if (!early)
                usleep(4000);
            zero(pthread_cancel(thread));
            zero(pthread_join(thread, &result));
            printf("  cancelled: %s\n", result == PTHREAD_CANCELED ? "yes" : "no");
            if (early == 0 && points[i].call == fills)
                break;
        }
    }
    // What they waited for still works.
    zero(pthread_mutex_lock(&mutex));
    zero(pthread_mutex_unlock(&mutex));
    must(write(own[1], "x", 1));
    zero(pthread_join(sleeper, NULL));
    close(held[1]);
    must(waitpid(child, NULL, 0));
    must(write(pair[1], "y", 1));
    char c;
    printf("after all: %s\n", answer(recv(pair[0], &c, 1, 0)));
    return 0;
}
