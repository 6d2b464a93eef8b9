package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
)

const answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n"

var services = map[string]func(net.Conn){"echo": echo, "http": http, "stream": stream, "request": requests}

// The backlog is the most that the kernel allows, and connections have TCP_NODELAY: net does both by itself.
func serve(service func(net.Conn)) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	must(err)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		conn, err := listener.Accept()
		must(err)
		go func() {
			defer conn.Close()
			service(conn)
		}()
	}
}

func echo(conn net.Conn) {
	buffer := make([]byte, 512)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if _, err := conn.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func http(conn net.Conn) {
	buffer, end, reply := make([]byte, 4096), []byte("\r\n\r\n"), []byte(answer)
	filled := 0
	for filled < len(buffer) {
		n, err := conn.Read(buffer[filled:])
		if err != nil {
			return
		}
		filled += n
		start := 0
		for {
			head := bytes.Index(buffer[start:filled], end)
			if head < 0 {
				break
			}
			start += head + len(end)
			if _, err := conn.Write(reply); err != nil {
				return
			}
		}
		filled = copy(buffer, buffer[start:filled])
	}
}

var block [64 * 1024]byte

func stream(conn net.Conn) {
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		return
	}
	for {
		if _, err := conn.Write(block[:]); err != nil {
			return
		}
	}
}

var sums [64]struct {
	sync.Mutex
	sum uint64
}

// A goroutine for each request: it accounts for the bytes under one of the locks, and sends them back.
func requests(conn net.Conn) {
	buffer := make([]byte, 512)
	for {
		if _, err := io.ReadFull(conn, buffer); err != nil {
			return
		}
		var (
			done sync.WaitGroup
			err  error
		)
		done.Add(1)
		go func() {
			defer done.Done()
			account(buffer)
			_, err = conn.Write(buffer)
		}()
		done.Wait()
		if err != nil {
			return
		}
	}
}

func account(request []byte) {
	to := &sums[int(request[0])%len(sums)]
	to.Lock()
	defer to.Unlock()
	for _, b := range request {
		to.sum += uint64(b)
	}
}
