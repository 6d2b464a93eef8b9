//! The names that may make a thread wait, in libc and a few libraries that wait by system calls of their own, and what
//! happens in those that libgreen doesn't hook. Which ones it does hook, its own file says (`imports`); so names stand here
//! whether they are hooked today or not. A new name of a later libc that waits goes here.

/// Names that wait in the same way.
pub struct Group {
    /// What they are, and when they wait.
    pub what: &'static str,
    /// Whether servers meet it: if not, the names are counted, and told by `-v` alone.
    pub matters: bool,
    pub names: &'static [&'static str],
}

/// The group of a name.
pub fn find(name: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|group| group.names.contains(&name))
}

#[rustfmt::skip] // many names in a line
pub static GROUPS: &[Group] = &[
    Group { what: "writes to the log daemon inside libc", matters: true, names: &[
        "syslog", "vsyslog", "__syslog_chk", "__vsyslog_chk",
    ] },
    Group { what: "a look-up of a service, a network or a protocol", matters: true, names: &[
        "getservbyname", "getservbyname_r", "getservbyport", "getservbyport_r", "getservent", "getservent_r",
        "getprotobyname", "getprotobyname_r", "getprotobynumber", "getprotobynumber_r", "getprotoent", "getprotoent_r",
        "getnetbyname", "getnetbyname_r", "getnetbyaddr", "getnetbyaddr_r", "getnetent", "getnetent_r",
        "getrpcbyname", "getrpcbyname_r", "getrpcbynumber", "getrpcbynumber_r", "gethostent", "gethostent_r", "gethostid",
        "ether_hostton", "ether_ntohost",
    ] },
    Group { what: "a look-up of users or groups", matters: true, names: &[
        "getpwnam", "getpwnam_r", "getpwuid", "getpwuid_r", "getgrnam", "getgrnam_r", "getgrgid", "getgrgid_r", "getgrouplist",
        "getpwent", "getpwent_r", "getgrent", "getgrent_r", "initgroups", "getspnam", "getspnam_r", "getspent", "getspent_r",
        "innetgr", "getnetgrent", "getnetgrent_r", "setnetgrent", "getlogin", "getlogin_r", "cuserid", "getpw",
    ] },
    Group { what: "a look-up of names", matters: true, names: &[
        "getaddrinfo", "getnameinfo", "gethostbyname", "gethostbyname_r", "gethostbyname2", "gethostbyname2_r", "gethostbyaddr",
        "gethostbyaddr_r", "gai_suspend", "getaddrinfo_a", "res_query", "res_search", "res_querydomain", "res_send", "res_nquery",
        "res_nsearch", "res_nquerydomain", "res_nsend", "__res_query", "__res_search", "__res_querydomain", "__res_send",
        "__res_nquery", "__res_nsearch", "__res_nquerydomain", "__res_nsend", "getrrsetbyname",
    ] },
    Group { what: "sockets", matters: true, names: &[
        "accept", "accept4", "connect", "__connect", "recv", "__recv", "__recv_chk", "recvfrom", "__recvfrom_chk", "recvmsg",
        "recvmmsg", "send", "__send", "sendto", "sendmsg", "sendmmsg", "__sendmmsg",
    ] },
    Group { what: "reads and writes", matters: true, names: &[
        "read", "__read", "__read_chk", "readv", "write", "__write", "writev", "sendfile", "sendfile64", "splice", "tee",
        "vmsplice", "copy_file_range", "eventfd_read", "eventfd_write",
    ] },
    Group { what: "message queues", matters: true, names: &[
        "mq_receive", "mq_timedreceive", "mq_send", "mq_timedsend", "msgrcv", "msgsnd", "semop", "semtimedop",
    ] },
    Group { what: "waits for a disk", matters: true, names: &[
        "fsync", "fdatasync", "sync", "syncfs", "msync", "sync_file_range", "pread", "pread64", "__pread64", "__pread_chk",
        "__pread64_chk", "pwrite", "pwrite64", "__pwrite64", "preadv", "preadv64", "pwritev", "pwritev64", "preadv2", "preadv64v2",
        "pwritev2", "pwritev64v2", "aio_suspend", "aio_suspend64", "lio_listio", "lio_listio64",
    ] },
    Group { what: "waits for a lock on a file, or for the other end of a FIFO", matters: true, names: &[
        "flock", "lockf", "lockf64", "fcntl", "fcntl64", "__fcntl", "open", "open64", "__open", "__open64", "__open_2", "__open64_2",
        "openat", "openat64", "__openat_2", "__openat64_2", "creat", "creat64",
    ] },
    Group { what: "waits on many descriptors", matters: true, names: &[
        "poll", "__poll", "__poll_chk", "ppoll", "__ppoll_chk", "select", "__select", "pselect", "epoll_wait", "epoll_pwait",
        "epoll_pwait2",
    ] },
    Group { what: "waits by system calls of a library's own (libaio, liburing)", matters: true, names: &[
        "io_getevents", "io_pgetevents", "io_queue_run", "io_uring_enter", "io_uring_enter2", "io_uring_submit_and_wait",
        "io_uring_submit_and_wait_timeout", "io_uring_wait_cqes", "io_uring_wait_cqe_timeout", "__io_uring_get_cqe",
    ] },
    Group { what: "sleeps", matters: true, names: &[
        "sleep", "usleep", "nanosleep", "__nanosleep", "clock_nanosleep", "thrd_sleep",
    ] },
    Group { what: "locks", matters: true, names: &[
        "pthread_mutex_lock", "__pthread_mutex_lock", "pthread_mutex_timedlock", "pthread_mutex_clocklock", "mtx_lock",
        "mtx_timedlock", "pthread_cond_wait", "pthread_cond_timedwait", "pthread_cond_clockwait", "cnd_wait", "cnd_timedwait",
        "pthread_rwlock_rdlock", "pthread_rwlock_wrlock", "pthread_rwlock_timedrdlock", "pthread_rwlock_timedwrlock",
        "pthread_rwlock_clockrdlock", "pthread_rwlock_clockwrlock", "__pthread_rwlock_rdlock", "__pthread_rwlock_wrlock",
        "pthread_barrier_wait", "pthread_spin_lock", "sem_wait", "sem_timedwait", "sem_clockwait", "pthread_once",
        "__pthread_once", "call_once",
    ] },
    Group { what: "waits for a thread", matters: true, names: &[
        "pthread_join", "pthread_timedjoin_np", "pthread_clockjoin_np", "thrd_join",
    ] },
    Group { what: "waits for a child or for a signal", matters: true, names: &[
        "wait", "__wait", "waitpid", "__waitpid", "wait3", "wait4", "waitid", "system", "pclose", "pause", "sigsuspend",
        "__sigsuspend", "sigwait", "sigwaitinfo", "sigtimedwait", "__sigtimedwait", "sigpause", "__sigpause", "__xpg_sigpause",
    ] },
    Group { what: "reads or writes a stream", matters: true, names: &[
        "fgets", "fgets_unlocked", "__fgets_chk", "__fgets_unlocked_chk", "getline", "getdelim", "__getdelim", "fread",
        "fread_unlocked", "__fread_chk", "__fread_unlocked_chk", "fgetc", "fgetc_unlocked", "getc", "getc_unlocked", "_IO_getc",
        "getchar", "getchar_unlocked", "__uflow", "__underflow", "gets", "__gets_chk", "_IO_gets", "getw",
        "fputs", "fputs_unlocked", "fputc", "fputc_unlocked", "putc", "putc_unlocked", "_IO_putc", "putchar", "putchar_unlocked",
        "puts", "__overflow", "putw", "fwrite", "fwrite_unlocked", "printf", "fprintf", "vprintf", "vfprintf", "dprintf",
        "vdprintf", "__printf_chk", "__fprintf_chk", "__vprintf_chk", "__vfprintf_chk", "__dprintf_chk", "__vdprintf_chk",
        "fflush", "fflush_unlocked", "fclose", "flockfile",
    ] },
    Group { what: "reads a stream by a format", matters: true, names: &[
        "scanf", "fscanf", "vscanf", "vfscanf", "__isoc99_scanf", "__isoc99_fscanf", "__isoc99_vscanf", "__isoc99_vfscanf",
        "__isoc23_scanf", "__isoc23_fscanf", "__isoc23_vscanf", "__isoc23_vfscanf",
    ] },
    Group { what: "reads or writes a stream of wide characters", matters: false, names: &[
        "fgetwc", "fgetwc_unlocked", "getwc", "getwc_unlocked", "getwchar", "getwchar_unlocked", "fgetws", "fgetws_unlocked",
        "__fgetws_chk", "__fgetws_unlocked_chk", "fputwc", "fputwc_unlocked", "putwc", "putwc_unlocked", "putwchar",
        "putwchar_unlocked", "fputws", "fputws_unlocked", "wprintf", "fwprintf", "vwprintf", "vfwprintf", "__wprintf_chk",
        "__fwprintf_chk", "__vwprintf_chk", "__vfwprintf_chk", "wscanf", "fwscanf", "vwscanf", "vfwscanf", "__isoc99_wscanf",
        "__isoc99_fwscanf", "__isoc99_vwscanf", "__isoc99_vfwscanf", "__isoc23_wscanf", "__isoc23_fwscanf", "__isoc23_vwscanf",
        "__isoc23_vfwscanf", "__wuflow", "__wunderflow", "__woverflow",
    ] },
    Group { what: "writes to stderr inside libc", matters: false, names: &[
        "perror", "psignal", "psiginfo", "warn", "warnx", "vwarn", "vwarnx", "err", "errx", "verr", "verrx", "error",
        "error_at_line", "_flushlbf", "fcloseall",
    ] },
    Group { what: "a terminal", matters: false, names: &[
        "tcdrain", "tcsendbreak", "tcsetattr", "getpass",
    ] },
    Group { what: "a remote procedure call, or a shell", matters: false, names: &[
        "callrpc", "clnt_broadcast", "clnt_create", "clnttcp_create", "clntudp_create", "svc_run", "pmap_getport", "rcmd", "rcmd_af",
        "rexec", "rexec_af", "wordexp",
    ] },
];
