// A line-buffered standard output is flushed before an unbuffered standard input is read, so that a prompt is seen.
#include "fixture.h"

static int in[2], out[2];

// Answers only when it has seen the prompt.
static void *answers(void *unused)
{
    char prompt[20];
    for (int i = 0; i < 3; i++) {
        read_all(out[0], prompt, 7);
        fprintf(stderr, "%.7s\n", prompt);
        write_all(in[1], "me\n", 3);
    }
    return unused;
}

int main(void)
{
    char name[20];
    must(pipe(in));
    must(pipe(out));
    int real = must(dup(1));
    must(dup2(in[0], 0));
    must(dup2(out[1], 1));
    setvbuf(stdin, NULL, _IONBF, 0);
    setvbuf(stdout, NULL, _IOLBF, 1024);
    pthread_t answering = start(answers, NULL);
    printf("name 1?");
    fprintf(stderr, "%s", fgets(name, sizeof name, stdin));
    printf("name 2?");
    int c = getchar();
    fprintf(stderr, "%c", c);
    c = getchar();
    fprintf(stderr, "%c\n", c);
    c = getchar();
    printf("name 3?");
    fprintf(stderr, "%d", scanf("%19s", name));
    fprintf(stderr, " %s\n", name);
    join(answering);
    fflush(stdout);
    must(dup2(real, 1));
    puts("done");
    return 0;
}
