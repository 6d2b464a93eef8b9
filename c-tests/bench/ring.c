// The other limit: the echo service as one who knows io_uring well writes it, in one thread, without threads of any kind, and with
// the flags that a process of one thread can have. What a hub on io_uring could come to at best.
//
//     ring echo      listens on a free port of 127.0.0.1 and prints it; SIGTERM ends it
//
// Accepts and receives go on by themselves (multishot); connections are registered files; buffers are the ring's own, and an echo is
// sent from the buffer that it came in. One entry into the kernel submits all sends and waits for what comes next.
#define _GNU_SOURCE
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "bench.h"

#define ENTRIES 4096
#define BUFFERS 4096 // of MESSAGE bytes, a power of two
#define FILES 16384
#define GROUP 1

enum what { ACCEPT, RECEIVE, SEND };

static struct {
    int fd;
    unsigned *sq_tail, sq_mask, *cq_head, *cq_tail, cq_mask, pending;
    struct io_uring_sqe *sqes;
    struct io_uring_cqe *cqes;
    struct io_uring_buf_ring *free;
    char *memory;
} ring;

static uint64_t name(enum what what, unsigned file, unsigned buffer) {
    return (uint64_t)what << 56 | (uint64_t)buffer << 32 | file;
}

static void enter(unsigned wait) {
    long n = syscall(SYS_io_uring_enter, ring.fd, ring.pending, wait, wait ? IORING_ENTER_GETEVENTS : 0, NULL, 0);
    if (n < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY)
        die("io_uring_enter");
    if (n > 0)
        ring.pending -= n;
}

static struct io_uring_sqe *next(uint8_t opcode, int fd, uint64_t user_data) {
    while (ring.pending > ring.sq_mask)
        enter(0);
    unsigned tail = *ring.sq_tail;
    struct io_uring_sqe *sqe = &ring.sqes[tail & ring.sq_mask];
    *sqe = (struct io_uring_sqe){.opcode = opcode, .fd = fd, .user_data = user_data};
    __atomic_store_n(ring.sq_tail, tail + 1, __ATOMIC_RELEASE);
    ring.pending++;
    return sqe;
}

static void give_back(unsigned buffer) {
    unsigned short tail = ring.free->tail;
    struct io_uring_buf *b = &ring.free->bufs[tail & (BUFFERS - 1)];
    b->addr = (uintptr_t)ring.memory + (size_t)buffer * MESSAGE;
    b->len = MESSAGE;
    b->bid = buffer;
    __atomic_store_n(&ring.free->tail, tail + 1, __ATOMIC_RELEASE);
}

static void receive(unsigned file) {
    struct io_uring_sqe *sqe = next(IORING_OP_RECV, file, name(RECEIVE, file, 0));
    sqe->ioprio = IORING_RECV_MULTISHOT;
    sqe->flags = IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
}

static void send_back(unsigned file, unsigned buffer, unsigned len) {
    struct io_uring_sqe *sqe = next(IORING_OP_SEND, file, name(SEND, file, buffer));
    sqe->flags = IOSQE_FIXED_FILE;
    sqe->addr = (uintptr_t)ring.memory + (size_t)buffer * MESSAGE;
    sqe->len = len;
    sqe->msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
}

static void close_file(unsigned file) {
    struct io_uring_sqe *sqe = next(IORING_OP_CLOSE, 0, name(SEND, file, BUFFERS));
    sqe->file_index = file + 1;
}

static void accept_all(int listener) {
    struct io_uring_sqe *sqe = next(IORING_OP_ACCEPT, listener, name(ACCEPT, 0, 0));
    sqe->ioprio = IORING_ACCEPT_MULTISHOT;
    sqe->file_index = IORING_FILE_INDEX_ALLOC;
}

static void *map(size_t size, int fd, off_t offset) {
    int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_POPULATE;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, offset);
    if (memory == MAP_FAILED)
        die("mmap");
    return memory;
}

static void set_up(void) {
    struct io_uring_params p = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
                                .cq_entries = 4 * ENTRIES};
    ring.fd = syscall(SYS_io_uring_setup, ENTRIES, &p);
    if (ring.fd < 0)
        die("io_uring_setup");
    size_t submissions = p.sq_off.array + p.sq_entries * sizeof(unsigned);
    size_t completions = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
    char *rings = map(submissions > completions ? submissions : completions, ring.fd, IORING_OFF_SQ_RING);
    ring.sqes = map(p.sq_entries * sizeof(struct io_uring_sqe), ring.fd, IORING_OFF_SQES);
    ring.sq_tail = (unsigned *)(rings + p.sq_off.tail);
    ring.sq_mask = *(unsigned *)(rings + p.sq_off.ring_mask);
    ring.cq_head = (unsigned *)(rings + p.cq_off.head);
    ring.cq_tail = (unsigned *)(rings + p.cq_off.tail);
    ring.cq_mask = *(unsigned *)(rings + p.cq_off.ring_mask);
    ring.cqes = (struct io_uring_cqe *)(rings + p.cq_off.cqes);
    for (unsigned i = 0; i <= ring.sq_mask; i++)
        ((unsigned *)(rings + p.sq_off.array))[i] = i;

    struct io_uring_rsrc_register files = {.nr = FILES, .flags = IORING_RSRC_REGISTER_SPARSE};
    if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES2, &files, sizeof files) < 0)
        die("IORING_REGISTER_FILES2");
    ring.free = map(BUFFERS * sizeof(struct io_uring_buf), -1, 0);
    ring.memory = map((size_t)BUFFERS * MESSAGE, -1, 0);
    struct io_uring_buf_reg buffers = {.ring_addr = (uintptr_t)ring.free, .ring_entries = BUFFERS, .bgid = GROUP};
    if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PBUF_RING, &buffers, 1) < 0)
        die("IORING_REGISTER_PBUF_RING");
    for (unsigned i = 0; i < BUFFERS; i++)
        give_back(i);
}

int main(int argc, char **argv) {
    if (argc != 2 || strcmp(argv[1], "echo") != 0) {
        fprintf(stderr, "usage: ring echo\n");
        return 2;
    }
    set_up();
    int listener = start_listening();
    accept_all(listener);
    for (;;) {
        enter(1);
        unsigned head = *ring.cq_head, tail = __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE);
        for (; head != tail; head++) {
            struct io_uring_cqe *cqe = &ring.cqes[head & ring.cq_mask];
            unsigned file = cqe->user_data, buffer = cqe->user_data >> 32 & 0xffffff;
            switch (cqe->user_data >> 56) {
            case ACCEPT:
                if (cqe->res >= 0)
                    receive(cqe->res);
                if (!(cqe->flags & IORING_CQE_F_MORE))
                    accept_all(listener);
                break;
            case RECEIVE:
                if (cqe->flags & IORING_CQE_F_BUFFER)
                    send_back(file, cqe->flags >> IORING_CQE_BUFFER_SHIFT, cqe->res);
                else if (cqe->res != -ENOBUFS) {
                    close_file(file);
                    break;
                }
                if (!(cqe->flags & IORING_CQE_F_MORE))
                    receive(file);
                break;
            case SEND:
                if (buffer < BUFFERS)
                    give_back(buffer);
                break;
            }
        }
        __atomic_store_n(ring.cq_head, head, __ATOMIC_RELEASE);
    }
}
