// std::latch: workers wait for the start, main for all of them to be done.
#include <cstdio>
#include <latch>
#include <numeric>
#include <thread>
#include <vector>

int main()
{
    constexpr int THREADS = 60;
    std::latch start(1), done(THREADS), all(THREADS + 1);
    std::vector<int> results(THREADS);
    std::vector<std::thread> threads;
    int base = 0;
    for (int i = 0; i < THREADS; i++)
        threads.emplace_back([&, i] {
            start.wait();
            results[i] = base + i;
            done.count_down();
            all.arrive_and_wait();
        });
    printf("try_wait before: %d\n", done.try_wait());
    base = 1000;
    start.count_down();
    done.wait();
    printf("try_wait after: %d\n", done.try_wait());
    printf("sum: %d\n", std::accumulate(results.begin(), results.end(), 0));
    all.arrive_and_wait();
    for (auto &thread : threads)
        thread.join();
}
