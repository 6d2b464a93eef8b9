/* The thread-local variables of the library: which green thread am I, and how deep in the library (src/depth.rs)?
 *
 * They lie in the static TLS block of every thread, kernel's or green, so each block holds its own copy and a
 * switch writes nothing. Initial-exec makes reading one a single load (src/hub/current.rs does that in place);
 * LD_PRELOAD puts us in the program's first set of libraries, where that model is allowed. NULL means: not a
 * green thread (a foreign kernel thread, or a carrier inside its hub's loop). */
__thread void *green_self __attribute__((tls_model("initial-exec")));
__thread int green_depth __attribute__((tls_model("initial-exec")));

/* The fork that the thread is making (src/process/fork.rs). */
static __thread const void *green_fork __attribute__((tls_model("initial-exec")));

/* The address of the calling thread's own copy; its distance from the thread pointer is the same everywhere. */
void **green_self_address(void)
{
	return &green_self;
}

const void **green_fork_address(void)
{
	return &green_fork;
}
