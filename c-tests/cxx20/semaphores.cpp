// counting_semaphore and binary_semaphore: how many are inside, a ring buffer, and the acquire that runs out of time.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <semaphore>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

static void limit()
{
    std::counting_semaphore<4> places(4);
    std::atomic<int> inside{0}, most{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 40; i++)
        threads.emplace_back([&] {
            for (int round = 0; round < 20; round++) {
                places.acquire();
                int now = ++inside, seen = most;
                while (seen < now && !most.compare_exchange_weak(seen, now)) {
                }
                std::this_thread::yield();
                inside--;
                places.release();
            }
        });
    for (auto &thread : threads)
        thread.join();
    printf("never more than 4 inside: %d\n", most <= 4);
}

static void ring()
{
    constexpr long MESSAGES = 5000;
    std::counting_semaphore<8> filled(0), empty(8);
    long slots[8], sum = 0;
    std::thread producer([&] {
        for (long i = 0; i < MESSAGES; i++) {
            empty.acquire();
            slots[i % 8] = i;
            filled.release();
        }
    });
    for (long i = 0; i < MESSAGES; i++) {
        filled.acquire();
        sum += slots[i % 8];
        empty.release();
    }
    producer.join();
    printf("a ring of 8: sum %ld\n", sum);
}

static void timed()
{
    std::binary_semaphore ready(0);
    printf("try_acquire: %d\n", ready.try_acquire());
    auto begun = steady::now();
    printf("try_acquire_for: %d\n", ready.try_acquire_for(50ms));
    printf("it waited: %d\n", steady::now() - begun >= 50ms);
    begun = steady::now();
    printf("try_acquire_until: %d\n", ready.try_acquire_until(steady::now() + 50ms));
    printf("it waited: %d\n", steady::now() - begun >= 50ms);
    begun = steady::now();
    std::thread releases([&] { ready.release(); });
    printf("released meanwhile: %d\n", ready.try_acquire_for(30s));
    printf("long before its time: %d\n", steady::now() - begun < 10s);
    releases.join();
}

int main()
{
    limit();
    ring();
    timed();
    std::thread(timed).join();
}
