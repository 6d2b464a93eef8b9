// setuid and its relatives tell every kernel thread of the process; none of ours may leave them waiting.
#include "fixture.h"
#include <grp.h>

static void change(const char *who)
{
    gid_t groups[64];
    uid_t uid = getuid();
    gid_t gid = getgid();

    printf("%s: setegid %s", who, answer(setegid(gid)));
    printf(", setgid %s", answer(setgid(gid)));
    printf(", seteuid %s", answer(seteuid(uid)));
    printf(", setreuid %s", answer(setreuid(-1, uid)));
    printf(", setresuid %s", answer(setresuid(-1, uid, -1)));
    printf(", setuid %s\n", answer(setuid(uid)));
    if (uid == 0)
        must(setgroups(must(getgroups(64, groups)), groups));
}

static void *computes(void *arg)
{
    volatile int *stop = arg;
    while (!*stop)
        ;
    return NULL;
}

static void *changes(void *arg)
{
    change("thread");
    return arg;
}

int main(void)
{
    static volatile int stop;
    pthread_t busy, thread;

    zero(pthread_create(&busy, NULL, computes, (void *)&stop));
    change("main");
    zero(pthread_create(&thread, NULL, changes, NULL));
    zero(pthread_join(thread, NULL));
    usleep(20000);
    change("main again");
    stop = 1;
    zero(pthread_join(busy, NULL));
    return 0;
}
