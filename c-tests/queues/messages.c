// System V message queues from threads: by type, by greatest type, all but a type; what's too long, empty, full or wrong.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <sys/ipc.h>
#include <sys/msg.h>

struct text {
    long type;
    char text[16];
};

static int queue;

static void put(long type, const char *text)
{
    struct text m = {.type = type};
    snprintf(m.text, sizeof m.text, "%s", text);
    must(msgsnd(queue, &m, strlen(text), 0));
}

static void take(const char *what, long type, size_t size, int flags)
{
    struct text m = {0};
    const char *result = answer(msgrcv(queue, &m, size, type, flags));
    printf("%s: %s", what, result);
    if (m.type)
        printf(", type %ld, %s", m.type, m.text);
    printf("\n");
}

static void *asks(void *unused)
{
    struct text m = {.type = 1};
    struct msqid_ds state;
    put(5, "five");
    put(3, "three");
    put(7, "seven");
    put(3, "again");
    take("any", 0, 16, 0);
    take("of type 7", 7, 16, 0);
    put(4, "four");
    take("4 or less", -4, 16, 0);
    take("not 3", 3, 16, MSG_EXCEPT);
    take("type 9, no wait", 9, 16, IPC_NOWAIT);
    take("not 3, no wait", 3, 16, MSG_EXCEPT | IPC_NOWAIT);
    take("too long", 3, 2, 0);
    take("cut", 3, 2, MSG_NOERROR);
    take("empty, no wait", 0, 16, IPC_NOWAIT);
    put(1, "");
    take("no text", 0, 0, 0);
    SHOW(msgrcv(-1, &m, 16, 0, 0));
    SHOW(msgsnd(-1, &m, 16, 0));
    SHOW(msgrcv(queue, &m, -1, 0, 0));
    SHOW(msgsnd(queue, &m, 1 << 20, 0));
    m.type = 0;
    SHOW(msgsnd(queue, &m, 4, 0));
    m.type = -3;
    SHOW(msgsnd(queue, &m, 4, IPC_NOWAIT));
    SHOW(msgsnd(queue, nowhere(), 4, 0));
    SHOW(msgrcv(queue, nowhere(), 16, 0, IPC_NOWAIT));
    SHOW(msgrcv(queue, &m, 16, 0, MSG_COPY | IPC_NOWAIT));
    SHOW(msgrcv(queue, &m, 16, 0, MSG_COPY));
    must(msgctl(queue, IPC_STAT, &state));
    state.msg_qbytes = 20;
    must(msgctl(queue, IPC_SET, &state));
    m.type = 2;
    SHOW(msgsnd(queue, &m, 16, IPC_NOWAIT));
    SHOW(msgsnd(queue, &m, 16, IPC_NOWAIT));
    SHOW(msgsnd(queue, &m, 4, IPC_NOWAIT));
    must(msgctl(queue, IPC_STAT, &state));
    printf("in it: %lu\n", (unsigned long)state.msg_qnum);
    must(msgctl(queue, IPC_RMID, NULL));
    SHOW(msgsnd(queue, &m, 4, 0));
    SHOW(msgrcv(queue, &m, 16, 0, 0));
    return unused;
}

int main(void)
{
    queue = must(msgget(IPC_PRIVATE, 0600));
    join(start(asks, NULL));
    return 0;
}
