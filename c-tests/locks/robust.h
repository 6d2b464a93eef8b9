// A robust mutex.
#include "fixture.h"

static inline void make_robust(pthread_mutex_t *mutex, int type, int shared)
{
    pthread_mutexattr_t attributes;
    zero(pthread_mutexattr_init(&attributes));
    zero(pthread_mutexattr_settype(&attributes, type));
    zero(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
    zero(pthread_mutexattr_setpshared(&attributes, shared));
    zero(pthread_mutex_init(mutex, &attributes));
    zero(pthread_mutexattr_destroy(&attributes));
}
