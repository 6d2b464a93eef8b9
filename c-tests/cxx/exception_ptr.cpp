// Exceptions carried from thread to thread by exception_ptr.
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

template <class F> static void tell(const char *what, F f)
{
    try {
        printf("%s: %d\n", what, f());
    } catch (const std::exception &error) {
        printf("%s throws %s\n", what, error.what());
    }
}

static int slow(int n)
{
    usleep(1000);
    if (n < 0)
        throw std::invalid_argument("negative " + std::to_string(n));
    return n * n;
}

int main()
{
    std::exception_ptr carried;
    std::thread([&] {
        try {
            slow(-1);
        } catch (...) {
            carried = std::current_exception();
        }
    }).join();
    tell("carried to main", [&]() -> int { std::rethrow_exception(carried); });
    std::thread([&] { tell("carried to a thread", [&]() -> int { std::rethrow_exception(carried); }); }).join();

    // Thrown again on many threads at once: it is one object, counted.
    std::vector<std::thread> threads;
    std::vector<std::string> seen(10);
    for (auto &text : seen)
        threads.emplace_back([&text, mine = carried] {
            try {
                std::rethrow_exception(mine);
            } catch (const std::exception &error) {
                usleep(500);
                text = error.what();
            }
        });
    carried = nullptr; // the threads may be the last to hold it
    for (auto &thread : threads)
        thread.join();
    for (auto &text : seen)
        printf("many: %s\n", text.c_str());
}
