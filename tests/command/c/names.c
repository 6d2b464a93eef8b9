// Names that a terminal would obey: of a thread, of a FIFO that it reads, of a socket that another one listens on.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void *reads(void *arg)
{
    char byte;
    int fd;
    pthread_setname_np(pthread_self(), "\033[31mred\nline");
    mkfifo("fifo\033[2J\n", 0600);
    fd = open("fifo\033[2J\n", O_RDWR);
    read(fd, &byte, 1);
    return arg;
}

static void *accepts(void *arg)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket\033c"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    pthread_setname_np(pthread_self(), "accepts");
    bind(fd, (struct sockaddr *)&address, sizeof address);
    listen(fd, 5);
    accept(fd, NULL, NULL);
    return arg;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, reads, NULL);
    pthread_create(&threads[1], NULL, accepts, NULL);
    pthread_join(threads[0], NULL);
    return 0;
}
