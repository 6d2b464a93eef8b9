// timed_mutex, recursive_timed_mutex and shared_timed_mutex: tries that run out of time, and tries that do not.
#include <chrono>
#include <cstdio>
#include <latch>
#include <mutex>
#include <shared_mutex>
#include <thread>

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

// Whether the lock was had, and whether the try lasted as long as it should.
template <class Try> static void attempt(const char *what, Try attempt)
{
    auto begun = steady::now();
    bool had = attempt();
    printf("%s: %s, after 30 ms: %d\n", what, had ? "locked" : "timed out", steady::now() - begun >= 30ms);
}

template <class Mutex> static void exclusive(const char *what)
{
    Mutex mutex;
    std::latch held(1), tried(1);
    std::thread holder([&] {
        std::lock_guard lock(mutex);
        held.count_down();
        tried.wait();
    });
    held.wait();
    printf("%s\n", what);
    attempt("  try_lock_for", [&] { return mutex.try_lock_for(30ms); });
    attempt("  try_lock_until, steady", [&] { return mutex.try_lock_until(steady::now() + 30ms); });
    attempt("  try_lock_until, system",
            [&] { return mutex.try_lock_until(std::chrono::system_clock::now() + 30ms); });
    tried.count_down();
    bool had = mutex.try_lock_for(30s);
    printf("  in time: %d\n", had);
    if (had)
        mutex.unlock();
    holder.join();
}

static void shared()
{
    std::shared_timed_mutex mutex;
    std::latch held(2), tried(1);
    auto read = [&] {
        std::shared_lock lock(mutex);
        held.count_down();
        tried.wait();
    };
    std::thread one(read), other(read);
    held.wait();
    printf("two readers\n");
    attempt("  try_lock_for", [&] { return mutex.try_lock_for(30ms); });
    bool had = mutex.try_lock_shared_for(30s);
    printf("  a third: %d\n", had);
    if (had)
        mutex.unlock_shared();
    tried.count_down();
    one.join();
    other.join();
    printf("one writer: %d\n", mutex.try_lock_for(30s));
    std::thread([&] {
        attempt("  try_lock_shared_for", [&] { return mutex.try_lock_shared_for(30ms); });
    }).join();
    mutex.unlock();
}

static void recursive()
{
    std::recursive_timed_mutex mutex;
    mutex.lock();
    printf("recursive, its own again: %d\n", mutex.try_lock_for(1ms));
    mutex.unlock();
    std::thread([&] { attempt("  another", [&] { return mutex.try_lock_for(30ms); }); }).join();
    mutex.unlock();
    std::thread([&] {
        printf("  free again: %d\n", mutex.try_lock());
        mutex.unlock();
    }).join();
}

int main()
{
    exclusive<std::timed_mutex>("timed_mutex");
    exclusive<std::recursive_timed_mutex>("recursive_timed_mutex");
    exclusive<std::shared_timed_mutex>("shared_timed_mutex");
    recursive();
    shared();
}
