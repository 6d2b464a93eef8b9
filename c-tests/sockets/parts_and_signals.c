// Calls that have done a part when a handler runs answer with that part, SA_RESTART or not; those that have done nothing yet go on.
// recvmmsg with MSG_WAITFORONE takes what there is once it has one.
// link: -lrt
#include "../fixture.h"
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdatomic.h>

enum { COUNT = 100, LARGE = 4 << 20, MIDDLE = 1 << 20 };

static pthread_t target;
static _Atomic int over;

static void ignore(int number)
{
    (void)number;
}

static void *disturbs(void *unused)
{
    // Not before the call waits, mostly.
    let_it_block();
    while (!over) {
        pthread_kill(target, SIGUSR1);
        usleep(5000);
    }
    return unused;
}

static pthread_t disturb(void)
{
    target = pthread_self();
    over = 0;
    return start(disturbs, NULL);
}

static void leave_alone(pthread_t other)
{
    over = 1;
    join(other);
}

static struct mmsghdr messages[COUNT];

// So many messages of so many bytes each.
static struct mmsghdr *prepare(int n, char *bytes, size_t size)
{
    static struct iovec parts[COUNT];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < n; i++) {
        parts[i] = (struct iovec){bytes, size};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    return messages;
}

static void *many(void *unused)
{
    static char bytes[LARGE];
    int pair[2];
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    pthread_t other = disturb();
    int n = sendmmsg(pair[0], prepare(2, bytes, LARGE), 2, 0);
    printf("sendmmsg on a stream: %d, a part of it: %s\n", n, yes(messages[0].msg_len > 0 && messages[0].msg_len < LARGE));
    leave_alone(other);

    must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    other = disturb();
    n = sendmmsg(pair[0], prepare(COUNT, bytes, 60000), COUNT, 0);
    printf("sendmmsg of datagrams, some: %s\n", yes(n > 0 && n < COUNT));
    leave_alone(other);

    must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    must(send(pair[1], "x", 1, 0));
    other = disturb();
    n = recvmmsg(pair[0], prepare(4, bytes, 8), 4, 0, NULL);
    printf("recvmmsg: %d\n", n);
    leave_alone(other);

    // The kernel keeps what ended it for the next call on that socket.
    must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    struct timespec time = {10, 0};
    must(send(pair[1], "x", 1, 0));
    must(send(pair[1], "y", 1, 0));
    n = recvmmsg(pair[0], prepare(4, bytes, 8), 4, MSG_WAITFORONE, &time);
    printf("recvmmsg, for one, with a time: %d\n", n);

    int ends[2];
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    must(pipe(ends));
    must(fcntl(ends[0], F_SETPIPE_SZ, MIDDLE));
    must(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &(int){4096}, sizeof(int)));
    must(fcntl(ends[1], F_SETFL, O_NONBLOCK));
    while (write(ends[1], bytes, 65536) > 0)
        ;
    other = disturb();
    long moved = splice(ends[0], NULL, pair[0], NULL, MIDDLE, 0);
    printf("splice, a part: %s\n", yes(moved > 0 && moved < MIDDLE));
    leave_alone(other);
    return unused;
}

static mqd_t queue;

static void *sends_late(void *unused)
{
    let_it_block();
    let_it_block();
    let_it_block();
    must(mq_send(queue, "x", 1, 0));
    return unused;
}

static void *from_a_queue(void *unused)
{
    char name[64], bytes[8];
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = sizeof bytes};
    struct timespec until = in_ms(CLOCK_REALTIME, 20000);
    snprintf(name, sizeof name, "/parts-%d", getpid());
    queue = must(mq_open(name, O_RDWR | O_CREAT, 0600, &attributes));
    mq_unlink(name);
    pthread_t other = disturb(), sender = start(sends_late, NULL);
    printf("mq_timedreceive goes on: %s\n", answer(mq_timedreceive(queue, bytes, sizeof bytes, NULL, &until)));
    join(sender);
    leave_alone(other);
    mq_close(queue);
    return unused;
}

int main(void)
{
    struct sigaction action = {.sa_handler = ignore};
    for (int restart = 0; restart < 2; restart++) {
        action.sa_flags = restart ? SA_RESTART : 0;
        must(sigaction(SIGUSR1, &action, NULL));
        printf("%s SA_RESTART\n", restart ? "with" : "without");
        join(start(many, NULL));
    }
    join(start(from_a_queue, NULL));
    return 0;
}
