// condition_variable: wait_for and wait_until on both clocks, in main and in threads; a broadcast at exit.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

static void run_out()
{
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    auto begun = std::chrono::steady_clock::now();
    auto waited = [&] { return std::chrono::steady_clock::now() - begun >= 30ms; };
    auto timeout = [](std::cv_status status) { return status == std::cv_status::timeout; };

    // A wait may end without a reason; its time has come when it says so.
    while (!timeout(never.wait_for(lock, 30ms))) {
    }
    printf("wait_for: %d\n", waited());
    begun = std::chrono::steady_clock::now();
    while (!timeout(never.wait_until(lock, begun + 30ms))) {
    }
    printf("wait_until, steady: %d\n", waited());
    begun = std::chrono::steady_clock::now();
    while (!timeout(never.wait_until(lock, std::chrono::system_clock::now() + 31ms))) {
    }
    printf("wait_until, system: %d\n", waited());
    printf("in the past: %d\n", never.wait_until(lock, begun - 1s, [] { return false; }));
}

int main()
{
    run_out();
    std::thread(run_out).join();

    std::mutex mutex;
    std::condition_variable changed;
    int stage = 0, early = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 30; i++)
        threads.emplace_back([&, i] {
            std::unique_lock lock(mutex);
            early += !changed.wait_for(lock, 30s, [&] { return stage == i; });
            stage++;
            changed.notify_all();
        });
    for (auto &thread : threads)
        thread.join();
    printf("stages: %d, out of time: %d\n", stage, early);

    std::unique_lock lock(mutex);
    bool gone = false;
    std::thread leaving([&] {
        std::unique_lock inner(mutex);
        gone = true;
        std::notify_all_at_thread_exit(changed, std::move(inner));
    });
    printf("notified at exit: %d\n", changed.wait_for(lock, 30s, [&] { return gone; }));
    lock.unlock();
    leaving.join();
}
