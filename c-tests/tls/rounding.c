// Rounding mode and floating-point exceptions are each thread's own, and new threads begin with their creator's.
// link: -lm
#include "fixture.h"
#include <fenv.h>
#include <sched.h>

static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
static volatile double one = 1, three = 3;
static volatile long double long_one = 1, long_three = 3;

static void *keeps(void *arg)
{
    int mode = modes[(long)arg % 4];
    long wrong = 0, begun = fegetround();

    fesetround(mode);
    feclearexcept(FE_ALL_EXCEPT);
    double expected = one / three;
    long double long_expected = long_one / long_three;
    for (int i = 0; i < 200; i++) {
        if (i % 20 == 0)
            usleep(100);
        else
            sched_yield();
        wrong += fegetround() != mode;
        wrong += one / three != expected;
        wrong += long_one / long_three != long_expected;
        wrong += fetestexcept(FE_DIVBYZERO) != 0;
    }
    feraiseexcept(FE_DIVBYZERO);
    usleep(100);
    wrong += fetestexcept(FE_DIVBYZERO) == 0;
    wrong += begun != FE_DOWNWARD;
    return (void *)wrong;
}

int main(void)
{
    pthread_t threads[12];
    fesetround(FE_DOWNWARD);
    for (long i = 0; i < 12; i++)
        zero(pthread_create(&threads[i], NULL, keeps, (void *)i));
    for (int i = 0; i < 12; i++) {
        void *wrong;
        zero(pthread_join(threads[i], &wrong));
        printf("thread %d: %ld wrong\n", i, (long)wrong);
    }
    printf("main rounds down still: %s\n", fegetround() == FE_DOWNWARD ? "yes" : "no");
    return 0;
}
