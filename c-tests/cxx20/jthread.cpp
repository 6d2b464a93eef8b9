// std::jthread: its destructor asks it to stop and joins; condition_variable_any and stop_callback hear of that.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

int main()
{
    std::mutex mutex;
    std::condition_variable_any changed;
    std::vector<int> queue;
    std::atomic<int> stopped{0}, called{0};
    int taken = 0;

    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 20; i++)
            workers.emplace_back([&](std::stop_token stop) {
                std::unique_lock lock(mutex);
                while (changed.wait(lock, stop, [&] { return !queue.empty(); })) {
                    taken += queue.back();
                    queue.pop_back();
                    changed.notify_all();
                }
                stopped++;
            });
        for (int i = 1; i <= 100; i++) {
            std::lock_guard lock(mutex);
            queue.push_back(i);
            changed.notify_all();
        }
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return queue.empty(); });
        printf("stopped before the end: %d\n", stopped.load());
    }
    printf("stopped: %d, taken: %d\n", stopped.load(), taken);

    std::stop_source source;
    bool ended_by_stop = false;
    std::jthread waiting([&, token = source.get_token()] {
        std::unique_lock lock(mutex);
        ended_by_stop = !changed.wait_for(lock, token, 30s, [] { return false; }) && token.stop_requested();
    });
    std::stop_callback callback(source.get_token(), [&] { called++; });
    printf("request_stop: %d\n", source.request_stop());
    printf("again: %d\n", source.request_stop());
    waiting.join();
    printf("wait_for was stopped: %d, callbacks: %d\n", ended_by_stop, called.load());

    std::jthread polite([](std::stop_token stop) {
        while (!stop.stop_requested())
            std::this_thread::sleep_for(1ms);
    });
    polite.request_stop();
}
