// Static and thread-local objects at the end of the process: destroyed once, in order, while threads still run, which their destructors may talk to
// exit: 5
// and join; objects of threads that never ended are not.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include "../fixture.h"

struct Says {
    const char *name;
    explicit Says(const char *n) : name(n) { printf("made %s\n", name); }
    ~Says() { printf("destroyed %s\n", name); }
};

static Says first("first static");

// A pool, as many programs have it: its destructor ends and joins its threads.
class Pool {
    std::mutex lock;
    std::condition_variable changed;
    bool over = false;
    int ended = 0;
    std::thread threads[8];

    void run()
    {
        std::unique_lock<std::mutex> guard(lock);
        changed.wait(guard, [this] { return over; });
        ended++;
    }

public:
    Pool()
    {
        for (auto &thread : threads)
            thread = std::thread(&Pool::run, this);
    }
    ~Pool()
    {
        {
            std::lock_guard<std::mutex> guard(lock);
            over = true;
        }
        changed.notify_all();
        for (auto &thread : threads)
            thread.join();
        printf("the pool's threads ended: %d\n", ended);
    }
};

static Pool pool;
static Says last("last static");

static Says &local()
{
    static Says object("function's static");
    return object;
}

static thread_local Says *of_thread;

struct Deletes {
    ~Deletes() { delete of_thread; }
};

static thread_local Deletes deletes;

static void touch(const char *name)
{
    of_thread = new Says(name);
    (void)&deletes;
}

static int line[2];

int main()
{
    must(pipe(line));
    local();
    touch("main's");
    std::thread([] { touch("a joined thread's"); }).join();
    std::thread([] {
        char byte;
        static thread_local Says never("a running thread's");
        write_all(line[1], "x", 1);
        for (;;)
            std::this_thread::sleep_for(std::chrono::seconds(100));
        (void)byte;
    }).detach();
    char byte;
    must(read(line[0], &byte, 1));
    return 5;
}
