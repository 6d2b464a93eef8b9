// thread_local objects: made when first used, destroyed in reverse order when the thread ends, however it ends, and made
// anew for the next thread in the same memory.
#include <atomic>
#include <cstdio>
#include <pthread.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

static std::atomic<int> made, destroyed;

struct Noisy {
    const char *name;
    explicit Noisy(const char *name) : name(name) { printf("  made %s\n", name); }
    ~Noisy()
    {
        usleep(200); // destructors may wait
        printf("  destroyed %s\n", name);
    }
    void use() {}
};

static thread_local Noisy first("first"), second("second");
static thread_local std::string text = "initial";

static void function()
{
    static thread_local Noisy local("local");
    local.use();
}

struct Counted {
    std::vector<int> heap = std::vector<int>(100, 7);
    Counted() { made++; }
    ~Counted() { destroyed++; }
};
static thread_local Counted counted;

// Made by the destructor of another: destroyed too, before the thread is over.
struct Late {
    ~Late() { function(); }
    void use() {}
};
static thread_local Late late;

static void key_destructor(void *)
{
    printf("  key destructor, after the objects\n");
}

static void *exits(void *key)
{
    pthread_setspecific(*static_cast<pthread_key_t *>(key), key);
    first.use();
    pthread_exit(nullptr);
}

int main()
{
    printf("one that uses all\n");
    std::thread([] {
        second.use(); // all of one file are made together
        function();
        text += " and more";
        printf("  text: %s\n", text.c_str());
    }).join();
    printf("text anew\n");
    std::thread([] { printf("  text: %s\n", text.c_str()); }).join();

    printf("one that leaves by pthread_exit, with a key\n");
    pthread_key_t key;
    pthread_t thread;
    pthread_key_create(&key, key_destructor);
    pthread_create(&thread, nullptr, exits, &key);
    pthread_join(thread, nullptr);

    printf("one that uses none\n");
    std::thread([] {}).join();

    printf("one whose destructor uses another\n");
    std::thread([] { late.use(); }).join();
    printf("end of main\n");
    (void)counted;
}
