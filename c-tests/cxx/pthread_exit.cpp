// pthread_exit unwinds a C++ stack: destructors run, catch (...) sees it pass and must let it go on.
#include <cstdio>
#include <cxxabi.h>
#include <pthread.h>
#include <string>
#include <unistd.h>

struct Noisy {
    std::string name;
    ~Noisy()
    {
        usleep(200);
        printf("  destroyed %s\n", name.c_str());
    }
};

static void *plainly(void *arg)
{
    Noisy outer{"outer"};
    {
        Noisy inner{"inner"};
        usleep(500);
        pthread_exit(arg);
    }
}

static volatile bool always = true;

__attribute__((noinline)) static void down(int n)
{
    Noisy here{"depth " + std::to_string(n)};
    if (n == 0 && always)
        pthread_exit(reinterpret_cast<void *>(5));
    if (n > 0)
        down(n - 1);
}

static void *through_handlers(void *arg)
{
    try {
        try {
            down(3);
        } catch (const std::string &) {
            printf("not reached\n");
        }
    } catch (abi::__forced_unwind &) {
        printf("  seen passing\n");
        throw;
    }
    return arg;
}

static void handler(void *text)
{
    printf("  %s\n", static_cast<char *>(text));
}

static void *with_cleanup(void *arg)
{
    Noisy object{"object"};
    char text[] = "cleanup handler";
    pthread_cleanup_push(handler, text);
    pthread_exit(arg);
    pthread_cleanup_pop(0);
    return nullptr;
}

static void run(const char *name, void *(*function)(void *))
{
    pthread_t thread;
    void *value;
    printf("%s\n", name);
    pthread_create(&thread, nullptr, function, reinterpret_cast<void *>(7));
    pthread_join(thread, &value);
    printf("-> %ld\n", reinterpret_cast<long>(value));
}

int main()
{
    run("plainly", plainly);
    run("through handlers", through_handlers);
    run("with cleanup", with_cleanup);
}
