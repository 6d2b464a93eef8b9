// A name server of the fixture's own, in a process of its own, which answers late; and how a thread asks it and no other.
#ifndef SERVER_H
#define SERVER_H

#include "fixture.h"
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <poll.h>
#include <resolv.h>
#include <signal.h>
#include <sys/prctl.h>

enum { PORTS = 8 };
static struct sockaddr_in server_address[PORTS];
static pid_t server;

struct query {
    double due;
    int socket, length;
    struct sockaddr_in from;
    unsigned char bytes[512];
};

// hN.test is 10.0.N/256.N%256 and 2001:db8::N; the other way N is found, too; there's no other name. silent.test has no answer.
static int answer_to(unsigned char *bytes, int length)
{
    char name[256];
    unsigned char *p = bytes + 12, *dot;
    int n = 0, number, a, b, type, found = 0;

    for (; *p; p += *p + 1) {
        memcpy(name + n, p + 1, *p);
        n += *p;
        name[n++] = '.';
    }
    name[n] = 0;
    type = p[1] << 8 | p[2];
    length = p + 5 - bytes;
    if (strcmp(name, "silent.test.") == 0)
        return 0;
    bytes[2] |= 0x80, bytes[3] = 0x80;
    memset(bytes + 6, 0, 6);
    dot = bytes + length;
    if (sscanf(name, "h%d.test.", &number) == 1) {
        found = 1;
        if (type == ns_t_a || type == ns_t_aaaa) {
            unsigned char record[] = {0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, type == ns_t_a ? 4 : 16};
            memcpy(dot, record, sizeof record);
            dot += sizeof record;
            if (type == ns_t_a) {
                unsigned char address[] = {10, 0, number >> 8, number};
                memcpy(dot, address, 4);
                dot += 4;
            } else {
                unsigned char address[16] = {0x20, 0x01, 0x0d, 0xb8, [14] = number >> 8, [15] = number};
                memcpy(dot, address, 16);
                dot += 16;
            }
            bytes[7] = 1;
        }
    } else if (type == ns_t_ptr && sscanf(name, "%d.%d.0.10.in-addr.arpa.", &a, &b) == 2) {
        char host[20];
        unsigned char record[] = {0xc0, 12, 0, ns_t_ptr, 0, 1, 0, 0, 0, 60, 0};
        int size = snprintf(host, sizeof host, "h%d", b << 8 | a);
        found = 1;
        memcpy(dot, record, sizeof record);
        dot += sizeof record;
        *dot++ = size + 7;
        *dot++ = size;
        memcpy(dot, host, size);
        dot += size;
        memcpy(dot, "\4test", 6);
        dot += 6;
        bytes[7] = 1;
    }
    if (!found)
        bytes[3] |= ns_r_nxdomain;
    return dot - bytes;
}

__attribute__((noreturn)) static void serve(const struct pollfd *sockets, int delay_ms)
{
    enum { MOST = 16384 };
    static struct query queries[MOST];
    int first = 0, last = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        struct pollfd polled[PORTS];
        memcpy(polled, sockets, sizeof polled);
        double left = first < last ? queries[first % MOST].due - now_ms() : 1e6;
        poll(polled, PORTS, left < 0 ? 0 : (int)left + 1);
        for (int i = 0; i < PORTS; i++)
            for (;;) {
                struct query *q = &queries[last % MOST];
                socklen_t size = sizeof q->from;
                q->length = recvfrom(sockets[i].fd, q->bytes, sizeof q->bytes, MSG_DONTWAIT, (struct sockaddr *)&q->from, &size);
                if (q->length < 17)
                    break;
                q->socket = sockets[i].fd;
                q->due = now_ms() + delay_ms;
                last++;
            }
        for (; first < last && queries[first % MOST].due <= now_ms(); first++) {
            struct query *q = &queries[first % MOST];
            int length = answer_to(q->bytes, q->length);
            if (length)
                sendto(q->socket, q->bytes, length, 0, (struct sockaddr *)&q->from, sizeof q->from);
        }
    }
}

// Before the first thread.
static void start_server(int delay_ms)
{
    struct pollfd sockets[PORTS];
    for (int i = 0; i < PORTS; i++) {
        socklen_t size = sizeof server_address[i];
        sockets[i].fd = must(socket(AF_INET, SOCK_DGRAM, 0));
        sockets[i].events = POLLIN;
        server_address[i].sin_family = AF_INET;
        server_address[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        must(bind(sockets[i].fd, (struct sockaddr *)&server_address[i], size));
        must(getsockname(sockets[i].fd, (struct sockaddr *)&server_address[i], &size));
    }
    server = must(fork());
    if (server == 0)
        serve(sockets, delay_ms);
    for (int i = 0; i < PORTS; i++)
        close(sockets[i].fd);
}

static void stop_server(void)
{
    kill(server, SIGKILL);
}

// The calling thread's look-ups ask our server.
static void ask_server(int port)
{
    must(res_init());
    _res.nsaddr_list[0] = server_address[port % PORTS];
    _res.nscount = 1;
    _res.retrans = 2;
    _res.retry = 3;
    _res.options &= ~(RES_DNSRCH | RES_DEFNAMES);
}

#endif
