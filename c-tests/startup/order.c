// Constructors, main, atexit handlers and destructors come in their order, with threads in between.
#include "../sockets/net.h"
static void say(const char *what) {
    printf("%s\n", what);
    fflush(stdout);
}
__attribute__((constructor(101))) static void first(void) { say("constructor 101"); }
__attribute__((constructor(102))) static void second(void) { say("constructor 102"); }
__attribute__((constructor)) static void third(void) { say("constructor"); }
__attribute__((destructor(101))) static void last(void) { say("destructor 101"); }
__attribute__((destructor)) static void before_last(void) { say("destructor"); }
static void on_exit_one(void) { say("atexit, registered by main"); }
static void on_exit_two(void) { say("atexit, registered by a thread"); }

static void *thread(void *unused) {
    say("thread");
    atexit(on_exit_two);
    return unused;
}

int main(void) {
    say("main");
    atexit(on_exit_one);
    finish(start(thread, NULL));
    say("main returns");
    return 0;
}
