// Descriptors sent over a Unix socket: several in one message, between processes, a listener, an epoll set; into threads that wait;
// with no room for them, and with their own end closed while they are under way.
#include "../fixture.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/wait.h>

static void send_fds(int over, const int *fds, int count)
{
    char control[CMSG_SPACE(16 * sizeof(int))] = "", byte = 'f';
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
    must(sendmsg(over, &message, 0));
}

// Gets up to `room` descriptors; says if some were cut off.
static int receive_fds(int over, int *fds, int room, int flags, int *cut)
{
    char control[CMSG_SPACE(16 * sizeof(int))], byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room ? CMSG_LEN(room * sizeof(int)) : 0};
    must(recvmsg(over, &message, flags));
    *cut = !!(message.msg_flags & MSG_CTRUNC);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL)
        return 0;
    int count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds, CMSG_DATA(header), count * sizeof(int));
    return count;
}

static int way[2];

// Waits for descriptors, then on each of them.
static void *receiver(void *unused)
{
    (void)unused;
    int fds[16], cut, count = receive_fds(way[0], fds, 16, MSG_CMSG_CLOEXEC, &cut);
    printf("came: %d, cut %d\n", count, cut);
    for (int i = 0; i < count; i++) {
        char text[8] = "";
        ssize_t n = must(read(fds[i], text, sizeof text - 1));
        printf("%d: %s %zd, close on exec %d\n", i, text, n, fcntl(fds[i], F_GETFD));
        close(fds[i]);
    }
    return NULL;
}

static void *accepts(void *unused)
{
    (void)unused;
    int fds[2], cut;
    char byte;
    receive_fds(way[0], fds, 2, 0, &cut);
    int fd = must(accept(fds[0], NULL, NULL));
    must(read(fd, &byte, 1));
    must(write(fd, &byte, 1));
    close(fd);
    // And the set, which was filled before it was sent.
    struct epoll_event event;
    must(epoll_wait(fds[1], &event, 1, -1));
    close(fds[0]), close(fds[1]);
    return box(event.data.u32);
}

int main(void)
{
    int ends[6][2], fds[6], cut, status;
    char byte;
    stream_pair(way);
    pthread_t thread = start(receiver, NULL);
    let_it_block();
    for (int i = 0; i < 6; i++) {
        if (i % 3 == 0)
            must(pipe(ends[i]));
        else if (i % 3 == 1)
            stream_pair(ends[i]);
        else
            tcp_pair(ends[i]);
        fds[i] = ends[i][0];
    }
    send_fds(way[1], fds, 6);
    for (int i = 0; i < 6; i++) {
        close(ends[i][0]);
        must(write(ends[i][1], "hello", 5));
        if (i % 3)
            must(read(ends[i][1], &byte, 1) == 0 ? 0 : -1);
        close(ends[i][1]);
    }
    join(thread);

    // A listener and an epoll set.
    struct sockaddr_in address;
    thread = start(accepts, NULL);
    must(pipe(ends[0]));
    fds[0] = listen_loopback(4, &address), fds[1] = must(epoll_create1(0));
    struct epoll_event wish = {.events = EPOLLIN, .data.u32 = 4711};
    must(epoll_ctl(fds[1], EPOLL_CTL_ADD, ends[0][0], &wish));
    send_fds(way[1], fds, 2);
    close(fds[0]), close(fds[1]);
    int client = connect_to(&address);
    must(write(client, "x", 1));
    printf("echo: %s\n", answer(read(client, &byte, 1)));
    must(write(ends[0][1], "x", 1));
    printf("the set: %ld\n", unbox(join(thread)));
    close(client), close(ends[0][0]), close(ends[0][1]);

    // Too little room: the rest is closed.
    must(pipe(ends[0]));
    must(pipe(ends[1]));
    int two[2] = {ends[0][0], ends[1][0]};
    send_fds(way[1], two, 2);
    close(two[0]), close(two[1]);
    int came = receive_fds(way[0], fds, 1, 0, &cut);
    struct pollfd gone = {ends[1][1], 0, 0}, there = {ends[0][1], 0, 0};
    printf("room for one: %d, cut %d, ", came, cut);
    printf("reader of the first %s, ", yes(poll(&there, 1, 0) == 0));
    printf("of the second %s\n", yes(poll(&gone, 1, 1000) == 0));
    close(fds[0]);
    send_fds(way[1], &ends[0][1], 1);
    came = receive_fds(way[0], fds, 0, 0, &cut);
    printf("no room: %d, cut %d\n", came, cut);
    for (int i = 0; i < 2; i++)
        close(ends[i][1]);

    // From a child, whose own are closed by then.
    fflush(stdout);
    pid_t child = must(fork());
    if (child == 0) {
        must(pipe(ends[0]));
        must(write(ends[0][1], "child's", 7));
        send_fds(way[1], ends[0], 2);
        _exit(0);
    }
    must(waitpid(child, &status, 0));
    receive_fds(way[0], fds, 2, 0, &cut);
    char text[16] = "";
    must(read(fds[0], text, 7));
    printf("from a child: %s\n", text);
    close(fds[1]);
    printf("its end: %s\n", answer(read(fds[0], &byte, 1)));
    close(fds[0]);

    // In a message that nobody receives: closed with the socket.
    must(pipe(ends[0]));
    send_fds(way[1], &ends[0][1], 1);
    close(ends[0][1]);
    close(way[1]), close(way[0]);
    struct pollfd p = {ends[0][0], POLLIN, 0};
    printf("never received: %s", answer(poll(&p, 1, 5000)));
    printf(", %s\n", answer(read(ends[0][0], &byte, 1)));
    return 0;
}
