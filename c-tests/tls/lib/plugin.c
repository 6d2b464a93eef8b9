// A plug-in with thread-local variables, opened after the program (and perhaps its threads) started.
static __thread int counter = 100;
static __thread long table[500];

int plugin_count(void)
{
    return ++counter;
}

// Adds to the thread's own table, and returns the sum of it.
long plugin_add(int index, long number)
{
    long sum = 0;
    table[index] += number;
    for (int i = 0; i < 500; i++)
        sum += table[i];
    return sum;
}
