//! A program under valgrind and libgreen: nothing but what it does wrong itself is told, and that is.

use crate::{compiled, library};
use std::process::Command;

const PROGRAM: &str = r#"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static int ends[2];
static void *reader(void *index) {
    char text[16];
    int *numbers = calloc(10, sizeof *numbers);
    ssize_t n = read(ends[0], text, sizeof text);
    printf("%zd %s %d\n", n, text, numbers[(long)index]);
    free(numbers);
    return NULL;
}
int main(int argc, char **argv) {
    pthread_t threads[50];
    (void)argv;
    if (pipe(ends))
        return 1;
    for (int i = 0; i < 50; i++)
        pthread_create(&threads[i], NULL, reader, (void *)(argc > 1 && i == 49 ? 12L : 0L));
    for (int i = 0; i < 50; i++)
        if (usleep(100) || write(ends[1], "hello", 6) != 6)
            return 2;
    for (int i = 0; i < 50; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
"#;

#[test]
fn memcheck_tells_the_programs_own_faults_only() {
    let Some(version) = Command::new("valgrind").arg("--version").output().ok().filter(|o| o.status.success()) else {
        eprintln!("no valgrind here: not tested");
        return;
    };
    let program = compiled("valgrind", PROGRAM, &["-g", "-O0"]);
    let run = |arguments: &[&str]| {
        let mut command = Command::new("timeout");
        command.args(["-s", "KILL", "120", "valgrind", "--error-exitcode=9"]).arg(&program).args(arguments);
        let output = command.env("LD_PRELOAD", library()).env("GREEN_STATS", "1").output().expect("valgrind runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (status, out, err) = run(&[]);
    assert_eq!((status, out.lines().count()), (Some(0), 50), "{version:?} {out} {err}");
    assert!(err.contains("libgreen pid=") && err.contains("threads=50"), "{err}");
    for wrong in ["client switching stacks", "unhandled", "Invalid"] {
        assert!(!err.contains(wrong), "{err}");
    }
    let (status, _, err) = run(&["wrong"]);
    assert_eq!(status, Some(9), "{err}");
    assert!(err.contains("Invalid read of size 4") && err.contains("reader (program.c:"), "{err}");
}
