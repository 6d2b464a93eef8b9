#!/usr/bin/env bash
# Programs that libgreen must leave alone: whatever a wrapped daemon may start, shells included, prints the same and
# exits with the same status with LD_PRELOAD as without. The last few create threads, so they run green.
#
#     scripts/untouched.sh [-v]              -v: name each check
#
#     GREEN_LIB      the library (libgreen.so beside Makefile); missing: everything is skipped
#
# Ends with "N passed, N failed, N skipped"; exit status 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit 1

library=${GREEN_LIB:-$PWD/libgreen.so}
verbose=${1:-}
passed=0 failed=0 skipped=0
child=

work=$(mktemp -d)
clean_up() {
    [ -n "$child" ] && kill "$child" 2>/dev/null
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# run OUT [NAME=VALUE] COMMAND...: stdout, stderr and status to OUT.*; each run starts in a new copy of $work/in, always
# by the same name, so that no path differs. timeout(1) and env(1) run outside of the preload.
run() {
    local out=$work/$1
    shift
    rm -rf "$work/here"
    cp -a "$work/in" "$work/here"
    (cd "$work/here" && exec timeout -k 5 60 env "$@") >"$out.stdout" 2>"$out.stderr" </dev/null &
    child=$!
    { wait "$child"; } 2>/dev/null          # or bash reports the one that is meant to crash
    echo $? >"$out.status"
    child=
}

# same NAME COMMAND...: skipped when COMMAND's program isn't there.
same() {
    local name=$1 what differs=
    shift
    if ! command -v "$1" >/dev/null; then
        skipped=$((skipped + 1))
        echo "skipped: $name: no $1 here"
        return
    fi
    run native "$@"
    run green "LD_PRELOAD=$library" "$@"
    for what in stdout stderr status; do
        cmp -s "$work/native.$what" "$work/green.$what" || differs+=" $what"
    done
    if [ -z "$differs" ]; then
        passed=$((passed + 1))
        [ -n "$verbose" ] && echo "ok: $name (status $(cat "$work/native.status"), $(wc -c <"$work/native.stdout") bytes)"
    else
        failed=$((failed + 1))
        echo "FAILED: $name:$differs (native < > green)"
        for what in $differs; do
            diff -a "$work/native.$what" "$work/green.$what" | head -n 10 | cut -c 1-200 | sed 's/^/    /'
        done
    fi
    return 0
}

if [ ! -e "$library" ]; then
    echo "untouched: no library at $library: everything is skipped" >&2
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

# What the programs work on: a small C project with sub-makes, and a git repository with something to say (big enough
# for git to use threads; too big to copy for each run, and nothing here changes it).
mkdir -p "$work/in/project/a" "$work/in/project/b" "$work/repository"
cd "$work/in/project" || exit 1
printf 'all:\n\t@echo top $$$$ | cut -c 1-3\n\t$(MAKE) -C a\n\t$(MAKE) -C b\n\t-false\n\t@exit 3\n' >Makefile
printf 'OBJECTS := $(shell ls *.c | sort)\nall: out\nout: $(OBJECTS)\n\t@cat $^ > $@; wc -c < $@\n' >a/Makefile
printf '%%.o: %%.c\n\tgcc -c $< -o $@\nprogram: one.o two.o\n\tgcc $^ -o $@\n\t./program\n' >b/Makefile
printf 'int x;\n' >a/x.c
printf 'int y;\n' >a/y.c
printf '#include <stdio.h>\nint two(void);\nint main(void) { return printf("hello %%d\\n", two()) < 0; }\n' | tee b/one.c >hello.c
printf 'int two(void) { return 2; }\n' | tee b/two.c >two.c
printf 'int main(void) { return oops; }\n' >wrong.c
if command -v git >/dev/null; then
    cd "$work/repository" || exit 1
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' \
        GIT_COMMITTER_DATE='2020-01-01T00:00:00Z' GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
    git -c init.defaultBranch=main init -q .
    for i in {1..1200}; do echo "line $i" >"file$i"; done
    git add . && git commit -q -m first
    echo more >>file7 && rm file9 && echo new >untracked
fi
cd "$work" || exit 1

same 'sh'                    sh -c 'echo out; echo err >&2; exit 7'
same 'bash -c'               bash -c 'for i in 1 2 3; do echo $((i * i)); done; exit 5'
same 'bash, a subshell and command substitution'  bash -c 'x=$(echo a; (echo b; exit 3)); echo "$x $?"'
same 'bash, background and wait'  bash -c 'sleep 0.1 & p=$!; (exit 9) & wait $!; echo $?; wait $p; echo $?'
same 'bash, a trap and a signal'  bash -c 'trap "echo got" USR1; kill -USR1 $$; echo after; kill -TERM $$; sleep 5'
same 'bash, here-document and read'  bash -c 'while read -r a b; do echo "$b $a"; done <<< "one two"; mapfile -t x < <(seq 3); echo ${#x[@]}'
same 'bash, coprocess'       bash -c 'coproc cat; echo hi >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; echo "$l"'
same 'bash, syntax error'    bash -c 'if'
same 'bash, read with a timeout'  bash -c 'read -t 0.1 x < <(sleep 1); echo $?'
same 'killed by a signal'    sh -c 'kill -SEGV $$'
same 'ls'                    ls -lR --time-style=+%s project
same 'ls of nothing'         ls no-such-file
same 'env'                   sh -c 'env | grep -v "^LD_PRELOAD=" | sort'
same 'a long pipeline'       sh -c 'seq 100000 | grep 7 | sed s/7/x/ | tr x y | awk "{ n += length } END { print n, NR }"'
same 'a broken pipe'         bash -c 'yes | head -n 3; echo "${PIPESTATUS[@]}"'
same 'find | sort'           sh -c 'find . -type f | sort | xargs cksum | cksum'
same 'xargs -P'              sh -c 'seq 20 | xargs -P 4 -n 1 echo | sort -n'
same 'make with sub-makes'   make -C project
same 'make -j, jobserver'    sh -c 'make -j 4 -C project 2>&1 | sort'
same 'make of nothing'       make -C ../repository no-such-target
same 'gcc'                   sh -c 'gcc -O2 -o hello project/hello.c project/two.c && ./hello && cksum hello'
same 'gcc, an error'         gcc project/wrong.c
same 'g++'                   sh -c 'echo "#include <iostream>
int main() { std::cout << 42 << std::endl; throw 1; }" > x.cc && g++ x.cc -o x && ./x'
same 'git status'            git -C ../repository status
same 'git diff, log'         sh -c 'cd ../repository && git diff && git log -p | cksum'
same 'python3'               python3 -c 'print(1)'
same 'python3, an exception' python3 -c 'raise SystemExit("gone")'
same 'python3, subprocess'   python3 -c 'import subprocess as s; print(s.run(["sh", "-c", "cat; exit 4"], input=b"in", capture_output=True))'
same 'perl'                  perl -e 'print join(",", map { $_ * 2 } 1 .. 5), "\n"; $x = `echo sub`; print $x; exit 6'
same 'dd'                    sh -c 'dd if=/dev/zero bs=4096 count=100 status=none | cksum'
same 'tar and gzip'          sh -c 'tar -cf - project | gzip -n | gunzip | tar -tf - | sort'
same 'timeout'               timeout 0.2 sleep 5

# These create threads.
same 'sort, threads'         sh -c 'seq 400000 -1 1 | sort --parallel=4 -S 64M | cksum'
same 'xz, threads'           sh -c 'seq 2000000 | xz -0 -T 4 --block-size=1MiB | xz -d | cksum'
same 'git grep, threads'     sh -c 'cd ../repository && git grep --threads=4 -c "line 1" | sort | cksum'
same 'git, preloaded index'  sh -c 'cd ../repository && git -c core.preloadIndex=true status --short'
same 'python3, threads'      python3 -c '
import threading, queue, time
q = queue.Queue(); done = []
def work():
    while (n := q.get()) is not None:
        time.sleep(0.01); done.append(n * n)
threads = [threading.Thread(target=work) for _ in range(20)]
[t.start() for t in threads]; [q.put(n) for n in range(100)]; [q.put(None) for t in threads]; [t.join() for t in threads]
print(sum(done))'
same 'python3, a socket between threads'  python3 -c '
import socket, threading
a, b = socket.socketpair()
def echo():
    while (d := b.recv(100)): b.sendall(d.upper())
t = threading.Thread(target=echo); t.start()
for i in range(100): a.sendall(b"hi"); assert a.recv(100) == b"HI"
a.close(); t.join(); print("done")'

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
