// A timer whose handler has SA_RESTART: what goes on after it, and what ends with EINTR or a part all the same.
#include "../fixture.h"
#include "own_timer.h"

int main(void)
{
    calls_under_timer(SA_RESTART);
    return 0;
}
