// What the fixtures of single calls share: to show a call with its answer, to fill what can be full, to make addresses.
// Included after fixture.h.
#ifndef CALLS_H
#define CALLS_H
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <sys/uio.h>

// "recv(fd, b, 1, 0): EAGAIN"
#define SHOW(call) show_(#call, answer(call))
static inline void show_(const char *call, const char *result)
{
    printf("%s: %s\n", call, result);
}

// A pointer that nothing is mapped at, hidden from the compiler.
static inline void *nowhere(void)
{
    static void *volatile place = (void *)8;
    return place;
}

// Writes until nothing more goes in, not even one byte. The number of bytes that went in.
static inline long fill_up(int fd)
{
    static char much[4096];
    long all = 0, n;
    int flags = must(fcntl(fd, F_GETFL));
    must(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
    while ((n = write(fd, much, sizeof much)) > 0)
        all += n;
    while ((n = write(fd, much, 1)) > 0)
        all += n;
    must(fcntl(fd, F_SETFL, flags));
    return all;
}

// Reads all that's there now. The number of bytes.
static inline long drain(int fd)
{
    static __thread char much[65536];
    long all = 0;
    int there = 1;
    while (there > 0) {
        all += must(read(fd, much, sizeof much));
        must(ioctl(fd, FIONREAD, &there));
    }
    return all;
}

static inline struct sockaddr_in on_loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// A UDP socket at a port of the kernel's choice on 127.0.0.1.
static inline int udp_socket(struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    int fd = must(socket(AF_INET, SOCK_DGRAM, 0));
    *address = on_loopback(0);
    must(bind(fd, (struct sockaddr *)address, sizeof *address));
    must(getsockname(fd, (struct sockaddr *)address, &length));
    return fd;
}

// Two UDP sockets that are connected with each other.
static inline void udp_pair(int ends[2])
{
    struct sockaddr_in address[2];
    ends[0] = udp_socket(&address[0]);
    ends[1] = udp_socket(&address[1]);
    must(connect(ends[0], (struct sockaddr *)&address[1], sizeof address[1]));
    must(connect(ends[1], (struct sockaddr *)&address[0], sizeof address[0]));
}

// An address in the file system, or, where the name begins with '@', an abstract one of this process's own.
static inline struct sockaddr_un unix_address(const char *name, socklen_t *length)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (name[0] == '@') {
        int n = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s.%d", name + 1, (int)getpid());
        *length = offsetof(struct sockaddr_un, sun_path) + 1 + n;
    } else {
        snprintf(address.sun_path, sizeof address.sun_path, "%s", name);
        *length = sizeof address;
    }
    return address;
}

// Puts descriptors into a message's ancillary data; `control` is what msg_control points to.
static inline void attach(struct msghdr *message, void *control, size_t size, const int *fds, int count)
{
    memset(control, 0, size);
    message->msg_control = control;
    message->msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
}

// Takes up to `limit` descriptors out of a message. How many there were.
static inline int detach(struct msghdr *message, int *fds, int limit)
{
    int count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        int here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (int i = 0; i < here && count < limit; i++)
            memcpy(&fds[count++], CMSG_DATA(header) + i * sizeof(int), sizeof(int));
    }
    return count;
}

#endif
