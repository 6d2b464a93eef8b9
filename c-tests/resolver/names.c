// link: -lresolv
// Each way to look up a name or an address, found and not found, with a name server that answers late.
#include "server.h"

static const char *text_of(const struct sockaddr *address)
{
    static __thread char text[INET6_ADDRSTRLEN];
    const void *bytes = address->sa_family == AF_INET ? (void *)&((struct sockaddr_in *)address)->sin_addr : (void *)&((struct sockaddr_in6 *)address)->sin6_addr;
    return inet_ntop(address->sa_family, bytes, text, sizeof text);
}

static void by_getaddrinfo(const char *name, const char *service, int family, int flags)
{
    struct addrinfo hints = {.ai_family = family, .ai_flags = flags, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int error = getaddrinfo(name, service, &hints, &found);
    printf("getaddrinfo(%s): %s", name ? name : "-", error ? gai_strerror(error) : "");
    for (struct addrinfo *i = found; i; i = i->ai_next)
        printf(" %s %d", text_of(i->ai_addr), ntohs(((struct sockaddr_in *)i->ai_addr)->sin_port));
    if (found && found->ai_canonname)
        printf(" called %s", found->ai_canonname);
    printf("\n");
    if (found)
        freeaddrinfo(found);
}

static void show(const char *call, const struct hostent *host, int error)
{
    char text[INET6_ADDRSTRLEN];
    if (host)
        printf("%s: %s %s\n", call, host->h_name, inet_ntop(host->h_addrtype, host->h_addr, text, sizeof text));
    else
        printf("%s: %s\n", call, hstrerror(error));
}

static void *looks_up(void *unused)
{
    struct hostent host, *found;
    char buffer[1000], name[NI_MAXHOST], service[NI_MAXSERV];
    unsigned char answer[512];
    int error = 0, r;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000107), .sin_port = htons(80)};

    ask_server(0);
    by_getaddrinfo("h1.test", "80", AF_INET, 0);
    by_getaddrinfo("h2.test", NULL, AF_INET6, 0);
    by_getaddrinfo("h3.test", NULL, AF_INET, AI_CANONNAME);
    by_getaddrinfo("no.test", NULL, AF_INET, 0);
    by_getaddrinfo("10.9.8.7", "81", AF_INET, 0);
    by_getaddrinfo("::1", NULL, AF_INET6, 0);
    by_getaddrinfo("h1.test", NULL, AF_INET, AI_NUMERICHOST);
    by_getaddrinfo(NULL, "82", AF_INET, AI_PASSIVE);
    by_getaddrinfo("localhost", "83", AF_INET, 0);

    show("gethostbyname", gethostbyname("h258.test"), h_errno);
    show("gethostbyname", gethostbyname("no.test"), h_errno);
    show("gethostbyname", gethostbyname("10.9.8.7"), h_errno);
    show("gethostbyname2", gethostbyname2("h4.test", AF_INET6), h_errno);
    r = gethostbyname_r("h5.test", &host, buffer, sizeof buffer, &found, &error);
    printf("%d ", r);
    show("gethostbyname_r", found, error);
    r = gethostbyname_r("h5.test", &host, buffer, 8, &found, &error);
    printf("%s ", error_name(r));
    show("gethostbyname_r, no room", found, error);
    r = gethostbyname2_r("no.test", AF_INET6, &host, buffer, sizeof buffer, &found, &error);
    show("gethostbyname2_r", found, error);
    show("gethostbyaddr", gethostbyaddr(&address.sin_addr, 4, AF_INET), h_errno);
    r = gethostbyaddr_r(&address.sin_addr, 4, AF_INET, &host, buffer, sizeof buffer, &found, &error);
    printf("%d ", r);
    show("gethostbyaddr_r", found, error);
    r = getnameinfo((struct sockaddr *)&address, sizeof address, name, sizeof name, service, sizeof service, NI_NUMERICSERV);
    printf("getnameinfo: %d %s %s\n", r, name, service);
    r = getnameinfo((struct sockaddr *)&address, sizeof address, name, sizeof name, NULL, 0, NI_NUMERICHOST);
    printf("getnameinfo: %d %s\n", r, name);

    r = res_query("h6.test", ns_c_in, ns_t_a, answer, sizeof answer);
    printf("res_query: %d, last byte %d\n", r, answer[r - 1]);
    r = res_query("no.test", ns_c_in, ns_t_a, answer, sizeof answer);
    printf("res_query: %d %s\n", r, hstrerror(h_errno));
    r = res_search("h7.test", ns_c_in, ns_t_a, answer, sizeof answer);
    printf("res_search: %d, last byte %d\n", r, answer[r - 1]);
    r = res_nquery(&_res, "h8.test", ns_c_in, ns_t_a, answer, sizeof answer);
    printf("res_nquery: %d, last byte %d\n", r, answer[r - 1]);
    return unused;
}

int main(void)
{
    start_server(10);
    join(start(looks_up, NULL));
    looks_up(NULL);
    stop_server();
    return 0;
}
