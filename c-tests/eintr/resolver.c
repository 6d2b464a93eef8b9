// getaddrinfo and getnameinfo never tell of an interruption.
#include "../fixture.h"
#include "eintr.h"
#include <arpa/inet.h>
#include <netdb.h>

static _Atomic long mistakes;

static void *resolves(void *arg)
{
    (void)arg;
    for (int i = 0; i < 30; i++) {
        struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
        char host[64], port[16];
        if (getaddrinfo(i % 2 ? "localhost" : "127.0.0.1", "80", &hints, &found) != 0) {
            mistakes++;
            continue;
        }
        mistakes += ((struct sockaddr_in *)found->ai_addr)->sin_addr.s_addr != htonl(INADDR_LOOPBACK);
        mistakes += getnameinfo(found->ai_addr, found->ai_addrlen, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0;
        mistakes += strcmp(host, "127.0.0.1") != 0 || strcmp(port, "80") != 0;
        freeaddrinfo(found);
    }
    return NULL;
}

int main(void)
{
    everywhere(resolves);
    printf("mistakes: %ld\n", mistakes);
    return 0;
}
