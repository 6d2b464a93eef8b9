// Threads of all kinds that are there when the process ends: parked, talking, computing, sleeping, holding locks.
#ifndef LOAD_H
#define LOAD_H

#include "ways.h"

enum { PARKED = 150, TALKING = 20 };

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static struct gate never = GATE_CLOSED;
static int quiet_line[2];
static volatile int talked;

static inline void *parks(void *number)
{
    char byte;
    switch (unbox(number) % 4) {
    case 0:
        gate_wait(&never);
        break;
    case 1:
        pthread_mutex_lock(&held);
        break;
    case 2:
        if (read(quiet_line[0], &byte, 1) >= 0)
            printf("not reached\n");
        break;
    default:
        sleep(100);
    }
    return NULL;
}

static inline void *echoes(void *fd)
{
    char byte;
    while (read(unbox(fd), &byte, 1) == 1 && write(unbox(fd), &byte, 1) == 1)
        ;
    return NULL;
}

static inline void *talks(void *fd)
{
    char byte = 'x';
    while (write(unbox(fd), &byte, 1) == 1 && read(unbox(fd), &byte, 1) == 1)
        __atomic_add_fetch(&talked, 1, __ATOMIC_RELAXED);
    return NULL;
}

// Starts them, and comes back when they are at it.
static inline void begin_load(void)
{
    must(pipe(quiet_line));
    pthread_mutex_lock(&held);
    for (int i = 0; i < PARKED; i++)
        start_small(parks, box(i));
    for (int i = 0; i < TALKING; i++) {
        int ends[2];
        stream_pair(ends);
        start_small(echoes, box(ends[0]));
        start_small(talks, box(ends[1]));
    }
    while (talked < 200)
        usleep(1000);
    printf("buffered");
}

#endif
