// What the libuv fixtures share.
#ifndef UV_FIXTURE_H
#define UV_FIXTURE_H
#include "../fixture.h"
#include <uv.h>

// For libuv's calls, which answer with a negative error number.
static inline int fine_(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", what, uv_strerror(result));
        exit(99);
    }
    return result;
}
#define fine(call) fine_((call), #call)

static inline const char *uv_answer(long result)
{
    static __thread char text[8][24];
    static __thread unsigned next;
    if (result < 0)
        return uv_err_name(result);
    char *place = text[next++ % 8];
    snprintf(place, sizeof text[0], "%ld", result);
    return place;
}

static inline void close_handle(void *handle)
{
    uv_close(handle, NULL);
}

// Ends a loop whose handles are closed; says so if some aren't.
static inline void end_loop(uv_loop_t *loop)
{
    uv_run(loop, UV_RUN_DEFAULT);
    int result = uv_loop_close(loop);
    if (result != 0)
        printf("loop: %s\n", uv_err_name(result));
}
#endif
