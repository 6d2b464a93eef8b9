// A program without threads keeps its exit status and its unflushed output.
// green: none
// exit: 77
// args: one two
#include <stdio.h>
int main(int argc, char **argv) {
    printf("%d arguments, the last is %s", argc - 1, argv[argc - 1]);
    return 77;
}
