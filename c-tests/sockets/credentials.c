// Who is at the other end of a Unix socket: SO_PEERCRED, and SCM_CREDENTIALS with SO_PASSCRED, from a thread and from a child.
#include "../fixture.h"
#include "calls.h"
#include <sys/wait.h>

static int ends[2];

static void *receives(void *child)
{
    for (int i = 0; i < 3; i++) {
        char text[16] = "", control[256] __attribute__((aligned(8)));
        struct iovec part = {text, sizeof text};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        int fd = -1;
        must(recvmsg(ends[0], &message, 0));
        printf("%s:", text);
        for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
            struct ucred who;
            if (header->cmsg_type != SCM_CREDENTIALS)
                continue;
            memcpy(&who, CMSG_DATA(header), sizeof who);
            printf(" from %s, our user %s, our group %s", who.pid == getpid() ? "us" : who.pid == *(pid_t *)child ? "the child" : "?",
                   yes(who.uid == getuid()), yes(who.gid == getgid()));
        }
        if (detach(&message, &fd, 1)) {
            printf(", with a descriptor");
            close(fd);
        }
        printf("\n");
        must(write(ends[0], "x", 1));
    }
    return NULL;
}

int main(void)
{
    int on = 1, fd = 1;
    char byte, control[128] __attribute__((aligned(8)));
    struct ucred peer, self = {getpid(), getuid(), getgid()}, other = {1, getuid() + 1, getgid()};
    socklen_t size = sizeof peer;
    static pid_t child;
    must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
    must(getsockopt(ends[0], SOL_SOCKET, SO_PEERCRED, &peer, &size));
    printf("peer: us %s, our user %s\n", yes(peer.pid == getpid()), yes(peer.uid == getuid()));
    must(setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));

    pthread_t thread = start(receives, &child);
    must(send(ends[1], "plain", 5, 0));
    must(read(ends[1], &byte, 1));
    struct iovec part = {"said", 4};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    attach(&message, control, sizeof control, &fd, 1);
    message.msg_controllen += CMSG_SPACE(sizeof self);
    struct cmsghdr *header = CMSG_NXTHDR(&message, CMSG_FIRSTHDR(&message));
    *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS, .cmsg_len = CMSG_LEN(sizeof self)};
    memcpy(CMSG_DATA(header), &self, sizeof self);
    must(sendmsg(ends[1], &message, 0));
    must(read(ends[1], &byte, 1));
    int told[2];
    must(pipe(told));
    child = must(fork());
    if (child == 0) {
        // Not before the parent knows who we are.
        must(read(told[0], &byte, 1));
        must(send(ends[1], "child", 5, 0));
        _exit(0);
    }
    must(write(told[1], "x", 1));
    must(read(ends[1], &byte, 1));
    join(thread);
    must(waitpid(child, NULL, 0));
    if (getuid() != 0) {
        memcpy(CMSG_DATA(header), &other, sizeof other);
        printf("another's: %s\n", answer(sendmsg(ends[1], &message, 0)));
    }
    header->cmsg_len = CMSG_LEN(2);
    printf("too short: %s\n", answer(sendmsg(ends[1], &message, 0)));
    header->cmsg_type = 77;
    printf("unknown: %s\n", answer(sendmsg(ends[1], &message, 0)));
    return 0;
}
