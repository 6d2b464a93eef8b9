// A thread waits in read for what happens in a folder, while another makes, writes, renames and removes files there.
#include "../fixture.h"
#include "../sockets/calls.h"
#include <limits.h>
#include <sys/inotify.h>
#include <sys/stat.h>

static int watcher, folder, file_watch = -1, ends[2];

static const struct {
    uint32_t bit;
    const char *name;
} names[] = {{IN_CREATE, "create"}, {IN_CLOSE_WRITE, "close_write"}, {IN_MOVED_FROM, "moved_from"}, {IN_MOVED_TO, "moved_to"},
             {IN_DELETE, "delete"}, {IN_DELETE_SELF, "delete_self"}, {IN_IGNORED, "ignored"},   {IN_ISDIR, "folder"}, {IN_MODIFY, "modify"}};

// Tells each event and answers it with a byte, which the other waits for: so that no two are joined or lost.
static void *reads(void *unused)
{
    char buffer[4096] __attribute__((aligned(8)));
    int more = 1;
    while (more) {
        long n = must(read(watcher, buffer, sizeof buffer));
        for (char *place = buffer; place < buffer + n;) {
            struct inotify_event *event = (struct inotify_event *)place;
            printf("%s %s:", event->wd == folder ? "folder" : event->wd == file_watch ? "file" : "?", event->len ? event->name : "-");
            for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (event->mask & names[i].bit)
                    printf(" %s", names[i].name);
            printf("%s\n", event->cookie ? " with a cookie" : "");
            more = !(event->wd == folder && event->mask & IN_IGNORED);
            must(write(ends[1], "x", 1));
            place += sizeof *event + event->len;
        }
    }
    return unused;
}

static void events(int count)
{
    while (count-- > 0)
        must(read(ends[0], &(char){0}, 1));
}

static void *asks(void *unused)
{
    char small[8];
    int own = must(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), there;
    SHOW(read(own, small, sizeof small));
    must(inotify_add_watch(own, "watched", IN_CREATE));
    close(must(creat("watched/first", 0600)));
    SHOW(read(own, small, sizeof small));
    must(ioctl(own, FIONREAD, &there));
    printf("bytes there: %d\n", there);
    SHOW(inotify_add_watch(own, "missing", IN_CREATE));
    SHOW(inotify_add_watch(0, "watched", IN_CREATE));
    SHOW(inotify_add_watch(own, "watched", 0));
    SHOW(inotify_add_watch(9999, "watched", IN_CREATE));
    SHOW(inotify_rm_watch(own, 99));
    SHOW(inotify_rm_watch(9999, 1));
    SHOW(inotify_init1(0x7));
    SHOW(write(own, small, 8));
    close(own);
    unlink("watched/first");
    return unused;
}

int main(void)
{
    must(mkdir("watched", 0700));
    must(pipe(ends));
    join(start(asks, NULL));
    watcher = must(inotify_init());
    folder = must(inotify_add_watch(watcher, "watched", IN_CREATE | IN_CLOSE_WRITE | IN_MOVE | IN_DELETE));
    pthread_t thread = start(reads, NULL);
    let_it_block();
    int fd = must(open("watched/one", O_RDWR | O_CREAT, 0600));
    events(1);
    file_watch = must(inotify_add_watch(watcher, "watched/one", IN_MODIFY | IN_DELETE_SELF));
    must(write(fd, "x", 1));
    events(1);
    close(fd);
    events(1);
    must(rename("watched/one", "watched/two"));
    events(2);
    must(mkdir("watched/inner", 0700));
    events(1);
    must(rmdir("watched/inner"));
    events(1);
    must(unlink("watched/two"));
    events(3);
    must(inotify_rm_watch(watcher, folder));
    join(thread);
    return 0;
}
