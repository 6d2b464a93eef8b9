// call_once from many threads, also inside another call_once; recursive_mutex held over a wait; std::lock of two in both orders.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

static void everywhere(int threads, auto work)
{
    std::vector<std::thread> all;
    for (int i = 0; i < threads; i++)
        all.emplace_back(work, i);
    for (auto &thread : all)
        thread.join();
}

int main()
{
    std::once_flag outer, inner;
    std::atomic<int> outers{0}, inners{0}, late{0};
    everywhere(50, [&](int) {
        std::call_once(outer, [&] {
            std::call_once(inner, [&] {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                inners++;
            });
            outers++;
        });
        late += outers != 1 || inners != 1;
    });
    printf("call_once: %d, inside it: %d, seen unfinished: %d\n", outers.load(), inners.load(), late.load());

    std::recursive_mutex mutex;
    std::condition_variable_any changed;
    int count = 0;
    everywhere(30, [&](int) {
        std::lock_guard one(mutex);
        std::lock_guard two(mutex);
        std::this_thread::yield();
        count++;
        changed.notify_all();
    });
    std::thread last([&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return count == 31; });
        printf("recursive: %d\n", count);
    });
    {
        std::lock_guard lock(mutex);
        count++;
    }
    changed.notify_all();
    last.join();

    std::mutex left, right;
    long sum = 0;
    everywhere(20, [&](int i) {
        for (int round = 0; round < 100; round++) {
            if (i % 2) {
                std::scoped_lock both(left, right);
                sum++;
            } else {
                std::scoped_lock both(right, left);
                sum++;
            }
        }
    });
    printf("scoped_lock: %ld\n", sum);
}
