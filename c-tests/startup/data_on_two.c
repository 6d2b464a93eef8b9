// A daemon that has closed its three descriptors and opened its data next: what the library has to say (here of a variable) doesn't go
// into the data. In a log under that number it would.
// env: GREEN_NOPE=1
#include "../fixture.h"
#include <fcntl.h>

static void *sleeps(void *unused)
{
    usleep(1000);
    return unused;
}

int main(void)
{
    int out = must(fcntl(1, F_DUPFD, 100)), data = -1;
    char bytes[256];

    for (int fd = 0; fd < 3; fd++)
        close(fd);
    for (int i = 0; i < 3; i++)
        data = must(open("data", O_RDWR | O_CREAT | O_TRUNC, 0600));
    write_all(data, "row 1\n", 6);
    for (int i = 0; i < 10; i++)
        join(start(sleeps, NULL));
    write_all(data, "row 2\n", 6);
    must(lseek(data, 0, SEEK_SET));
    ssize_t size = must(read(data, bytes, sizeof bytes));
    dprintf(out, "descriptor %d, %zd bytes: %.*s", data, size, (int)size, bytes);
    return 0;
}
