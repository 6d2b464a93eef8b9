// Places where a thread can be when a signal comes, and a thread that goes there.
// Nobody can know when a thread has got to its place, so signals are sent until they have had their effect.
#ifndef PLACES_H
#define PLACES_H
#include "signals.h"

static struct {
    int empty[2], door;
    sem_t semaphore;
    pthread_mutex_t held, lock;
    pthread_cond_t cond;
    int released;
    struct sockaddr_in address;
} place_state = {.held = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};

static atomic_int handled, over;
static _Atomic(pthread_t) expected; // the thread on which the handler is to run
static atomic_int elsewhere;        // how often it ran on another

static inline void note_handled(void)
{
    if (!pthread_equal(pthread_self(), expected))
        elsewhere++;
    handled++;
}

static inline void read_place(void)
{
    char byte;
    printf("  read: %s\n", answer(read(place_state.empty[0], &byte, 1)));
}

static inline void read_leave(void)
{
    must(write(place_state.empty[1], "x", 1));
}

static inline void accept_place(void)
{
    int fd = accept(place_state.door, NULL, NULL);
    printf("  accept: %s\n", fd >= 0 ? "a connection" : error_name(errno));
    if (fd >= 0)
        close(fd);
}

static inline void accept_leave(void)
{
    close(connect_to(&place_state.address));
}

static inline void sem_place(void)
{
    printf("  sem_wait: %s\n", answer(sem_wait(&place_state.semaphore)));
}

static inline void sem_leave(void)
{
    must(sem_post(&place_state.semaphore));
}

static inline void sleep_place(void)
{
    struct timespec hour = {3600, 0}, left = {0, 0};
    printf("  nanosleep: %s", answer(nanosleep(&hour, &left)));
    printf(", most of it is left: %s\n", yes(left.tv_sec > 3500 && left.tv_sec <= 3600));
}

static inline void seconds_place(void)
{
    unsigned left = sleep(3600);
    printf("  sleep: most of it is left: %s\n", yes(left > 3500 && left <= 3600));
}

static inline void poll_place(void)
{
    struct pollfd entry = {.fd = place_state.empty[0], .events = POLLIN};
    printf("  poll: %s\n", answer(poll(&entry, 1, 3600000)));
}

static inline void cond_place(void)
{
    zero(pthread_mutex_lock(&place_state.lock));
    while (!place_state.released)
        zero(pthread_cond_wait(&place_state.cond, &place_state.lock));
    place_state.released = 0;
    zero(pthread_mutex_unlock(&place_state.lock));
    printf("  cond_wait: woken\n");
}

static inline void cond_leave(void)
{
    zero(pthread_mutex_lock(&place_state.lock));
    place_state.released = 1;
    zero(pthread_cond_broadcast(&place_state.cond));
    zero(pthread_mutex_unlock(&place_state.lock));
}

// Taken by whoever calls `go_to`, and given back when it's time to leave.
static inline void mutex_place(void)
{
    zero(pthread_mutex_lock(&place_state.held));
    zero(pthread_mutex_unlock(&place_state.held));
    printf("  mutex: locked\n");
}

static inline void mutex_leave(void)
{
    zero(pthread_mutex_unlock(&place_state.held));
}

static inline void compute_place(void)
{
    int before = handled;
    while (handled == before)
        ;
    printf("  computing: noticed\n");
}

// Where a signal without SA_RESTART, or with, ends the call; where it doesn't, `leave` does.
static const struct place {
    void (*stay)(void), (*leave)(void);
    int interrupted, interrupted_restarting;
} places[] = {
    {read_place, read_leave, 1, 0}, {accept_place, accept_leave, 1, 0}, {sem_place, sem_leave, 1, 0},
    {sleep_place, NULL, 1, 1},      {seconds_place, NULL, 1, 1},        {poll_place, NULL, 1, 1},
    {cond_place, cond_leave, 0, 0}, {mutex_place, mutex_leave, 0, 0},   {compute_place, NULL, 1, 1},
};
enum { PLACES = sizeof places / sizeof *places };

static inline void places_init(void)
{
    must(pipe(place_state.empty));
    must(sem_init(&place_state.semaphore, 0, 0));
    place_state.door = listen_loopback(5, &place_state.address);
}

// Sends signals until the thread that is in this place has left it.
static inline void pester(const struct place *place, int restarting, void (*send)(void))
{
    int before = handled;
    if (restarting ? place->interrupted_restarting : place->interrupted) {
        while (!over) {
            usleep(3000);
            send();
        }
        return;
    }
    while (handled < before + 3) {
        usleep(3000);
        send();
    }
    place->leave();
    while (!over)
        usleep(1000);
}

#endif
