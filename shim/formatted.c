/* printf and scanf, the variadic ones: each makes a va_list of what it gets and calls the form that takes one, which is a hook
 * (src/hooks/stdio.rs, where these get their names, too). In C because only C can take what "..." means. */
#include <stdarg.h>
#include <stdio.h>

int __vfprintf_chk(FILE *, int, const char *, va_list);
int __vdprintf_chk(int, int, const char *, va_list);
int __isoc99_vfscanf(FILE *, const char *, va_list);
int __isoc23_vfscanf(FILE *, const char *, va_list);

#define FORWARD(name, parameters, call)                                                                                \
	int green_##name parameters                                                                                    \
	{                                                                                                              \
		va_list list;                                                                                          \
		int result;                                                                                            \
                                                                                                                       \
		va_start(list, format);                                                                                \
		result = call;                                                                                         \
		va_end(list);                                                                                          \
		return result;                                                                                         \
	}

FORWARD(printf, (const char *format, ...), vfprintf(stdout, format, list))
FORWARD(fprintf, (FILE *file, const char *format, ...), vfprintf(file, format, list))
FORWARD(dprintf, (int fd, const char *format, ...), vdprintf(fd, format, list))
FORWARD(printf_chk, (int level, const char *format, ...), __vfprintf_chk(stdout, level, format, list))
FORWARD(fprintf_chk, (FILE *file, int level, const char *format, ...), __vfprintf_chk(file, level, format, list))
FORWARD(dprintf_chk, (int fd, int level, const char *format, ...), __vdprintf_chk(fd, level, format, list))
FORWARD(scanf, (const char *format, ...), (vfscanf)(stdin, format, list))
FORWARD(fscanf, (FILE *file, const char *format, ...), (vfscanf)(file, format, list))
FORWARD(isoc99_scanf, (const char *format, ...), __isoc99_vfscanf(stdin, format, list))
FORWARD(isoc99_fscanf, (FILE *file, const char *format, ...), __isoc99_vfscanf(file, format, list))
FORWARD(isoc23_scanf, (const char *format, ...), __isoc23_vfscanf(stdin, format, list))
FORWARD(isoc23_fscanf, (FILE *file, const char *format, ...), __isoc23_vfscanf(file, format, list))
