// signal: SIGABRT
// green: lost
// An exception that no one catches on a thread: std::terminate, with the message of the C++ runtime.
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <unistd.h>

int main()
{
    printf("before\n");
    fflush(stdout);
    std::thread([] {
        usleep(1000);
        throw std::runtime_error("nobody wants me");
    }).join();
    printf("not reached\n");
}
