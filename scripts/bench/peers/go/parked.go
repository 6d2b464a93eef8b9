package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var taken = [...]struct{ name, path, line string }{
	{"rss_kib", "/proc/self/status", "VmRSS:"},
	{"vmpte_kib", "/proc/self/status", "VmPTE:"},
	{"kstack_kib", "/proc/meminfo", "KernelStack:"},
	{"slab_kib", "/proc/meminfo", "Slab:"},
	{"pagetables_kib", "/proc/meminfo", "PageTables:"},
}

// What there is of each, in KiB. The first two are our own, the others the whole machine's.
func memory() (kib [len(taken)]int) {
	for i, what := range taken {
		file, err := os.Open(what.path)
		must(err)
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), what.line) {
				_, err := fmt.Sscan(lines.Text()[len(what.line):], &kib[i])
				must(err)
			}
		}
		file.Close()
	}
	return kib
}

// Makes that many goroutines, which all wait for one channel to be closed; closes it, and waits for them.
func parked(count int) {
	var (
		ran        atomic.Int64
		here, done sync.WaitGroup
	)
	gate := make(chan struct{})
	here.Add(count)
	done.Add(count)
	before, start := memory(), time.Now()
	for i := 0; i < count; i++ {
		go func() {
			defer done.Done()
			here.Done()
			<-gate
			ran.Add(1)
		}()
	}
	here.Wait()
	created := since(start, count)
	after := memory()
	start = time.Now()
	close(gate)
	done.Wait()
	fmt.Printf("held=%d created_ns=%.0f joined_ns=%.0f", ran.Load(), created, since(start, count))
	for i, what := range taken {
		fmt.Printf(" %s=%d", what.name, after[i]-before[i])
	}
	fmt.Println()
	if ran.Load() != int64(count) {
		os.Exit(1)
	}
}
