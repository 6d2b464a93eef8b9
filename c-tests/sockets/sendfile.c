// sendfile to a socket whose reader is slow sends all that was asked for; with an offset the file's own place stays. Also to a pipe.
#include "../fixture.h"
#include "calls.h"
#include <sys/sendfile.h>

enum { SIZE = 3000000 };
static int file, ends[2];

static unsigned char right(long place)
{
    return place * 13 + place / 1000;
}

static void *reads(void *first)
{
    static unsigned char buffer[65536];
    long place = unbox(first), wrong = 0, n;
    usleep(2000);
    while ((n = must(read(ends[1], buffer, sizeof buffer))) > 0) {
        for (long i = 0; i < n; i++)
            wrong += buffer[i] != right(place + i);
        place += n;
        if (place % 3 == 0)
            usleep(300);
    }
    if (wrong)
        printf("wrong bytes: %ld\n", wrong);
    return box(place - unbox(first));
}

static void *sends(void *with_offset)
{
    off_t place = 1000;
    if (with_offset) {
        printf(" %s", answer(sendfile(ends[0], file, &place, SIZE)));
        printf(", offset %ld, file at %ld", (long)place, (long)lseek(file, 0, SEEK_CUR));
    } else {
        printf(" %s", answer(sendfile(ends[0], file, NULL, SIZE)));
        printf(", file at %ld", (long)lseek(file, 0, SEEK_CUR));
        printf(", at the end: %s", answer(sendfile(ends[0], file, NULL, 10)));
    }
    place = SIZE + 10;
    printf(", beyond: %s", answer(sendfile(ends[0], file, &place, 10)));
    shutdown(ends[0], SHUT_WR);
    close(ends[0]);
    return NULL;
}

int main(void)
{
    unsigned char *all = malloc(SIZE);
    for (long i = 0; i < SIZE; i++)
        all[i] = right(i);
    file = must(open("file", O_RDWR | O_CREAT, 0600));
    write_all(file, all, SIZE);
    free(all);
    for (int kind = 0; kind < 3; kind++) {
        for (long with_offset = 0; with_offset < 2; with_offset++) {
            must(lseek(file, 77, SEEK_SET));
            if (kind == 0) {
                tcp_pair(ends);
            } else if (kind == 1) {
                stream_pair(ends);
            } else {
                int two[2];
                must(pipe(two));
                ends[0] = two[1];
                ends[1] = two[0];
            }
            printf("%s:", (char *[]){"tcp", "unix", "pipe"}[kind]);
            pthread_t reader = start(reads, box(with_offset ? 1000 : 77)), writer = start(sends, box(with_offset));
            join(writer);
            printf(", read %ld\n", unbox(join(reader)));
            close(ends[1]);
        }
    }
    return 0;
}
