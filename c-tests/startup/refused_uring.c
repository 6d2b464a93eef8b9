// Where the kernel refuses io_uring hubs take epoll, and say so.
// env: GREEN_HUB=io_uring
// stderr-green: libgreen: the kernel refuses io_uring (errno 1: not permitted); hubs take epoll
#include "sandbox.h"

int main(int argc, char **argv)
{
    if (argc == 1)
        enter_sandbox(argv, SYS_io_uring_setup, EPERM, SYS_io_uring_enter, EPERM);
    work();
    return 0;
}
