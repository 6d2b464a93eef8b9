// A sandbox: the program starts itself again with some system calls refused.
#ifndef SANDBOX_H
#define SANDBOX_H
#include "../fixture.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define REFUSE(number, error) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))

// Two calls fail with these errors from now on, in what is executed next.
static inline void enter_sandbox(char **argv, int first, int first_error, int second, int second_error)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        REFUSE(first, first_error),
        REFUSE(second, second_error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof rules[0], rules};
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0));
    must(execl(argv[0], argv[0], "inside", (char *)NULL));
}

static inline void *echo_all(void *ends)
{
    char byte;
    while (read(((int *)ends)[0], &byte, 1) == 1)
        write_all(((int *)ends)[0], &byte, 1);
    return NULL;
}

// What works inside: threads that wait for each other, for data and for time.
static inline void work(void)
{
    int ends[2];
    long sum = 0;
    stream_pair(ends);
    pthread_t thread = start(echo_all, ends);
    for (char byte = 0; byte < 100; byte++) {
        char back;
        write_all(ends[1], &byte, 1);
        must(read(ends[1], &back, 1));
        sum += back;
        if (byte % 10 == 0)
            usleep(1000);
    }
    close(ends[1]);
    join(thread);
    printf("echoed: %ld\n", sum);
}

#endif
