// A local static that takes time to make: the others wait for it (by a bare futex system call); one that throws is tried again.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

static int slow_initial()
{
    std::this_thread::sleep_for(5ms);
    return 42;
}

static std::atomic<int> tries;

static int fails_twice()
{
    std::this_thread::sleep_for(1ms);
    if (++tries < 3)
        throw std::runtime_error("not yet");
    return 43;
}

int main()
{
    std::vector<std::thread> threads;
    std::atomic<int> right{0}, thrown{0};
    for (int i = 0; i < 10; i++)
        threads.emplace_back([&] {
            static int value = slow_initial();
            right += value == 42;
            try {
                static int later = fails_twice();
                right += later == 43;
            } catch (const std::runtime_error &) {
                thrown++;
            }
        });
    for (auto &thread : threads)
        thread.join();
    printf("right: %d, tries: %d, thrown: %d\n", right.load(), tries.load(), thrown.load());
}
