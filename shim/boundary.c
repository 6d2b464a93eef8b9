/* The floor of a green thread's stack for pthread_exit and cancellation.
 *
 * glibc ends a thread by unwinding its stack (cleanup handlers and C++ destructors run on the way) until it
 * passes the frame of the innermost registered buffer, and then longjmps there. Natively the outermost one is
 * in start_thread; ours is here. It's C because setjmp returns twice, which Rust can't express, and because
 * <pthread.h> declares these names only to its own macros. (And only without -fexceptions, so build.rs compiles this
 * file without; nothing in this frame needs cleaning up.) */
#include <pthread.h>

/* Runs body(arg). Returns 0 when body returned, 1 when pthread_exit or a cancellation unwound it. */
int green_boundary(void (*body)(void *), void *arg)
{
	__pthread_unwind_buf_t buffer;
	volatile int unwound = 0;

	if (__sigsetjmp_cancel(buffer.__cancel_jmp_buf, 0) != 0) {
		unwound = 1;
	} else {
		__pthread_register_cancel(&buffer);
		body(arg);
	}
	__pthread_unregister_cancel(&buffer);
	return unwound;
}
