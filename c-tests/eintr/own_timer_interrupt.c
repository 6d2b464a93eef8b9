// A timer whose handler has no SA_RESTART: what it ends with EINTR, what answers with a part, and what no signal can end.
#include "../fixture.h"
#include "own_timer.h"

int main(void)
{
    calls_under_timer(0);
    return 0;
}
