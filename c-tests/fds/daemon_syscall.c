// The daemon again, which closes the numbers 0 to 1023 by system calls that no library sees: before it has threads and after.
#include "daemon.h"
#include <sys/syscall.h>

static void *nothing(void *unused)
{
    return unused;
}

int main(void)
{
    for (int kind = 0; kind < 4; kind++) {
        fflush(stdout);
        pid_t server = must(fork());
        if (server == 0) {
            setsid();
            if (kind >= 2)
                join(start(nothing, NULL));
            if (kind % 2 == 0)
                for (int fd = 0; fd < 1024; fd++)
                    syscall(SYS_close, fd);
            else
                syscall(SYS_close_range, 0, 1023, 0);
            run_server();
        }
        ask_all(server);
    }
    return 0;
}
