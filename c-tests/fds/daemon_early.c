// A daemon that closes the numbers 0 to 1023 before it has threads, one by one, by close_range, or with closefrom; then it serves.
#include "daemon.h"

int main(void)
{
    for (int kind = 0; kind < 4; kind++) {
        fflush(stdout);
        pid_t server = must(fork());
        if (server == 0) {
            setsid();
            if (kind == 0)
                for (int fd = 0; fd < 1024; fd++)
                    close(fd);
            else if (kind == 1)
                for (int fd = 1023; fd >= 0; fd--)
                    close(fd);
            else if (kind == 2)
                close_range(0, 1023, 0);
            else
                closefrom(0);
            run_server();
        }
        ask_all(server);
    }
    return 0;
}
