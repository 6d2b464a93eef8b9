// A cancelled thread ends at a point whose call would succeed at once, and nothing is taken or sent: byte, connection, post and message
// are there for the next. Points with cancellation disabled do their work.
#include "fixture.h"
#include <poll.h>
#include <semaphore.h>
#include <sys/msg.h>

static int ends[2], pair[2], out[2], door, queue_id;
static sem_t semaphore;
static char byte;
static struct message {
    long type;
    char text[8];
} message = {1, "hello"};

static void reads(void) { printf("  read %s\n", answer(read(ends[0], &byte, 1))); }
static void receives(void) { printf("  recv %s\n", answer(recv(pair[0], &byte, 1, 0))); }
static void accepts(void) { printf("  accept %s\n", yes(accept(door, NULL, NULL) >= 0)); }
static void waits(void) { printf("  sem_wait %s\n", answer(sem_wait(&semaphore))); }
static void polls(void) { printf("  poll %s\n", answer(poll(&(struct pollfd){.fd = out[1], .events = POLLOUT}, 1, 1000))); }
static void writes(void) { printf("  write %s\n", answer(write(out[1], "x", 1))); }
static void gets(void) { printf("  msgrcv %s\n", answer(msgrcv(queue_id, &message, 8, 0, 0))); }
static void naps(void) { printf("  nanosleep %s\n", answer(nanosleep(&(struct timespec){0, 0}, NULL))); }
static void closes(void) { int fd = dup(ends[0]); printf("  close %s\n", answer(close(fd))); }

static int disabled;

static void *runs(void *call)
{
    zero(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL));
    zero(pthread_cancel(pthread_self()));
    if (!disabled)
        zero(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL));
    ((void (*)(void))call)();
    zero(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL));
    pthread_testcancel();
    return NULL;
}

int main(void)
{
    static void (*const points[])(void) = {reads, receives, accepts, waits, polls, writes, gets, naps, closes};
    static const char *const names[] = {"read", "recv", "accept", "sem_wait", "poll", "write", "msgrcv", "nanosleep", "close"};
    struct sockaddr_in address;

    must(pipe(ends));
    must(pipe(out));
    stream_pair(pair);
    door = listen_loopback(5, &address);
    must(sem_init(&semaphore, 0, 0));
    queue_id = must(msgget(IPC_PRIVATE, 0600));
    // One of each.
    must(write(ends[1], "a", 1));
    must(write(pair[1], "b", 1));
    int client = connect_to(&address);
    must(sem_post(&semaphore));
    must(msgsnd(queue_id, &message, 5, 0));

    for (disabled = 0; disabled < 2; disabled++)
        for (unsigned i = 0; i < sizeof points / sizeof *points; i++) {
            printf("%s%s\n", names[i], disabled ? ", disabled" : "");
            printf("  cancelled: %s\n", yes(join(start(runs, points[i])) == PTHREAD_CANCELED));
        }
    struct pollfd entry = {.fd = out[0], .events = POLLIN};
    must(read(out[0], &byte, 1));
    printf("written once: %s\n", yes(poll(&entry, 1, 0) == 0));
    must(msgctl(queue_id, IPC_RMID, NULL));
    close(client);
    return 0;
}
