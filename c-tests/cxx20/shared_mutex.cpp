// std::shared_mutex: readers are inside together, a writer alone.
#include <atomic>
#include <barrier>
#include <cstdio>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

int main()
{
    constexpr int READERS = 10, WRITERS = 4, ROUNDS = 200;
    std::shared_mutex mutex;
    std::atomic<int> together{0}, wrong{0};
    long a = 0, b = 0;
    std::vector<std::thread> threads;

    // They can only meet if all of them hold it at once.
    std::barrier meeting(READERS);
    for (int i = 0; i < READERS; i++)
        threads.emplace_back([&] {
            std::shared_lock lock(mutex);
            meeting.arrive_and_wait();
            together++;
        });
    for (auto &thread : threads)
        thread.join();
    threads.clear();
    printf("readers that met inside: %d\n", together.load());

    for (int i = 0; i < WRITERS; i++)
        threads.emplace_back([&] {
            for (int round = 0; round < ROUNDS; round++) {
                std::unique_lock lock(mutex);
                a++;
                std::this_thread::yield();
                b++;
            }
        });
    for (int i = 0; i < READERS; i++)
        threads.emplace_back([&] {
            for (int round = 0; round < ROUNDS; round++) {
                std::shared_lock lock(mutex);
                long before = a;
                std::this_thread::yield();
                wrong += a != b || a != before;
            }
        });
    for (auto &thread : threads)
        thread.join();
    printf("writes: %ld %ld, readers that saw half of one: %d\n", a, b, wrong.load());

    std::shared_lock reader(mutex);
    std::thread([&] {
        printf("beside a reader: try_lock %d, try_lock_shared %d\n", mutex.try_lock(), mutex.try_lock_shared());
        mutex.unlock_shared();
    }).join();
}
