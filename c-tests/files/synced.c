// fsync and its kin, and posix_fallocate: on files, and on what can't be synced.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <sys/mman.h>

static volatile unsigned all_flags = 0xff;
#define TELL(call) printf("%s: %s\n", #call, error_name(call))

static void *asks(void *unused)
{
    int file = must(open("file", O_RDWR | O_CREAT, 0600)), readable = must(open("file", O_RDONLY)), folder = must(open(".", O_RDONLY));
    int pipes[2], pair[2], null = must(open("/dev/null", O_RDWR)), bad = 9999;
    char *page, b[4];
    must(pipe(pipes));
    stream_pair(pair);
    write_all(file, "0123456789", 10);
    SHOW(fsync(file));
    SHOW(fdatasync(file));
    SHOW(fsync(readable));
    SHOW(fsync(folder));
    SHOW(syncfs(file));
    SHOW(sync_file_range(file, 0, 10, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
    SHOW(fsync(pipes[0]));
    SHOW(fdatasync(pipes[1]));
    SHOW(fsync(pair[0]));
    SHOW(fdatasync(pair[0]));
    SHOW(fsync(null));
    SHOW(sync_file_range(pipes[0], 0, 10, SYNC_FILE_RANGE_WRITE));
    SHOW(sync_file_range(pair[0], 0, 10, SYNC_FILE_RANGE_WRITE));
    SHOW(sync_file_range(file, -1, 10, SYNC_FILE_RANGE_WRITE));
    SHOW(sync_file_range(file, 0, 10, all_flags));
    SHOW(sync_file_range(file, 0, 10, 0));
    SHOW(fsync(bad));
    SHOW(fdatasync(-1));
    SHOW(syncfs(bad));
    SHOW(sync_file_range(bad, 0, 10, SYNC_FILE_RANGE_WRITE));

    TELL(posix_fallocate(file, 0, 8000));
    printf("size %ld\n", (long)lseek(file, 0, SEEK_END));
    TELL(posix_fallocate64(file, 100, 10));
    TELL(posix_fallocate(file, -1, 10));
    TELL(posix_fallocate(file, 0, 0));
    TELL(posix_fallocate(readable, 0, 10));
    TELL(posix_fallocate(pipes[1], 0, 10));
    TELL(posix_fallocate(pair[1], 0, 10));
    TELL(posix_fallocate(folder, 0, 10));
    TELL(posix_fallocate(bad, 0, 10));
    SHOW(fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 20000));
    SHOW(fallocate(pipes[1], 0, 0, 10));
    printf("size %ld\n", (long)lseek(file, 0, SEEK_END));
    TELL(posix_fadvise(file, 0, 100, POSIX_FADV_WILLNEED));
    TELL(posix_fadvise(pipes[0], 0, 100, POSIX_FADV_WILLNEED));
    SHOW(readahead(file, 0, 100));
    SHOW(readahead(pair[0], 0, 100));

    page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    page[3] = 'x';
    SHOW(msync(page, 8192, MS_SYNC));
    SHOW(msync(page, 4096, MS_ASYNC));
    SHOW(msync(page + 1, 4096, MS_SYNC));
    SHOW(msync(page, 4096, MS_SYNC | MS_ASYNC));
    SHOW(msync(page, 4096, MS_INVALIDATE));
    munmap(page, 8192);
    SHOW(msync(page, 4096, MS_SYNC));
    must(pread(file, b, 4, 0));
    printf("%.4s\n", b);
    sync();
    return unused;
}

static void *writes(void *arg)
{
    char name[16];
    snprintf(name, sizeof name, "own-%ld", unbox(arg));
    int fd = must(open(name, O_RDWR | O_CREAT | (unbox(arg) ? O_DSYNC : 0), 0600));
    for (int i = 0; i < 10; i++) {
        must(write(fd, name, sizeof name));
        must(i % 2 ? fsync(fd) : fdatasync(fd));
    }
    return box(lseek(fd, 0, SEEK_CUR));
}

int main(void)
{
    pthread_t thread = start(asks, NULL), one = start(writes, box(0)), two = start(writes, box(1));
    join(thread);
    printf("written %ld", unbox(join(one)));
    printf(" and %ld\n", unbox(join(two)));
    return 0;
}
