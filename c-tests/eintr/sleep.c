// nanosleep and clock_nanosleep with what is left, and until a point in time; usleep. Never early.
#include "../fixture.h"
#include "eintr.h"

enum { MS = 40 };
static _Atomic long early, errors;

static void *sleeps(void *arg)
{
    struct timespec left = {0, MS * 1000000}, when;
    double begun = now_ms();
    (void)arg;
    while (nanosleep(&left, &left) == -1)
        errors += errno != EINTR;
    early += now_ms() - begun < MS;

    int error;
    left = (struct timespec){0, MS * 1000000};
    begun = now_ms();
    while ((error = clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left)) != 0)
        errors += error != EINTR;
    early += now_ms() - begun < MS;

    when = in_ms(CLOCK_MONOTONIC, MS);
    begun = now_ms();
    while ((error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL)) != 0)
        errors += error != EINTR;
    early += now_ms() - begun < MS - 1;

    when = in_ms(CLOCK_REALTIME, MS);
    begun = now_ms();
    while ((error = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &when, NULL)) != 0)
        errors += error != EINTR;
    early += now_ms() - begun < MS - 1;

    begun = now_ms();
    while (now_ms() - begun < MS)
        if (usleep(MS * 1000) == -1)
            errors += errno != EINTR;
    return NULL;
}

int main(void)
{
    everywhere(sleeps);
    printf("early: %ld, errors: %ld\n", early, errors);
    return 0;
}
