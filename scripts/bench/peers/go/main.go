// The peer Go: a goroutine for each connection, on the net package. One processor, unless GOMAXPROCS says otherwise.
//
//	go serve echo|http|stream|request | micro all|NAME ROUNDS | parked COUNT
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
)

func usage() {
	fmt.Fprintln(os.Stderr, "go serve echo|http|stream|request | micro all|NAME ROUNDS | parked COUNT")
	os.Exit(2)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func number(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 {
		usage()
	}
	return n
}

func main() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
	var files syscall.Rlimit
	must(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files))
	files.Cur = files.Max
	must(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files))

	words := os.Args[1:]
	switch {
	case len(words) == 2 && words[0] == "serve" && services[words[1]] != nil:
		serve(services[words[1]])
	case len(words) == 3 && words[0] == "micro":
		micro(words[1], number(words[2]))
	case len(words) == 2 && words[0] == "parked":
		parked(number(words[1]))
	default:
		usage()
	}
}
