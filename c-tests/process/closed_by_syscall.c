// A socket is closed behind libc's back, with syscall(SYS_close), and by freopen; a file gets its number, and is read as a file.
#include "../sockets/net.h"
#include <sys/syscall.h>

static void *worker(void *unused) {
    (void)unused;
    char buffer[5] = "";
    int pair[2];

    // Sockets that were in use, so that whoever remembers things about descriptors does.
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    write_all(pair[0], "ping", 4);
    read_full(pair[1], buffer, 4);
    MUST(syscall(SYS_close, pair[0]));
    int fd = MUST(open("data", O_RDONLY));
    printf("same number: %s\n", fd == pair[0] ? "yes" : "no");
    printf("read %s", answer(read(fd, buffer, 4)));
    printf(" %s\n", buffer);
    printf("at the end: %s\n", answer((lseek(fd, 0, SEEK_END), read(fd, buffer, 4))));
    close(fd);
    close(pair[1]);

    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    write_all(pair[1], "pong", 4);
    read_full(pair[0], buffer, 4);
    FILE *stream = fdopen(pair[0], "r+");
    if (stream == NULL || freopen("data", "r", stream) == NULL)
        return NULL;
    printf("freopen, same number: %s\n", fileno(stream) == pair[0] ? "yes" : "no");
    printf("read %s", answer(read(fileno(stream), buffer, 4)));
    printf(" %s\n", buffer);
    printf("at the end: %s\n", answer((lseek(fileno(stream), 0, SEEK_END), read(fileno(stream), buffer, 4))));
    fclose(stream);
    close(pair[1]);

    // The other way round: a file's number becomes a socket's, which has to be waited for.
    fd = MUST(open("data", O_RDONLY));
    MUST(read(fd, buffer, 4));
    MUST(syscall(SYS_close, fd));
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    printf("socket, same number: %s\n", fd == pair[0] ? "yes" : "no");
    return (void *)(long)pair[0];
}

static void *reader(void *arg) {
    char buffer[5] = "";
    printf("read %s", answer(read((int)(long)arg, buffer, 4)));
    printf(" %s\n", buffer);
    return NULL;
}

int main(void) {
    int file = MUST(open("data", O_WRONLY | O_CREAT, 0600));
    write_all(file, "file data", 9);
    close(file);
    int end = finish(start(worker, NULL));
    pthread_t thread = start(reader, (void *)(long)end);
    usleep(10000);
    write_all(end + 1, "sock", 4);
    finish(thread);
    return 0;
}
