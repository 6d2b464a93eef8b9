// Users and groups, by name and by number, on a hundred threads.
#include "fixture.h"
#include <grp.h>
#include <pwd.h>

enum { THREADS = 100 };

static void *looks_up(void *unused)
{
    struct passwd user, *found_user;
    struct group group, *found_group;
    char buffer[4096];
    gid_t groups[20];
    int n = 20;
    long right = 0;
    (void)unused;

    right += getpwnam_r("root", &user, buffer, sizeof buffer, &found_user) == 0 && found_user == &user && user.pw_uid == 0;
    right += getpwuid_r(0, &user, buffer, sizeof buffer, &found_user) == 0 && strcmp(user.pw_name, "root") == 0;
    right += getpwnam_r("no such user", &user, buffer, sizeof buffer, &found_user) == 0 && !found_user;
    right += getpwnam_r("root", &user, buffer, 4, &found_user) == ERANGE && !found_user;
    right += getgrnam_r("root", &group, buffer, sizeof buffer, &found_group) == 0 && group.gr_gid == 0;
    right += getgrgid_r(0, &group, buffer, sizeof buffer, &found_group) == 0 && strcmp(group.gr_name, "root") == 0;
    right += getgrouplist("root", 0, groups, &n) >= 1 && groups[0] == 0;
    return box(right);
}

int main(void)
{
    pthread_t threads[THREADS];
    long right = 0;
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(looks_up, NULL);
    for (int i = 0; i < THREADS; i++)
        right += unbox(join(threads[i]));
    printf("right: %ld of %d\n", right, 7 * THREADS);
    printf("%s %s %u %u\n", getpwuid(0)->pw_name, getgrgid(0)->gr_name, getpwnam("root")->pw_gid, getgrnam("root")->gr_gid);
    printf("%s\n", getpwnam("no such user") ? "found" : "none");
    return 0;
}
