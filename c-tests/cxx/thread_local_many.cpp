// thread_local objects of many threads, alive at once and one after the other: as many destroyed as made, none shared.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

static std::atomic<int> made, destroyed;

struct Counted {
    std::map<int, std::string> map;
    Counted() { made++; }
    ~Counted() { destroyed++; }
};
static thread_local Counted counted;
static thread_local int plain = 5;

static bool work(int id)
{
    bool right = counted.map.empty() && plain == 5;
    plain = id;
    for (int i = 0; i < 50; i++) {
        counted.map[i] = std::to_string(id * 1000 + i);
        if (i % 10 == 0)
            usleep(200);
    }
    for (int i = 0; i < 50; i++)
        right &= counted.map[i] == std::to_string(id * 1000 + i);
    return right && plain == id;
}

int main()
{
    constexpr int N = 60, ROUNDS = 4;
    for (int round = 0; round < ROUNDS; round++) {
        std::atomic<int> right{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < N; i++)
            threads.emplace_back([&right, i] { right += work(i); });
        for (auto &thread : threads)
            thread.join();
        printf("round %d: %d right, %d made, %d destroyed\n", round, right.load(), made.load(), destroyed.load());
    }
    printf("main's own: %zu %d\n", counted.map.size(), plain);
}
