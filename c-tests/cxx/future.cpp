// Values and exceptions carried by future, promise, packaged_task and async, which wait by a bare futex system call.
#include <cstdio>
#include <chrono>
#include <exception>
#include <future>
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
    tell("async", [] { return std::async(std::launch::async, slow, 7).get(); });
    tell("async that throws", [] { return std::async(std::launch::async, slow, -7).get(); });
    tell("deferred", [] { return std::async(std::launch::deferred, slow, 3).get(); });

    std::packaged_task<int(int)> task(slow);
    std::future<int> result = task.get_future();
    std::thread running(std::move(task), -5);
    tell("packaged task", [&] { return result.get(); });
    running.join();

    std::promise<int> promise;
    std::shared_future<int> shared = promise.get_future().share();
    std::vector<std::thread> readers;
    std::vector<int> got(5);
    for (int i = 0; i < 5; i++)
        readers.emplace_back([&, i] { got[i] = shared.get() + i; });
    promise.set_value(100);
    for (auto &reader : readers)
        reader.join();
    for (int value : got)
        printf("shared: %d\n", value);

    std::future<int> broken;
    {
        std::promise<int> forgotten;
        broken = forgotten.get_future();
    }
    tell("broken promise", [&] { return broken.get(); });
    auto waiting = std::async(std::launch::async, [] { usleep(300 * 1000); return 1; });
    printf("not ready yet: %d\n", waiting.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout);
    printf("ready: %d\n", waiting.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
}
