// An fd that another thread waits on in poll or epoll is closed, or its number is given to another file. What the waiter is told
// when something happens next: the number is closed; or what the new file says; or, from epoll, news of the old file.
#include "../fixture.h"
#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>

static sem_t begun;
static struct pollfd waited[2];

static void *polls(void *unused)
{
    (void)unused;
    must(sem_post(&begun));
    return box(poll(waited, 2, 10000));
}

static void *polls_precisely(void *unused)
{
    (void)unused;
    must(sem_post(&begun));
    return box(ppoll(waited, 2, NULL, NULL));
}

static void *waits(void *set)
{
    struct epoll_event event = {0};
    must(sem_post(&begun));
    int n = epoll_wait(unbox(set), &event, 1, 10000);
    return box(n == 1 ? (long)event.data.u64 : -1);
}

static void wait_till_begun(int blocked)
{
    must(sem_wait(&begun));
    if (blocked)
        let_it_block();
}

int main(void)
{
    int ends[2], other[2];
    must(sem_init(&begun, 0, 0));
    for (int blocked = 0; blocked < 2; blocked++)
        for (int precise = 0; precise < 2; precise++) {
            // The pipe goes on under another number, so it's the number alone that is closed.
            must(pipe(ends));
            int twin = must(dup(ends[0]));
            waited[0] = (struct pollfd){ends[0], POLLIN, 0};
            waited[1] = (struct pollfd){-1, 0, 0};
            pthread_t thread = start(precise ? polls_precisely : polls, NULL);
            wait_till_begun(blocked);
            close(ends[0]);
            must(write(ends[1], "x", 1));
            long n = unbox(join(thread));
            printf("closed: %ld, invalid: %s\n", n, yes(waited[0].revents == POLLNVAL));
            close(twin), close(ends[1]);

            // Two fds, one of them closed: data on the other.
            must(pipe(ends));
            must(pipe(other));
            waited[0] = (struct pollfd){ends[0], POLLIN, 0};
            waited[1] = (struct pollfd){other[0], POLLIN, 0};
            thread = start(precise ? polls_precisely : polls, NULL);
            wait_till_begun(blocked);
            must(write(other[1], "x", 1));
            n = unbox(join(thread));
            close(ends[0]);
            printf("data on the other: %ld, %d %d\n", n, waited[0].revents, waited[1].revents);
            n = unbox(join(start(precise ? polls_precisely : polls, NULL)));
            (void)sem_trywait(&begun);
            printf("and one closed: %ld, %d %d\n", n, waited[0].revents, waited[1].revents);
            close(ends[1]), close(other[0]), close(other[1]);

            // The number becomes another pipe's, in which there is data.
            must(pipe(ends));
            must(pipe(other));
            waited[0] = (struct pollfd){ends[0], POLLIN, 0};
            waited[1] = (struct pollfd){-1, 0, 0};
            must(write(other[1], "x", 1));
            twin = must(dup(ends[0]));
            thread = start(precise ? polls_precisely : polls, NULL);
            wait_till_begun(blocked);
            must(dup2(other[0], ends[0]));
            must(write(ends[1], "y", 1));
            n = unbox(join(thread));
            printf("replaced: %ld, %d\n", n, waited[0].revents);
            close(ends[0]), close(ends[1]), close(other[0]), close(other[1]), close(twin);
        }

    for (int blocked = 0; blocked < 2; blocked++) {
        int set = must(epoll_create1(0));
        struct epoll_event wish = {.events = EPOLLIN, .data.u64 = 11}, second = {.events = EPOLLIN, .data.u64 = 22};
        // The last number of a file: it's gone from the set, and says no more.
        must(pipe(ends));
        must(pipe(other));
        must(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &wish));
        must(epoll_ctl(set, EPOLL_CTL_ADD, other[0], &second));
        pthread_t thread = start(waits, box(set));
        wait_till_begun(blocked);
        close(ends[0]);
        close(ends[1]);
        must(write(other[1], "x", 1));
        long told = unbox(join(thread));
        printf("closed in epoll: told of %ld\n", told);
        printf("later on: %ld\n", unbox(join(start(waits, box(set)))));
        must(sem_wait(&begun));
        must(read(other[0], &(char){0}, 1));

        // Another number of it is left: the set still tells.
        must(pipe(ends));
        int twin = must(dup(ends[0]));
        must(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &wish));
        thread = start(waits, box(set));
        wait_till_begun(blocked);
        close(ends[0]);
        must(write(ends[1], "x", 1));
        printf("closed, another number left: %ld\n", unbox(join(thread)));
        printf("to remove it: %s\n", answer(epoll_ctl(set, EPOLL_CTL_DEL, ends[0], NULL)));
        close(twin), close(ends[1]);

        // The set itself is closed while a thread waits in it, under its only number: the thread comes back when there's news.
        must(pipe(ends));
        must(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &wish));
        thread = start(waits, box(set));
        wait_till_begun(blocked);
        close(set);
        must(write(ends[1], "x", 1));
        told = unbox(join(thread));
        printf("set closed: comes back: %s\n", yes(told == 11 || told == -1));
        close(ends[0]), close(ends[1]), close(other[0]), close(other[1]);
    }
    return 0;
}
