// std::call_once: an exception leaves the function, the caller gets it, and one of those who wait runs the function again.
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>
#include "fixture.h" // last, for it defines a word that <chrono> uses

static std::once_flag flag;
static std::atomic<int> runs, caught, returned, early;
static int value;

static void initialise()
{
    usleep(2000); // the others come meanwhile
    if (++runs < 4)
        throw std::runtime_error("not yet");
    usleep(1000);
    value = 42;
}

static void work()
{
    try {
        std::call_once(flag, initialise);
        returned++;
        early += value != 42;
    } catch (const std::runtime_error &) {
        caught++;
    }
}

int main()
{
    std::vector<std::thread> threads;
    for (int i = 0; i < 10; i++)
        threads.emplace_back(work);
    for (auto &thread : threads)
        thread.join();
    printf("runs: %d, caught: %d, returned: %d, early: %d\n", runs.load(), caught.load(), returned.load(), early.load());
    return 0;
}
