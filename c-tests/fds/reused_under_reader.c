// A thread waits on a number; another closes it, opens something else under it at once, and somebody waits there: what comes for the
// new file is the new reader's. The old one comes back without data at the latest when its own peer is gone.
#include "../fixture.h"
#include <semaphore.h>

static sem_t begun;

struct result {
    int fd;
    ssize_t n;
    char text[8];
};

static void *reads(void *argument)
{
    struct result *result = argument;
    must(sem_post(&begun));
    result->n = read(result->fd, result->text, sizeof result->text);
    return NULL;
}

static void *receives(void *argument)
{
    struct result *result = argument;
    must(sem_post(&begun));
    result->n = recv(result->fd, result->text, sizeof result->text, 0);
    return NULL;
}

int main(void)
{
    int same = 0, fresh = 0, without = 0, late = 0, peers = 0;
    must(sem_init(&begun, 0, 0));
    for (int round = 0; round < 40; round++) {
        int old[2], new[2];
        char byte;
        if (round % 2)
            stream_pair(old);
        else {
            tcp_pair(old);
            // Under the lowest number, which is the next to be used.
            int lowest = must(dup(old[0]));
            close(old[0]);
            old[0] = lowest;
        }
        struct result first = {.fd = old[0]}, second;
        pthread_t a = start(round % 4 < 2 ? reads : receives, &first);
        must(sem_wait(&begun));
        if (round % 10 == 0)
            let_it_block();
        else
            usleep(1000);
        close(old[0]);
        must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, new));
        same += new[0] == old[0];
        second = (struct result){.fd = new[0]};
        close(old[1]);
        pthread_t b = start(reads, &second);
        must(sem_wait(&begun));
        // A message for each: one that came to its read only now reads from the new file, rightly.
        must(write(new[1], "new", 3));
        must(write(new[1], "new", 3));
        join(a), join(b);
        without += first.n <= 0;
        late += first.n == 3;
        fresh += second.n == 3 && memcmp(second.text, "new", 3) == 0;
        close(new[1]);
        peers += (first.n == 3 || read(new[0], second.text, 8) == 3) && read(new[0], &byte, 1) == 0;
        close(new[0]);
    }
    printf("same number %d, came back %d, without data: %s, new ones right %d, ends seen %d\n", same, without + late, yes(late < 5), fresh, peers);
    return 0;
}
