/* execl(3), execle(3), execlp(3): the arguments into an array on the stack (a vfork's child may call these), then as execve and its
 * like. In C because they are variadic. */
#include <stdarg.h>
#include <stddef.h>

/* src/process/starting.rs; env NULL: the process's own. */
int green_exec_path(const char *path, char *const argv[], char *const env[]);
int green_exec_file(const char *file, char *const argv[], char *const env[]);

extern char **environ;

/* How many arguments follow the first, up to NULL. */
static size_t count(const char *first, va_list list)
{
	size_t n = 0;

	if (first)
		while (va_arg(list, char *))
			n++;
	return n;
}

/* Declares argv, with `first` and what follows; `list` stands behind the NULL. */
#define COLLECT(first)                                   \
	va_list list;                                    \
	va_start(list, first);                           \
	size_t more = count(first, list);                \
	va_end(list);                                    \
	char *argv[more + 2];                            \
	va_start(list, first);                           \
	argv[0] = (char *)first;                         \
	argv[1] = NULL;                                  \
	for (size_t i = 1; first && i <= more + 1; i++)  \
		argv[i] = va_arg(list, char *);

int green_execl(const char *path, const char *first, ...)
{
	COLLECT(first)
	va_end(list);
	return green_exec_path(path, argv, environ);
}

int green_execle(const char *path, const char *first, ...)
{
	COLLECT(first)
	char *const *env = va_arg(list, char *const *);
	va_end(list);
	return green_exec_path(path, argv, env);
}

int green_execlp(const char *file, const char *first, ...)
{
	COLLECT(first)
	va_end(list);
	return green_exec_file(file, argv, environ);
}
