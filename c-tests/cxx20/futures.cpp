// Many futures at once: async, promises kept at thread exit, packaged_task through a queue, wait_until, shared_future.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

// A pool of four, of the kind every program has written.
static void pool()
{
    std::mutex mutex;
    std::condition_variable more;
    std::deque<std::packaged_task<int()>> queue;
    bool closed = false;
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; i++)
        workers.emplace_back([&] {
            for (;;) {
                std::unique_lock lock(mutex);
                more.wait(lock, [&] { return closed || !queue.empty(); });
                if (queue.empty())
                    return;
                auto task = std::move(queue.front());
                queue.pop_front();
                lock.unlock();
                task();
            }
        });
    std::vector<std::future<int>> results;
    for (int i = 0; i < 200; i++) {
        std::packaged_task<int()> task([i] {
            if (i % 50 == 49)
                throw std::runtime_error("task " + std::to_string(i));
            return i;
        });
        results.push_back(task.get_future());
        std::lock_guard lock(mutex);
        queue.push_back(std::move(task));
        more.notify_one();
    }
    long sum = 0;
    for (auto &result : results) {
        try {
            sum += result.get();
        } catch (const std::runtime_error &error) {
            printf("%s failed\n", error.what());
        }
    }
    {
        std::lock_guard lock(mutex);
        closed = true;
    }
    more.notify_all();
    for (auto &worker : workers)
        worker.join();
    printf("sum of the rest: %ld\n", sum);
}

static int fibonacci(int n)
{
    if (n < 2)
        return n;
    auto half = std::async(std::launch::async, fibonacci, n - 1);
    int other = fibonacci(n - 2);
    return half.get() + other;
}

int main()
{
    pool();
    printf("fibonacci(11): %d\n", fibonacci(11));

    std::promise<std::string> late;
    auto future = late.get_future();
    std::thread([&] { late.set_value_at_thread_exit("at exit"); }).join();
    printf("ready after the join: %d\n", future.wait_for(0s) == std::future_status::ready);
    printf("set %s\n", future.get().c_str());

    std::promise<void> go;
    auto start = go.get_future().share();
    auto begun = std::chrono::steady_clock::now();
    printf("wait_until: %d\n", start.wait_until(begun + 40ms) == std::future_status::timeout);
    printf("it waited: %d\n", std::chrono::steady_clock::now() - begun >= 40ms);
    std::vector<std::future<void>> runners;
    for (int i = 0; i < 30; i++)
        runners.push_back(std::async(std::launch::async, [start] { start.wait(); }));
    go.set_value();
    for (auto &runner : runners)
        runner.get();
    printf("30 runners started\n");
}
