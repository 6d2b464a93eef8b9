// std::barrier: the completion runs once for each phase, while nobody has passed; one thread drops out.
#include <barrier>
#include <cstdio>
#include <thread>
#include <vector>

int main()
{
    constexpr int THREADS = 12, PHASES = 30;
    std::vector<long> cells(THREADS, 0);
    int phase = 0, uneven = 0;
    auto complete = [&]() noexcept {
        phase++;
        for (int i = 1; i < THREADS; i++)
            uneven += cells[i] != phase;
    };
    std::barrier barrier(THREADS, complete);
    std::vector<std::thread> threads;
    for (int i = 0; i < THREADS; i++)
        threads.emplace_back([&, i] {
            for (int round = 0; round < PHASES; round++) {
                if (i == 0 && round == 10) {
                    barrier.arrive_and_drop();
                    return;
                }
                cells[i]++;
                if (i % 3 == 0) {
                    auto token = barrier.arrive();
                    std::this_thread::yield();
                    barrier.wait(std::move(token));
                } else {
                    barrier.arrive_and_wait();
                }
            }
        });
    for (auto &thread : threads)
        thread.join();
    printf("phases: %d, uneven: %d\n", phase, uneven);
    printf("the one that dropped out: %ld, the last: %ld\n", cells[0], cells[THREADS - 1]);
}
