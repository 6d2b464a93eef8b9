// Cancellation runs C++ destructors on the way, and catch (...) that rethrows sees it pass.
#include "../fixture.h"

struct Noisy {
    const char *name;
    explicit Noisy(const char *n) : name(n) {}
    ~Noisy() { printf("~%s\n", name); }
};

static int ends[2];

static void deep(int n)
{
    Noisy noisy(n == 0 ? "inner" : n == 1 ? "middle" : "outer");
    if (n > 0)
        return deep(n - 1);
    try {
        char c;
        must(read(ends[0], &c, 1));
        printf("never\n");
    } catch (...) {
        printf("passing\n");
        throw;
    }
}

static void *run(void *arg)
{
    deep(2);
    return arg;
}

int main()
{
    pthread_t thread;
    void *result;
    must(pipe(ends));
    for (int i = 0; i < 2; i++) {
        zero(pthread_create(&thread, nullptr, run, nullptr));
        usleep(3000);
        zero(pthread_cancel(thread));
        zero(pthread_join(thread, &result));
        printf("cancelled: %s\n", result == PTHREAD_CANCELED ? "yes" : "no");
    }
    return 0;
}
