// A relay of splices: socket to pipe to socket, each thread waiting for the next; file to pipe, pipe to file; the end is 0.
#include "../fixture.h"
#include "../sockets/calls.h"

enum { SIZE = 600000 };
static int in[2], out[2], way[2];

static unsigned char right(long place)
{
    return place * 11 + place / 700;
}

static void *writes(void *unused)
{
    unsigned char *all = malloc(SIZE);
    for (long i = 0; i < SIZE; i++)
        all[i] = right(i);
    for (long done = 0; done < SIZE; done += 60000) {
        write_all(in[0], all + done, 60000);
        if (done % 120000)
            usleep(500);
    }
    free(all);
    shutdown(in[0], SHUT_WR);
    return unused;
}

static void *takes_in(void *unused)
{
    long all = 0, n;
    while ((n = must(splice(in[1], NULL, way[1], NULL, 50000, SPLICE_F_MOVE))) > 0)
        all += n;
    printf("spliced in %ld\n", all);
    close(way[1]);
    return unused;
}

static void *gives_out(void *all)
{
    long n;
    while ((n = must(splice(way[0], NULL, out[0], NULL, 50000, SPLICE_F_MORE))) > 0)
        *(long *)all += n;
    shutdown(out[0], SHUT_WR);
    return NULL;
}

static void *reads(void *wrong)
{
    unsigned char buffer[5000];
    long place = 0, n;
    while ((n = must(read(out[1], buffer, sizeof buffer))) > 0) {
        for (long i = 0; i < n; i++)
            *(long *)wrong += buffer[i] != right(place + i);
        place += n;
    }
    return box(place);
}

static void *files(void *unused)
{
    char text[32] = "";
    int file = must(open("file", O_RDWR | O_CREAT, 0600)), copy = must(open("copy", O_RDWR | O_CREAT, 0600)), pipes[2];
    off_t from = 3, to = 4;
    must(pipe(pipes));
    write_all(file, "0123456789", 10);
    printf("file to pipe: %s", answer(splice(file, &from, pipes[1], NULL, 100, 0)));
    printf(", offset %ld, file at %ld\n", (long)from, (long)lseek(file, 0, SEEK_CUR));
    printf("pipe to file: %s", answer(splice(pipes[0], NULL, copy, &to, 5, 0)));
    printf(", offset %ld, the rest: %s\n", (long)to, answer(splice(pipes[0], NULL, copy, NULL, 2, 0)));
    printf("copy: %s", answer(pread(copy, text, sizeof text, 0)));
    for (int i = 0; i < 9; i++)
        printf(" %d", text[i]);
    printf("\nend of the file: %s", answer(splice(file, NULL, pipes[1], NULL, 5, 0)));
    close(pipes[1]);
    printf(", of the pipe: %s\n", answer(splice(pipes[0], NULL, copy, NULL, 5, 0)));
    return unused;
}

int main(void)
{
    for (int tcp = 0; tcp < 2; tcp++) {
        long wrong = 0, given = 0;
        if (tcp) {
            tcp_pair(in);
            tcp_pair(out);
        } else {
            stream_pair(in);
            stream_pair(out);
        }
        must(pipe(way));
        pthread_t threads[] = {start(reads, &wrong), start(gives_out, &given), start(takes_in, NULL), start(writes, NULL)};
        for (int i = 3; i > 0; i--)
            join(threads[i]);
        printf("%s: spliced out %ld,", tcp ? "tcp" : "unix", given);
        printf(" read %ld,", unbox(join(threads[0])));
        printf(" wrong %ld\n", wrong);
    }
    join(start(files, NULL));
    return 0;
}
