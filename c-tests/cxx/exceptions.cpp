// Exceptions on many threads, thrown and caught around blocking calls: what the C++ runtime keeps per thread stays apart.
#include <array>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

static std::mutex io;

struct Guard {
    std::atomic<int> &count;
    ~Guard()
    {
        usleep(100); // a destructor that waits while the stack unwinds
        count++;
    }
};

static std::atomic<int> destroyed;

static void depth(int n, int id, int fd)
{
    Guard guard{destroyed};
    if (n > 0)
        return depth(n - 1, id, fd);
    char byte;
    if (recv(fd, &byte, 1, 0) != 1) // blocks, then throws
        throw std::logic_error("recv");
    throw std::runtime_error("from " + std::to_string(id));
}

static bool one(int id)
{
    int ends[2];
    bool right = true;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return false;
    std::thread sender([&] { usleep(500); right &= send(ends[1], "x", 1, 0) == 1; });
    try {
        depth(5, id, ends[0]);
        right = false;
    } catch (const std::runtime_error &error) {
        right &= error.what() == "from " + std::to_string(id);
        usleep(1000); // waits inside the handler: the caught exception is this thread's
        try {
            try {
                throw id * 2;
            } catch (int number) {
                usleep(500);
                right &= number == id * 2 && std::uncaught_exceptions() == 0;
                throw; // the inner one
            }
        } catch (int number) {
            right &= number == id * 2;
        }
        std::lock_guard<std::mutex> lock(io);
        right &= std::string(error.what()) == "from " + std::to_string(id);
        try {
            throw; // now the outer one again
        } catch (const std::exception &again) {
            right &= &again == &error;
        }
    }
    sender.join();
    close(ends[0]);
    close(ends[1]);
    return right;
}

int main()
{
    constexpr int N = 20;
    std::array<bool, N> right{};
    std::vector<std::thread> threads;
    for (int i = 0; i < N; i++)
        threads.emplace_back([&right, i] { right[i] = one(i) && one(i + 1000); });
    int sum = 0;
    for (int i = 0; i < N; i++) {
        threads[i].join();
        sum += right[i];
    }
    printf("right: %d of %d, destroyed: %d\n", sum, N, destroyed.load());
}
