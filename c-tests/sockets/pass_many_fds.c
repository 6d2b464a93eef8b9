// A socket, a pipe, a file and an eventfd come in one message, and threads use them at once; too many, cut off, none, and bad ones.
#include "../fixture.h"
#include "calls.h"
#include <sys/eventfd.h>

enum { KINDS = 4 };
static int way[2];

static ssize_t take(struct msghdr *message, char *control, size_t size, int flags)
{
    static __thread char byte;
    static __thread struct iovec part;
    part = (struct iovec){&byte, 1};
    *message = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = size};
    return recvmsg(way[0], message, flags);
}

static int give(const int *fds, int count)
{
    char control[CMSG_SPACE(300 * sizeof(int))] __attribute__((aligned(8)));
    struct iovec part = {"f", 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    attach(&message, control, sizeof control, fds, count);
    return sendmsg(way[1], &message, 0);
}

static void *uses(void *fd)
{
    char b[8] = "";
    long n = read((int)unbox(fd), b, 8);
    close((int)unbox(fd));
    return box(n > 0 ? n * 1000 + b[0] : n);
}

static void *receives(void *unused)
{
    char control[CMSG_SPACE(8 * sizeof(int))] __attribute__((aligned(8)));
    struct msghdr message;
    int fds[8];
    pthread_t threads[KINDS];
    must(take(&message, control, sizeof control, MSG_CMSG_CLOEXEC));
    int count = detach(&message, fds, 8), closed = 0;
    for (int i = 0; i < count; i++)
        closed += fcntl(fds[i], F_GETFD) & FD_CLOEXEC;
    printf("came: %d, close-on-exec %d, cut %s\n", count, closed, yes(message.msg_flags & MSG_CTRUNC));
    // Each waits for what the other side writes only now.
    for (int i = 0; i < count; i++)
        threads[i] = start(uses, box(fds[i]));
    let_it_block();
    must(write(way[0], "x", 1));
    for (int i = 0; i < count; i++)
        printf("%d: %ld\n", i, unbox(join(threads[i])));

    // Room for two of three: the third is lost, and closed.
    must(take(&message, control, CMSG_SPACE(2 * sizeof(int)), 0));
    count = detach(&message, fds, 8);
    printf("room for two: %d, cut %s\n", count, yes(message.msg_flags & MSG_CTRUNC));
    for (int i = 0; i < count; i++)
        close(fds[i]);
    must(take(&message, NULL, 0, 0));
    printf("no room at all: cut %s\n", yes(message.msg_flags & MSG_CTRUNC));
    // A plain read takes the byte, and the descriptor goes.
    SHOW(read(way[0], control, 1));
    must(take(&message, control, sizeof control, MSG_PEEK));
    count = detach(&message, fds, 8);
    must(take(&message, control, sizeof control, 0));
    int again = detach(&message, fds + count, 8 - count);
    printf("peeked %d and received %d, not the same number: %s\n", count, again, yes(fds[0] != fds[1]));
    close(fds[0]);
    printf("both work: %s\n", answer(write(fds[1], "12345678", 8)));
    close(fds[1]);
    must(write(way[0], "x", 1));
    return unused;
}

int main(void)
{
    int pipes[2], pair[2], count = must(eventfd(0, 0)), file = must(open("file", O_RDWR | O_CREAT, 0600));
    int many[300], bad[2] = {0, 9999};
    char b[8];
    uint64_t value = 'e';
    stream_pair(way);
    must(pipe(pipes));
    stream_pair(pair);
    must(write(file, "file", 4));
    must(lseek(file, 0, SEEK_SET));
    pthread_t thread = start(receives, NULL);
    must(give((int[]){pair[0], pipes[0], file, count}, KINDS));
    close(pair[0]);
    close(pipes[0]);
    must(read(way[1], b, 1));
    must(write(pair[1], "s", 1));
    must(write(pipes[1], "pp", 2));
    must(write(count, &value, 8));

    must(give((int[]){file, file, pipes[1]}, 3));
    must(give(&file, 1));
    must(give(&file, 1));
    must(give(&file, 1));
    must(read(way[1], b, 1));
    join(thread);
    printf("the file: %s\n", answer(pread(file, (char[20]){0}, 20, 0)));

    for (int i = 0; i < 300; i++)
        many[i] = file;
    printf("bad: %s", answer(give(bad, 2)));
    printf(", too many: %s", answer(give(many, 254)));
    printf(", as many as can be: %s\n", answer(give(many, 253)));
    return 0;
}
