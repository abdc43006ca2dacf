#include "common/base/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define DESCRIPTORS_MOST 64

#define COUNT_OF(rows) (sizeof(rows) / sizeof(rows)[0])

static const int allowed[] = {
    /* memory */
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    /* time and locks */
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday),
    SCMP_SYS(time), SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall),
    SCMP_SYS(getrandom),
    /* malloc asks how many processors there are, qsort() how much memory */
    SCMP_SYS(sched_getaffinity), SCMP_SYS(sysinfo),
    /* descriptors that are open, and sockets */
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(close),
    SCMP_SYS(fcntl), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(connect), SCMP_SYS(bind),
    SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
    SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
    SCMP_SYS(shutdown),
    /* its own end: abort() is to show as signal 6 */
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rseq),
    SCMP_SYS(set_robust_list)};

/* Libraries look for files (locales, name services): they are told no, and go on. */
static const int refused[] = {SCMP_SYS(open),       SCMP_SYS(openat), SCMP_SYS(stat),
                              SCMP_SYS(newfstatat), SCMP_SYS(access), SCMP_SYS(readlink)};

static int add_conditions(scmp_filter_ctx filter)
{
    int status = 0;
    for (int i = 0; i < 2 && status == 0; i++) {
        int call = i == 0 ? SCMP_SYS(mmap) : SCMP_SYS(mprotect);
        status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
                                  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    }
    for (int i = 0; i < 2 && status == 0; i++)
        status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                  SCMP_A0(SCMP_CMP_EQ, i == 0 ? AF_INET : AF_INET6));
    if (status == 0)
        status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    return status;
}

static int add_rules(scmp_filter_ctx filter)
{
    int status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    for (size_t i = 0; i < COUNT_OF(allowed) && status == 0; i++)
        status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < COUNT_OF(refused) && status == 0; i++)
        status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
    return status == 0 ? add_conditions(filter) : status;
}

int sandbox_enter_dns_client(struct error *err)
{
    struct rlimit descriptors = {DESCRIPTORS_MOST, DESCRIPTORS_MOST};
    if (setrlimit(RLIMIT_NOFILE, &descriptors) != 0)
        return error_system(err, "sandbox: limits");
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        return error_set(err, ERROR_SYSTEM, "sandbox: no memory");
    int status = add_rules(filter);
    if (status == 0)
        status = seccomp_load(filter);
    seccomp_release(filter);
    if (status != 0)
        return error_set(err, ERROR_SYSTEM, "sandbox: seccomp: %s", strerror(-status));
    return 0;
}
