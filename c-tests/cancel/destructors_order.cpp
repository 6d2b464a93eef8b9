// Cancellation in C++: destructors and catch (...) from the inside out, in several frames, after an exception;
// then thread_local objects and keys. A catch of another type does not see it.
#include "../fixture.h"
#include <stdexcept>
#include <string>

static int ends[2];

struct Noisy {
    std::string name;
    explicit Noisy(const char *n) : name(n) {}
    ~Noisy() { printf("  ~%s\n", name.c_str()); }
};

static thread_local Noisy *lazily = nullptr;
struct Local {
    Noisy noisy{"thread_local"};
    void touch() { lazily = &noisy; }
};
static thread_local Local local;
static pthread_key_t key;

static void destructor(void *) { printf("  key\n"); }

static void waits()
{
    char c;
    Noisy innermost("innermost");
    must(read(ends[0], &c, 1));
    printf("  never\n");
}

static void middle()
{
    Noisy noisy("middle");
    try {
        waits();
    } catch (const std::exception &) {
        printf("  no exception of ours\n");
    } catch (int) {
        printf("  nor a number\n");
    } catch (...) {
        printf("  passing the first\n");
        throw;
    }
}

static void *run(void *arg)
{
    local.touch();
    zero(pthread_setspecific(key, arg));
    Noisy outer("outer");
    try {
        try {
            throw std::runtime_error("on the way");
        } catch (const std::exception &caught) {
            printf("  caught: %s\n", caught.what());
        }
        middle();
    } catch (...) {
        printf("  passing the second\n");
        throw;
    }
    return nullptr;
}

// A destructor that waits on the way.
struct Waiting {
    ~Waiting()
    {
        char c = 0;
        must(write(ends[1], "w", 1));
        usleep(1000);
        must(read(ends[0], &c, 1));
        printf("  ~Waiting %c\n", c);
    }
};

static void *waits_on_the_way(void *)
{
    Noisy outer("outer");
    Waiting waiting;
    sleep(100);
    return nullptr;
}

static void *exits_deep(void *)
{
    Noisy outer("outer");
    try {
        Noisy inner("inner");
        pthread_exit(box(3));
    } catch (...) {
        printf("  passing pthread_exit\n");
        throw;
    }
}

static void cancel(const char *name, void *(*routine)(void *))
{
    printf("%s\n", name);
    pthread_t thread = start(routine, &ends);
    usleep(3000);
    zero(pthread_cancel(thread));
    printf("  cancelled: %s\n", yes(join(thread) == PTHREAD_CANCELED));
}

int main()
{
    must(pipe(ends));
    zero(pthread_key_create(&key, destructor));
    cancel("in read", run);
    cancel("in read again", run);
    cancel("a destructor waits", waits_on_the_way);
    printf("exit\n");
    printf("  result: %ld\n", unbox(join(start(exits_deep, nullptr))));
    return 0;
}
