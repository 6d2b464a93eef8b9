// Where the kernel refuses io_uring and epoll hubs take poll, and say so.
// env: GREEN_HUB=io_uring
// stderr-green: libgreen: the kernel refuses epoll (errno 1: not permitted); hubs take poll
#include "sandbox.h"

int main(int argc, char **argv)
{
    if (argc == 1)
        enter_sandbox(argv, SYS_io_uring_setup, ENOSYS, SYS_epoll_create1, EPERM);
    work();
    return 0;
}
