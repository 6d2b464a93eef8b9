// accept goes on after EINTR; a connect that was interrupted goes on by itself, and is finished by poll and SO_ERROR.
#include "../fixture.h"
#include "eintr.h"

enum { ROUNDS = 40 };

static void *client(void *arg)
{
    long sum = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int fd = connect_on(arg);
        unsigned char number = i;
        if (i % 8 == 0)
            pause_ms(3);
        write_on(fd, &number, 1);
        if (read_on(fd, &number, 1) == 1)
            sum += number;
        close(fd);
    }
    return box(sum);
}

int main(void)
{
    struct sockaddr_in address;
    pthread_t clients[3];
    int listener = listen_loopback(16, &address);
    for (int i = 0; i < 3; i++)
        clients[i] = start_bitten(client, &address);
    for (int i = 0; i < 3 * ROUNDS; i++) {
        int fd = go_on(accept(listener, NULL, NULL));
        unsigned char number;
        if (read_on(fd, &number, 1) == 1)
            write_on(fd, &number, 1);
        close(fd);
    }
    for (int i = 0; i < 3; i++)
        printf("client %d: %ld\n", i, unbox(join(clients[i])));
    return 0;
}
