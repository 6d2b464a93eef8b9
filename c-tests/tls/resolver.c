// getaddrinfo on many threads at once, from the hosts file and from numbers.
#include "fixture.h"
#include <arpa/inet.h>
#include <netdb.h>

enum { N = 20 };

static void *resolve(void *arg)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    char text[64], wanted[64];
    long right = 0;

    int error = getaddrinfo("localhost", "80", &hints, &found);
    if (error != 0) {
        printf("localhost: %s\n", gai_strerror(error));
        return box(0);
    }
    struct sockaddr_in *address = (struct sockaddr_in *)found->ai_addr;
    right += ntohl(address->sin_addr.s_addr) == INADDR_LOOPBACK && ntohs(address->sin_port) == 80;
    freeaddrinfo(found);

    snprintf(wanted, sizeof wanted, "10.1.2.%ld", unbox(arg));
    zero(getaddrinfo(wanted, NULL, &hints, &found));
    right += inet_ntop(AF_INET, &((struct sockaddr_in *)found->ai_addr)->sin_addr, text, sizeof text) && !strcmp(text, wanted);
    freeaddrinfo(found);

    hints.ai_flags = AI_NUMERICHOST;
    right += getaddrinfo("no number", NULL, &hints, &found) == EAI_NONAME;
    return box(right);
}

int main(void)
{
    pthread_t threads[N];
    long right = 0;
    for (long i = 0; i < N; i++)
        threads[i] = start(resolve, box(i));
    for (int i = 0; i < N; i++)
        right += unbox(join(threads[i]));
    printf("right: %ld of %d\n", right, 3 * N);
    return 0;
}
