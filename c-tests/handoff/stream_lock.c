// A thread holds a stream's lock while it waits for a byte; another wants the stream; a third sends the byte, late.
#include "hog.h"

static int ends[2];
static FILE *file;
static struct gate locked = GATE_CLOSED;

static void *holder(void *unused)
{
    char byte;
    flockfile(file);
    fputs("holder: before\n", file);
    gate_open(&locked);
    must(read(ends[0], &byte, 1));
    fputs("holder: after\n", file);
    funlockfile(file);
    return unused;
}

static void *writer(void *unused)
{
    gate_wait(&locked);
    fputs("writer\n", file);
    return unused;
}

static void *sender(void *unused)
{
    gate_wait(&locked);
    usleep(30000);
    must(write(ends[1], "x", 1));
    return unused;
}

int main(void)
{
    char *text;
    size_t size;
    void *(*const functions[])(void *) = {writer, holder, sender, writer};
    pthread_t threads[4];
    must(pipe(ends));
    file = open_memstream(&text, &size);
    for (int i = 0; i < 4; i++)
        threads[i] = start(functions[i], NULL);
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    fclose(file);
    printf("%s", text);
    free(text);
    return 0;
}
