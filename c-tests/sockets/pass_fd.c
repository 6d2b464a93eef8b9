// A file descriptor comes over a Unix socket (SCM_RIGHTS), and a thread reads and writes through it, blocking.
#include "net.h"
static int way[2];

static void send_fd(int over, int fd) {
    char control[CMSG_SPACE(sizeof fd)] = "", byte = 'f';
    struct iovec part = {&byte, 1};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    MUST(sendmsg(over, &m, 0));
}

static int receive_fd(int over, int flags) {
    int fd = -1;
    char control[CMSG_SPACE(sizeof fd)] = "", byte;
    struct iovec part = {&byte, 1};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    MUST(recvmsg(over, &m, flags));
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (c && c->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

static void *user(void *unused) {
    (void)unused;
    for (int i = 0; i < 3; i++) {
        int fd = receive_fd(way[0], i == 1 ? MSG_CMSG_CLOEXEC : 0);
        char buffer[8] = "";
        long n = MUST(read(fd, buffer, 7));
        printf("%d: read %ld %s, close-on-exec %s\n", i, n, buffer, fcntl(fd, F_GETFD) & FD_CLOEXEC ? "yes" : "no");
        if (i < 2)
            write_all(fd, "thanks", 6);
        close(fd);
    }
    return NULL;
}

int main(void) {
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, way));
    pthread_t thread = start(user, NULL);
    for (int i = 0; i < 3; i++) {
        int fd[2];
        char buffer[8] = "";
        if (i == 0)
            MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        else if (i == 1)
            tcp_pair(fd);
        else
            MUST(pipe(fd));
        send_fd(way[1], fd[0]);
        close(fd[0]);
        write_all(fd[1], "hello", 5);
        if (i < 2) {
            read_full(fd[1], buffer, 6);
            if (strcmp(buffer, "thanks"))
                printf("%d: wrong answer\n", i);
        }
        if (i == 2)
            finish(thread);
        close(fd[1]);
    }
    return 0;
}
