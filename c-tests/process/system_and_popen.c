// system and popen from threads: status, output, and input.
#include "../sockets/net.h"
#include <sys/wait.h>
static void *user(void *arg) {
    long id = (long)arg;
    char command[64], line[64] = "";
    int status = system("exit 3");
    printf("system: %d\n", WEXITSTATUS(status));
    snprintf(command, sizeof command, "echo out of %ld", id);
    FILE *in = popen(command, "r");
    if (!in || !fgets(line, sizeof line, in))
        printf("nothing read\n");
    printf("popen: %s", line);
    printf("pclose: %d\n", WEXITSTATUS(pclose(in)));
    FILE *out = popen("cat >&2; exit 4", "w");
    fprintf(out, "into cat from %ld\n", id);
    printf("pclose of a writer: %d\n", WEXITSTATUS(pclose(out)));
    return NULL;
}

static void *quiet(void *arg) {
    char line[64] = "";
    FILE *in = popen("sleep 0.05; echo late", "r");
    (void)arg;
    if (!fgets(line, sizeof line, in))
        return NULL;
    return (void *)(long)(pclose(in) == 0 && !strcmp(line, "late\n"));
}

int main(void) {
    for (long i = 0; i < 2; i++)
        finish(start(user, (void *)i));
    pthread_t threads[6];
    long good = 0;
    for (int i = 0; i < 6; i++)
        threads[i] = start(quiet, NULL);
    for (int i = 0; i < 6; i++)
        good += finish(threads[i]);
    printf("at once: %ld\n", good);
    return 0;
}
