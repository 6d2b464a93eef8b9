// Two threads map memory, touch it and unmap it, by syscall(2), until they are told to stop; echoes and new threads go on beside them.
#include "hog.h"
#include <sys/mman.h>
#include <sys/syscall.h>

enum { STORMS = 2, TALKERS = 3, PAGES = 64, PAGE = 4096 };
static atomic_int stop;
static int lines[TALKERS][2];

static void *storm(void *unused)
{
    long wrong = 0;
    (void)unused;
    while (!stop) {
        long where = syscall(SYS_mmap, NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        volatile char *memory = (char *)must(where);
        for (int i = 0; i < PAGES; i++) {
            wrong += memory[i * PAGE] != 0;
            memory[i * PAGE] = 1;
        }
        must(syscall(SYS_munmap, where, PAGES * PAGE));
    }
    return box(wrong);
}

static void *talker(void *arg)
{
    long right = talk(lines[unbox(arg)][0], 50);
    must(shutdown(lines[unbox(arg)][0], SHUT_WR));
    return box(right);
}

int main(void)
{
    pthread_t storms[STORMS], talkers[TALKERS], echoes[TALKERS];
    long right = 0, echoed = 0;
    for (int i = 0; i < STORMS; i++)
        storms[i] = start(storm, NULL);
    for (long i = 0; i < TALKERS; i++) {
        stream_pair(lines[i]);
        talkers[i] = start(talker, box(i));
        echoes[i] = start(echo, box(lines[i][1]));
    }
    for (int i = 0; i < TALKERS; i++) {
        right += unbox(join(talkers[i]));
        echoed += unbox(join(echoes[i]));
    }
    stop = 1;
    printf("right: %ld, echoed: %ld\n", right, echoed);
    for (int i = 0; i < STORMS; i++)
        printf("pages that were not empty: %ld\n", unbox(join(storms[i])));
    return 0;
}
