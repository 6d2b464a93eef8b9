// std::thread, mutexes, condition_variable with wait_for and wait_until, shared_mutex, call_once that throws.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

static void conditions()
{
    std::mutex mutex;
    std::condition_variable changed;
    int stage = 0;

    std::unique_lock<std::mutex> lock(mutex);
    auto begun = clock_type::now();
    printf("wait_for, nobody: %s\n", changed.wait_for(lock, 50ms, [&] { return stage > 0; }) ? "true" : "false");
    printf("it waited: %d\n", clock_type::now() - begun >= 50ms);
    begun = clock_type::now();
    printf("wait_until, system clock: %s\n",
           changed.wait_until(lock, std::chrono::system_clock::now() + 50ms, [&] { return stage > 0; }) ? "true" : "false");

    std::thread other([&] {
        for (int i = 1; i <= 3; i++) {
            std::this_thread::sleep_for(1ms);
            std::lock_guard<std::mutex> guard(mutex);
            stage = i;
            changed.notify_all();
        }
    });
    printf("wait_for, signalled: %s\n", changed.wait_for(lock, 30s, [&] { return stage == 3; }) ? "true" : "false");
    lock.unlock();
    other.join();
}

static void locks()
{
    std::recursive_mutex recursive;
    std::timed_mutex timed;
    std::shared_mutex shared;
    int a = 0, b = 0, torn = 0;
    std::vector<std::thread> threads;

    for (int i = 0; i < 8; i++)
        threads.emplace_back([&, i] {
            for (int step = 0; step < 50; step++) {
                if (i < 3) {
                    std::unique_lock<std::shared_mutex> lock(shared);
                    a++;
                    std::this_thread::yield();
                    b++;
                } else {
                    std::shared_lock<std::shared_mutex> lock(shared);
                    int before = a;
                    std::this_thread::yield();
                    if (a != before || a != b)
                        __atomic_fetch_add(&torn, 1, __ATOMIC_RELAXED);
                }
                std::lock_guard<std::recursive_mutex> one(recursive), two(recursive);
            }
        });
    for (auto &thread : threads)
        thread.join();
    printf("shared_mutex: %d %d, torn %d\n", a, b, torn);

    std::lock_guard<std::timed_mutex> held(timed);
    std::thread([&] {
        auto begun = clock_type::now();
        printf("timed_mutex: %d\n", timed.try_lock_for(30ms));
        printf("it waited: %d\n", clock_type::now() - begun >= 30ms);
    }).join();
}

static void once()
{
    std::once_flag flag;
    std::atomic<int> tries{0}, thrown{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 10; i++)
        threads.emplace_back([&] {
            try {
                std::call_once(flag, [&] {
                    std::this_thread::sleep_for(2ms);
                    if (++tries < 3)
                        throw std::runtime_error("not yet");
                });
            } catch (const std::runtime_error &) {
                thrown++;
            }
        });
    for (auto &thread : threads)
        thread.join();
    printf("call_once: %d tries, %d threw\n", tries.load(), thrown.load());
}

int main()
{
    conditions();
    locks();
    once();

    std::mutex mutex;
    std::set<std::thread::id> ids;
    std::vector<std::thread> threads;
    for (int i = 0; i < 50; i++)
        threads.emplace_back([&] {
            std::lock_guard<std::mutex> lock(mutex);
            ids.insert(std::this_thread::get_id());
        });
    bool distinct = threads[0].get_id() != threads[1].get_id();
    for (auto &thread : threads)
        thread.join();
    printf("ids distinct: %d, at least one: %d\n", distinct, !ids.empty());
    try {
        threads[0].join();
    } catch (const std::system_error &error) {
        printf("join twice: %s\n", error.code() == std::errc::invalid_argument ? "invalid argument" : "?");
    }
}
