/* Runs a pthread_once routine; `failed` is called if an exception, pthread_exit or cancellation leaves it, as
 * pthread_once(3) asks. In C because an unwinder runs a cleanup attribute and no Rust code of a library built with
 * panic = "abort". */
struct once {
	void (*failed)(void *);
	void *control;
	int done;
};

static void leave(struct once *once)
{
	if (!once->done)
		once->failed(once->control);
}

void green_run_once(void (*routine)(void), void (*failed)(void *), void *control)
{
	struct once once __attribute__((cleanup(leave))) = { failed, control, 0 };

	routine();
	once.done = 1;
}
