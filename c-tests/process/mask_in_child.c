// A new thread has its creator's signal mask, and a forked child that of the thread that forked.
#include "../sockets/net.h"
#include <signal.h>
#include <sys/wait.h>

static int blocks(int signal) {
    sigset_t set;
    sigemptyset(&set);
    if (pthread_sigmask(SIG_BLOCK, NULL, &set))
        return -1;
    return sigismember(&set, signal);
}

static void mask(int how, int signal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    if (pthread_sigmask(how, &set, NULL))
        exit(99);
}

static void show(const char *who) {
    printf("%s: SIGUSR1 %d, SIGUSR2 %d\n", who, blocks(SIGUSR1), blocks(SIGUSR2));
    fflush(stdout);
}

static void show_in_child(const char *who) {
    pid_t child = MUST(fork());
    if (child == 0) {
        show(who);
        _exit(0);
    }
    MUST(waitpid(child, NULL, 0));
}

static void *grandchild(void *unused) {
    show("its own thread");
    show_in_child("that one's child");
    return unused;
}

static void *thread(void *unused) {
    show("thread");
    show_in_child("its child");
    mask(SIG_SETMASK, SIGUSR2);
    show("thread, changed");
    show_in_child("its child");
    finish(start(grandchild, NULL));
    return unused;
}

int main(void) {
    mask(SIG_BLOCK, SIGUSR1);
    finish(start(thread, NULL));
    show("main");
    show_in_child("its child");
    mask(SIG_UNBLOCK, SIGUSR1);
    finish(start(grandchild, NULL));
    return 0;
}
