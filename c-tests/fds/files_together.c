// Regular files, written, read and synced by many threads at once, each its own, all one, at the file's position and elsewhere.
#include "../fixture.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { THREADS = 8, RECORDS = 200, SIZE = 100 };

static int shared, appended;

static void fill(char *record, int thread, int number)
{
    memset(record, 'a' + thread, SIZE);
    snprintf(record, SIZE, "%d/%d", thread, number);
}

static void *worker(void *box_)
{
    int thread = unbox(box_), wrong = 0;
    char name[20], record[SIZE], back[SIZE];
    snprintf(name, sizeof name, "file%d", thread);
    int own = must(open(name, O_RDWR | O_CREAT | O_TRUNC, 0600));
    for (int i = 0; i < RECORDS; i++) {
        fill(record, thread, i);
        struct iovec halves[2] = {{record, SIZE / 2}, {record + SIZE / 2, SIZE / 2}};
        wrong += must(i % 2 ? write(own, record, SIZE) : writev(own, halves, 2)) != SIZE;
        wrong += must(write(shared, record, SIZE)) != SIZE;
        wrong += must(write(appended, record, SIZE)) != SIZE;
        if (i % 50 == 0)
            must(i % 100 ? fsync(own) : fdatasync(own));
    }
    must(lseek(own, 0, SEEK_SET));
    for (int i = 0; i < RECORDS; i++) {
        fill(record, thread, i);
        wrong += must(read(own, back, SIZE)) != SIZE || memcmp(record, back, SIZE) != 0;
        wrong += must(pread(own, back, SIZE, (RECORDS - 1 - i) * SIZE)) != SIZE;
        fill(record, thread, RECORDS - 1 - i);
        wrong += memcmp(record, back, SIZE) != 0;
    }
    wrong += must(read(own, back, SIZE)) != 0;
    close(own);
    return box(wrong);
}

// All threads' records are there, each once and whole.
static void check(const char *what, int fd)
{
    static char seen[THREADS][RECORDS];
    char record[SIZE], right[SIZE];
    int whole = 0, thread, number;
    memset(seen, 0, sizeof seen);
    must(lseek(fd, 0, SEEK_SET));
    while (must(read(fd, record, SIZE)) == SIZE) {
        if (sscanf(record, "%d/%d", &thread, &number) != 2)
            continue;
        fill(right, thread, number);
        whole += memcmp(record, right, SIZE) == 0 && !seen[thread][number]++;
    }
    struct stat file;
    must(fstat(fd, &file));
    printf("%s: %d records, %ld bytes\n", what, whole, (long)file.st_size);
}

static void *opener(void *unused)
{
    (void)unused;
    shared = must(open("shared", O_RDWR | O_CREAT | O_EXCL, 0640));
    appended = must(open("appended", O_RDWR | O_CREAT | O_APPEND, 0600));
    struct stat file;
    umask(027);
    must(fstat(must(open("masked", O_WRONLY | O_CREAT, 0666)), &file));
    printf("mode: %o\n", file.st_mode & 0777);
    printf("again: %s", answer(open("shared", O_RDWR | O_CREAT | O_EXCL, 0600)));
    printf(", missing: %s", answer(open("missing", O_RDONLY)));
    printf(", folder: %s", answer(open(".", O_WRONLY)));
    printf(", read-only: %s\n", answer(write(must(open("shared", O_RDONLY)), "x", 1)));
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    umask(022);
    unlink("shared");
    unlink("appended");
    join(start(opener, NULL));
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(worker, box(i));
    for (int i = 0; i < THREADS; i++)
        printf("thread %d: %ld wrong\n", i, unbox(join(threads[i])));
    check("shared", shared);
    check("appended", appended);
    return 0;
}
