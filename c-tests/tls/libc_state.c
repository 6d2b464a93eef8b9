// link: -lm
// What libc keeps per thread: character classes, numbers, error texts, strtok, time, locales.
#include "fixture.h"
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <wchar.h>

enum { N = 10 };
static char *texts[N];

static void *thread(void *arg)
{
    long me = unbox(arg);
    char *text = malloc(2000), words[64];
    int n = 0;

    n += sprintf(text + n, "class: %d %d %d %d\n", isspace(' ') != 0, isspace('a') != 0, isdigit('5') != 0, toupper('q'));
    n += sprintf(text + n, "numbers: %.3f %ld %g\n", strtod("2.718", NULL), strtol("0x1f", NULL, 16), sqrt(me));
    errno = 0;
    strtol("99999999999999999999", NULL, 10);
    n += sprintf(text + n, "range: %s\n", error_name(errno));
    n += sprintf(text + n, "error: %s / %s\n", strerror(ENOENT), strerror(123456 + me));
    const char *kept = strerror(5000 + me); // the text of an unknown error lives in the thread
    usleep(2000);
    n += sprintf(text + n, "kept: %s\n", kept);

    snprintf(words, sizeof words, "one two three %ld", me);
    char *save, *last = NULL;
    for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        usleep(500);
        last = word;
    }
    n += sprintf(text + n, "last word: %s\n", last);

    time_t when = 86400L * 365 * me;
    struct tm tm;
    localtime_r(&when, &tm);
    n += sprintf(text + n, "time: %d-%02d-%02d\n", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);

    // A locale of its own, which the others do not see.
    locale_t locale = newlocale(LC_ALL_MASK, me % 2 ? "C.UTF-8" : "C", NULL), before = uselocale(NULL);
    n += sprintf(text + n, "global at first: %s\n", yes(before == LC_GLOBAL_LOCALE));
    if (locale) {
        uselocale(locale);
        usleep(2000);
        wchar_t wide[4];
        n += sprintf(text + n, "utf-8: %zd\n", (ssize_t)mbstowcs(wide, "\xc3\xa9", 4));
        n += sprintf(text + n, "kept: %s\n", yes(uselocale(NULL) == locale));
        if (me % 3 == 0) { // the others leave it set: the next thread must not see it
            uselocale(before);
            freelocale(locale);
        }
    }
    sprintf(text + n, "float: %s\n", fabs(sin(1.0) - 0.8414709848) < 1e-9 ? "right" : "wrong");
    texts[me] = text;
    return NULL;
}

int main(void)
{
    pthread_t threads[N];
    setenv("TZ", "UTC0", 1);
    for (int round = 0; round < 2; round++) {
        for (long i = 0; i < N; i++)
            threads[i] = start(thread, box(i));
        for (int i = 0; i < N; i++) {
            join(threads[i]);
            printf("thread %d\n%s", i, texts[i]);
            free(texts[i]);
        }
    }
    return 0;
}
