// signal: SIGABRT
// green: lost
// A std::thread destroyed while it can be joined: terminate, by way of the program's own handler.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>
#include <unistd.h>

int main()
{
    std::set_terminate([] {
        printf("my own handler\n");
        fflush(stdout);
        abort();
    });
    std::thread forgotten([] { usleep(100 * 1000); });
}
