package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

// Nanoseconds for each of the small things. Quick ones need more rounds for the clock to see them: as many times, as in
// c-tests/bench/micro.c.
var costs = []struct {
	name  string
	run   func(rounds int) float64
	scale int
}{
	{"create_join", createJoin, 1},
	{"create_join_1000", createJoin1000, 1},
	{"yield", yield, 10},
	{"mutex", mutex, 10},
	{"mutex_contended", mutexContended, 10},
	{"cond", cond, 1},
	{"sem", sem, 1},
	{"pipe", pipe, 1},
	{"call", call, 100},
}

func micro(name string, rounds int) {
	found := false
	for _, cost := range costs {
		if name == "all" || name == cost.name {
			fmt.Printf("%s %.1f\n", cost.name, cost.run(cost.scale*rounds))
			found = true
		}
	}
	if !found {
		usage()
	}
}

func since(start time.Time, operations int) float64 {
	return float64(time.Since(start).Nanoseconds()) / float64(operations)
}

// That many goroutines at once, until all are done.
func together(count int, run func(me int)) {
	var done sync.WaitGroup
	done.Add(count)
	for me := 0; me < count; me++ {
		go func(me int) {
			defer done.Done()
			run(me)
		}(me)
	}
	done.Wait()
}

//go:noinline
func nothing() {}

func call(rounds int) float64 {
	start := time.Now()
	for i := 0; i < rounds; i++ {
		nothing()
	}
	return since(start, rounds)
}

func createJoin(rounds int) float64 {
	var done sync.WaitGroup
	start := time.Now()
	for i := 0; i < rounds; i++ {
		done.Add(1)
		go done.Done()
		done.Wait()
	}
	return since(start, rounds)
}

func createJoin1000(rounds int) float64 {
	var done sync.WaitGroup
	batches := (rounds + 999) / 1000
	start := time.Now()
	for i := 0; i < batches; i++ {
		done.Add(1000)
		for j := 0; j < 1000; j++ {
			go done.Done()
		}
		done.Wait()
	}
	return since(start, 1000*batches)
}

func yield(rounds int) float64 {
	start := time.Now()
	together(2, func(int) {
		for i := 0; i < rounds; i++ {
			runtime.Gosched()
		}
	})
	return since(start, 2*rounds)
}

func mutex(rounds int) float64 {
	var lock sync.Mutex
	start := time.Now()
	for i := 0; i < rounds; i++ {
		lock.Lock()
		lock.Unlock()
	}
	return since(start, rounds)
}

func mutexContended(rounds int) float64 {
	var lock sync.Mutex
	counter := 0
	start := time.Now()
	together(4, func(int) {
		for i := 0; i < rounds; i++ {
			lock.Lock()
			counter++
			lock.Unlock()
		}
	})
	return since(start, counter)
}

func cond(rounds int) float64 {
	turn, changed := 0, sync.NewCond(&sync.Mutex{})
	start := time.Now()
	together(2, func(me int) {
		for i := 0; i < rounds; i++ {
			changed.L.Lock()
			for turn != me {
				changed.Wait()
			}
			turn = 1 - me
			changed.Signal()
			changed.L.Unlock()
		}
	})
	return since(start, 2*rounds)
}

// A channel with room for one is Go's semaphore.
func sem(rounds int) float64 {
	turns := [2]chan struct{}{make(chan struct{}, 1), make(chan struct{}, 1)}
	turns[0] <- struct{}{}
	start := time.Now()
	together(2, func(me int) {
		for i := 0; i < rounds; i++ {
			<-turns[me]
			turns[1-me] <- struct{}{}
		}
	})
	return since(start, 2*rounds)
}

func pipe(rounds int) float64 {
	thereOut, thereIn, err := os.Pipe()
	must(err)
	backOut, backIn, err := os.Pipe()
	must(err)
	start := time.Now()
	together(2, func(me int) {
		in, out := thereIn, backOut
		if me == 1 {
			in, out = backIn, thereOut
		}
		b := []byte{0}
		for i := 0; i < rounds; i++ {
			if me == 0 {
				_, err := in.Write(b)
				must(err)
			}
			_, err := out.Read(b)
			must(err)
			if me == 1 {
				_, err := in.Write(b)
				must(err)
			}
		}
	})
	return since(start, rounds)
}
