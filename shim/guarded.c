/* Makes a call after which something is to be done even if a cancellation unwinds it. In C for the same reason as once.c. */
struct guard {
	void (*after)(void *);
	void *argument;
};

static void leave(struct guard *guard)
{
	guard->after(guard->argument);
}

void green_guarded(void (*call)(void *), void (*after)(void *), void *argument)
{
	struct guard guard __attribute__((cleanup(leave), unused)) = { after, argument };

	call(argument);
}
