// A stream's lock (flockfile): recursive, refused to others, held across a sleep, a recv and a wait for a condition, while others want the stream.
#include "fixture.h"

static FILE *out, *in;
static int ends[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int go;
static volatile int sent;

static void *tries(void *unused)
{
    printf("another may: %s\n", yes(ftrylockfile(out) == 0));
    return unused;
}

static void *tries_and_gives_back(void *unused)
{
    int may = ftrylockfile(out) == 0;
    printf("another may: %s\n", yes(may));
    if (may)
        funlockfile(out);
    return unused;
}

static void *wants(void *text)
{
    fputs(text, out);
    return NULL;
}

static void *sends(void *unused)
{
    must(send(ends[1], "x", 1, 0));
    return unused;
}

static void *signals(void *unused)
{
    pthread_mutex_lock(&lock);
    go = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    return unused;
}

static void sleep_inside(void)
{
    usleep(20000);
}

static void receive_inside(void)
{
    char byte;
    pthread_t sending = start(sends, NULL);
    must(recv(ends[0], &byte, 1, 0));
    join(sending);
}

static void wait_inside(void)
{
    pthread_t signalling = start(signals, NULL);
    pthread_mutex_lock(&lock);
    while (!go)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    join(signalling);
}

static void *holds(void *inside)
{
    pthread_t others[3];
    flockfile(out);
    flockfile(out);
    fputs("holder: before\n", out);
    for (int i = 0; i < 3; i++)
        others[i] = start(wants, "another\n");
    ((void (*)(void))inside)();
    funlockfile(out);
    fputs("holder: still\n", out);
    usleep(1000);
    fputs("holder: after\n", out);
    funlockfile(out);
    for (int i = 0; i < 3; i++)
        join(others[i]);
    return NULL;
}

static void *ends_inside(void *unused)
{
    flockfile(out);
    pthread_exit(unused);
}

static void *waits_for_line(void *line)
{
    return fgets(line, 20, in);
}

static void *looks(void *unused)
{
    // It's in another's fgets: this waits for that to end.
    int end = feof(in);
    printf("end: %d, after the line was sent: %s\n", end, yes(sent));
    return unused;
}

int main(void)
{
    char *text;
    size_t size;

    stream_pair(ends);
    out = open_memstream(&text, &size);
    flockfile(out);
    flockfile(out);
    join(start(tries, NULL));
    funlockfile(out);
    join(start(tries, NULL));
    funlockfile(out);
    join(start(tries_and_gives_back, NULL));
    join(start(holds, sleep_inside));
    join(start(holds, receive_inside));
    join(start(holds, wait_inside));
    fclose(out);
    printf("%s", text);
    free(text);

    in = fdopen(ends[0], "r");
    char line[20];
    pthread_t waiting = start(waits_for_line, line);
    let_it_block();
    pthread_t looking = start(looks, NULL);
    let_it_block();
    sent = 1;
    write_all(ends[1], "a line\n", 7);
    join(looking);
    printf("got %s", (char *)join(waiting));

    out = open_memstream(&text, &size);
    join(start(ends_inside, NULL));
    // (Another thread might have the memory of the one that ended, by which libc knows the owner.)
    printf("main may: %s\n", yes(ftrylockfile(out) == 0));
    return 0;
}
