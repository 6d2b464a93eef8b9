// std::atomic's wait, notify_one and notify_all: on an int, which is a futex word itself, and on a char and a long, which are not.
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

// Two threads take turns at one word.
template <class Number> static void turns(const char *what)
{
    constexpr int ROUNDS = 2000;
    std::atomic<Number> turn{0};
    int counted = 0;
    auto play = [&](Number mine) {
        for (int i = 0; i < ROUNDS; i++) {
            turn.wait(1 - mine);
            counted++;
            turn.store(1 - mine);
            turn.notify_one();
        }
    };
    std::thread one(play, 0), other(play, 1);
    one.join();
    other.join();
    printf("%s: %d turns\n", what, counted);
}

// Many threads wait for one word; all go on.
static void broadcast()
{
    std::atomic<int> stage{0}, arrived{0}, passed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 50; i++)
        threads.emplace_back([&] {
            for (int now = 0; now < 3; now++) {
                if (++arrived == 50 * (now + 1))
                    arrived.notify_one();
                stage.wait(now);
                passed++;
            }
        });
    for (int now = 0; now < 3; now++) {
        for (int seen; (seen = arrived) != 50 * (now + 1);)
            arrived.wait(seen);
        stage = now + 1;
        stage.notify_all();
    }
    for (auto &thread : threads)
        thread.join();
    printf("notify_all: %d passed\n", passed.load());
}

static void flag()
{
    std::atomic_flag raised;
    std::thread waiting([&] { raised.wait(false); });
    raised.test_and_set();
    raised.notify_all();
    waiting.join();
    printf("atomic_flag: %d\n", raised.test());
}

int main()
{
    turns<int>("int");
    turns<signed char>("char");
    turns<long>("long");
    broadcast();
    flag();
}
