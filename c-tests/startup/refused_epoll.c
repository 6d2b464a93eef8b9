// Where the kernel refuses epoll hubs take poll, and say so.
// env: GREEN_HUB=epoll
// stderr-green: libgreen: the kernel refuses epoll (errno 38: this kernel doesn't have it); hubs take poll
#include "sandbox.h"

int main(int argc, char **argv)
{
    if (argc == 1)
        enter_sandbox(argv, SYS_epoll_create1, ENOSYS, SYS_epoll_create, ENOSYS);
    work();
    return 0;
}
