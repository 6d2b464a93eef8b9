// POSIX message queues: order by priority, what is refused, O_NONBLOCK, times that pass, attributes.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <mqueue.h>
#include <sys/stat.h>

static char name[40];

static mqd_t fresh(int flags, long most, long size)
{
    struct mq_attr shape = {.mq_maxmsg = most, .mq_msgsize = size};
    mqd_t queue = must(mq_open(name, O_CREAT | O_EXCL | flags, 0600, &shape));
    return queue;
}

static void take(const char *what, mqd_t queue)
{
    char text[16] = "";
    unsigned priority = 999;
    const char *result = answer(mq_receive(queue, text, sizeof text, &priority));
    printf("%s: %s", what, result);
    if (priority != 999)
        printf(" %s, priority %u", text, priority);
    printf("\n");
}

static void *asks(void *unused)
{
    char text[16] = "", *const message = text;
    struct timespec past = {1000, 0}, wrong = in_ms(CLOCK_REALTIME, 1000), soon, far = in_ms(CLOCK_REALTIME, 60000);
    struct mq_attr now, odd = {.mq_maxmsg = 0, .mq_msgsize = 16}, want = {.mq_flags = O_NONBLOCK};
    mqd_t queue = fresh(O_RDWR, 4, 16);
    wrong.tv_nsec = 1000000000;

    SHOW(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, NULL));
    mqd_t in = must(mq_open(name, O_RDONLY)), out = must(mq_open(name, O_WRONLY | O_NONBLOCK));
    SHOW(mq_open("/no.such.queue.here", O_RDWR));
    SHOW(mq_open("no-slash", O_CREAT | O_RDWR, 0600, NULL));
    SHOW(mq_open("/two/slashes", O_CREAT | O_RDWR, 0600, NULL));
    SHOW(mq_open("/odd.attributes", O_CREAT | O_RDWR, 0600, &odd));
    SHOW(mq_unlink("/no.such.queue.here"));

    must(mq_send(queue, "low", 3, 1));
    must(mq_send(queue, "high", 4, 9));
    must(mq_send(queue, "high too", 8, 9));
    must(mq_send(queue, "", 0, 5));
    SHOW(mq_send(out, "full", 4, 2));
    must(mq_getattr(out, &now));
    printf("flags %s, room for %ld of %ld, there are %ld\n", now.mq_flags == O_NONBLOCK ? "O_NONBLOCK" : "0", now.mq_maxmsg, now.mq_msgsize,
           now.mq_curmsgs);
    SHOW(mq_timedsend(queue, "full", 4, 2, &past));
    soon = in_ms(CLOCK_REALTIME, 40);
    double begin = now_ms();
    SHOW(mq_timedsend(queue, "full", 4, 2, &soon));
    printf("took 40 ms: %s\n", yes(now_ms() - begin >= 38));
    SHOW(mq_timedsend(queue, "full", 4, 2, &wrong));
    SHOW(mq_send(queue, "more than sixteen bytes", 23, 2));
    SHOW(mq_send(queue, "x", 1, 99999));
    SHOW(mq_send(in, "x", 1, 1));
    SHOW(mq_receive(out, message, 16, NULL));
    SHOW(mq_receive(queue, message, 15, NULL));
    SHOW(mq_send(9999, "x", 1, 1));
    SHOW(mq_receive(-1, message, 16, NULL));
    SHOW(mq_timedreceive(9999, message, 16, NULL, &past));
    SHOW(mq_getattr(9999, &now));
    SHOW(mq_close(9999));
    SHOW(mq_receive(0, message, 16, NULL));
    SHOW(mq_send(queue, nowhere(), 4, 1));

    take("first", queue);
    take("second", in);
    take("third", queue);
    SHOW(mq_timedreceive(queue, message, 16, NULL, &past));
    SHOW(mq_timedreceive(queue, message, 16, NULL, &past));
    soon = in_ms(CLOCK_REALTIME, 40);
    begin = now_ms();
    SHOW(mq_timedreceive(queue, message, 16, NULL, &soon));
    printf("took 40 ms: %s\n", yes(now_ms() - begin >= 38));
    SHOW(mq_timedreceive(queue, message, 16, NULL, &wrong));
    SHOW(mq_timedsend(queue, "in time", 7, 3, &far));
    SHOW(mq_timedreceive(queue, message, 16, NULL, &far));
    SHOW(mq_setattr(in, &want, &now));
    printf("was O_NONBLOCK: %s\n", yes(now.mq_flags == O_NONBLOCK));
    take("now it is", in);
    printf("by fcntl too: %s\n", yes(fcntl(in, F_GETFL) & O_NONBLOCK));
    must(mq_unlink(name));
    SHOW(mq_open(name, O_RDWR));
    must(mq_close(in));
    must(mq_close(out));
    must(mq_close(queue));
    SHOW(mq_send(queue, "closed", 6, 1));
    return unused;
}

int main(void)
{
    snprintf(name, sizeof name, "/fixture.asks.%d", (int)getpid());
    join(start(asks, NULL));
    return 0;
}
