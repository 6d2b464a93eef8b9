// Mutexes made by every static initialiser and by every attribute, locked by main before there was any thread, and given back
// when threads wait for them. Who does not own one may not unlock it, if its type checks that.
#include "fixture.h"

enum { KINDS = 10, THREADS = 3 };
static const char *const names[KINDS] = {"static normal", "static recursive", "static errorcheck", "static adaptive", "normal",
                                         "recursive", "errorcheck", "shared", "inheriting", "robust"};
static pthread_mutex_t mutexes[KINDS] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP,
                                         PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP, PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP};
static int held[KINDS], entered[KINDS], early;

static void make(int which)
{
    pthread_mutexattr_t attributes;
    zero(pthread_mutexattr_init(&attributes));
    switch (which) {
    case 4: zero(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_NORMAL)); break;
    case 5: zero(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE)); break;
    case 6: zero(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK)); break;
    case 7: zero(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED)); break;
    case 8: zero(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT)); break;
    case 9: zero(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST)); break;
    }
    zero(pthread_mutex_init(&mutexes[which], &attributes));
    zero(pthread_mutexattr_destroy(&attributes));
}

static int checks_owner(int which)
{
    return which == 1 || which == 2 || which == 5 || which == 6 || which == 8 || which == 9;
}

static void *unlocks(void *which)
{
    return box(pthread_mutex_unlock(&mutexes[unbox(which)]));
}

static void *enters(void *arg)
{
    int which = unbox(arg);
    zero(pthread_mutex_lock(&mutexes[which]));
    early += held[which];
    entered[which]++;
    usleep(500);
    zero(pthread_mutex_unlock(&mutexes[which]));
    return NULL;
}

int main(void)
{
    pthread_t threads[KINDS][THREADS];
    for (int which = 0; which < KINDS; which++) {
        if (which >= 4)
            make(which);
        zero(pthread_mutex_lock(&mutexes[which]));
        held[which] = 1;
    }
    for (int which = 0; which < KINDS; which++)
        for (int i = 0; i < THREADS; i++)
            threads[which][i] = start(enters, box(which));
    let_it_block();
    for (int which = 0; which < KINDS; which++) {
        printf("%s: trylock by the owner: %s", names[which], error_name(pthread_mutex_trylock(&mutexes[which])));
        if (checks_owner(which))
            printf(", unlock by another: %s", error_name(unbox(join(start(unlocks, box(which))))));
        if (which == 1 || which == 5)
            zero(pthread_mutex_unlock(&mutexes[which])); // what trylock took
        if (which != 9) // a robust one is destroyed all the same
            printf(", destroy: %s", error_name(pthread_mutex_destroy(&mutexes[which])));
        held[which] = 0;
        printf(", unlock: %s", error_name(pthread_mutex_unlock(&mutexes[which])));
        for (int i = 0; i < THREADS; i++)
            join(threads[which][i]);
        printf(", entered: %d, destroy: %s\n", entered[which], error_name(pthread_mutex_destroy(&mutexes[which])));
    }
    printf("entered early: %d\n", early);
    return 0;
}
