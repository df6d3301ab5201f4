// usage: attempt NAME...     tries what each name says and prints how the kernel took it, one line for each:
//                            'mount refused 1', with an error number; 'mount killed 31', with a signal; 'mount done'
//
// What programs of a container would try first to get out of it. Nothing here harms a host that lets it through: calls
// have arguments that the kernel refuses later, or change only what ends with the container. Static and without helpers,
// so that it runs in any image.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

// The number of an error, or 0.
static int answer(long result) { return result < 0 ? errno : 0; }

static int try_mount(void) { return answer(mount("none", "/tmp", "tmpfs", 0, "size=4k")); }
static int try_remount(void) { return answer(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL)); }
static int try_pivot_root(void) { return answer(syscall(SYS_pivot_root, "/nowhere", "/nowhere")); }
static int try_unshare(void) { return answer(unshare(CLONE_NEWNS)); }
static int try_unshare_user(void) { return answer(unshare(CLONE_NEWUSER)); }
static int try_setns(void) { return answer(setns(open("/proc/self/ns/net", O_RDONLY), CLONE_NEWNET)); }
static int try_ptrace(void) { return answer(ptrace(PTRACE_TRACEME, 0, NULL, NULL)); }
static int try_process_vm_readv(void) { return answer(syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0)); }
static int try_keyctl(void) { return answer(syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3, 0)); }
static int try_add_key(void) { return answer(syscall(SYS_add_key, "user", "attempt", "x", 1, -3)); }
static int try_bpf(void) { return answer(syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, NULL, 0)); }
static int try_perf(void) { return answer(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0)); }
static int try_io_uring(void) { return answer(syscall(425 /* io_uring_setup */, 1, NULL)); }
static int try_userfaultfd(void) { return answer(syscall(SYS_userfaultfd, O_CLOEXEC)); }
static int try_af_alg(void) { return answer(socket(38, SOCK_SEQPACKET, 0)); }
static int try_af_vsock(void) { return answer(socket(40, SOCK_STREAM, 0)); }
static int try_raw_ip(void) { return answer(socket(AF_INET, SOCK_RAW, 1)); }
static int try_raw_packet(void) { return answer(socket(AF_PACKET, SOCK_RAW, 0)); }
static int try_mknod(void) { return answer(mknod("/dev/attempt", S_IFBLK | 0600, makedev(7, 0))); }
static int try_chroot(void) { return answer(chroot("/")); }
static int try_module(void) { return answer(syscall(SYS_init_module, NULL, 0, "")); }
static int try_kexec(void) { return answer(syscall(SYS_kexec_load, 0, -1L, NULL, 0)); }
static int try_syslog(void) { return answer(syscall(SYS_syslog, 10 /* the size of the buffer */, NULL, 0)); }
static int try_swapoff(void) { return answer(syscall(SYS_swapoff, "/nowhere")); }
static int try_settime(void) { return answer(syscall(SYS_clock_settime, 0, NULL)); }
static int try_handle(void) { return answer(syscall(SYS_open_by_handle_at, -1, NULL, 0)); }
static int try_setuid(void) { return answer(setuid(0)); }

static int try_clone_user(void) {
    long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0L);
    if (child == 0) _exit(0);
    return answer(child);
}

static int try_write_root(void) { return answer(open("/attempt", O_CREAT | O_WRONLY, 0600)); }

// Writes back what is there.
static int try_proc_sys(void) {
    char text[64];
    const char *path = "/proc/sys/net/ipv4/ip_default_ttl";
    int in = open(path, O_RDONLY);
    ssize_t size = in < 0 ? -1 : read(in, text, sizeof text);
    int out = size < 0 ? -1 : open(path, O_WRONLY);
    return answer(out < 0 ? -1 : write(out, text, size));
}

// A call by the entry of 32-bit programs, which a filter of the native architecture alone never lets through.
static int int80(long number, long first, long second) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second) : "memory", "r8", "r9", "r10", "r11");
    return (int)result < 0 ? -(int)result : 0;
}

static int try_int80(void) { return int80(20 /* getpid */, 0, 0); }

static int try_int80_af_alg(void) {
    // 32-bit programs pass pointers of 32 bits.
    unsigned *arguments = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (arguments == MAP_FAILED) return errno;
    arguments[0] = 38;
    arguments[1] = SOCK_SEQPACKET;
    return int80(102 /* socketcall */, 1 /* socket */, (long)arguments);
}

// 200 children that wait; where they are too many, the error of the first that could not be made.
static int try_forks(void) {
    pid_t children[200];
    int count = 0, error = 0;
    while (count < 200 && error == 0) {
        pid_t child = fork();
        if (child == 0) {
            pause();
            _exit(0);
        }
        if (child < 0) error = errno;
        else children[count++] = child;
    }
    for (int index = 0; index < count; index++) kill(children[index], SIGKILL);
    while (wait(NULL) > 0) {}
    return error;
}

// 160 MiB that are really used.
static int try_memory(void) {
    for (int index = 0; index < 160; index++) {
        char *piece = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (piece == MAP_FAILED) return errno;
        memset(piece, 1, 1 << 20);
    }
    return 0;
}

static const struct {
    const char *name;
    int (*attempt)(void);
} attempts[] = {
    {"mount", try_mount}, {"remount", try_remount}, {"pivot_root", try_pivot_root}, {"unshare", try_unshare},
    {"unshare_user", try_unshare_user}, {"clone_user", try_clone_user}, {"setns", try_setns}, {"ptrace", try_ptrace},
    {"process_vm_readv", try_process_vm_readv}, {"keyctl", try_keyctl}, {"add_key", try_add_key}, {"bpf", try_bpf},
    {"perf", try_perf}, {"io_uring", try_io_uring}, {"userfaultfd", try_userfaultfd}, {"af_alg", try_af_alg},
    {"af_vsock", try_af_vsock}, {"raw_ip", try_raw_ip}, {"raw_packet", try_raw_packet}, {"mknod", try_mknod},
    {"chroot", try_chroot}, {"module", try_module}, {"kexec", try_kexec}, {"syslog", try_syslog},
    {"swapoff", try_swapoff}, {"settime", try_settime}, {"handle", try_handle}, {"setuid", try_setuid},
    {"write_root", try_write_root}, {"proc_sys", try_proc_sys}, {"int80", try_int80},
    {"int80_af_alg", try_int80_af_alg}, {"forks", try_forks}, {"memory", try_memory},
};

// In a process of its own: some attempts end in a signal.
static void report(const char *name, int (*attempt)(void)) {
    fflush(stdout);
    int ends[2], error = 0, status = 0;
    if (pipe(ends) != 0) exit(70);
    pid_t child = fork();
    if (child < 0) exit(71);
    if (child == 0) {
        error = attempt();
        if (write(ends[1], &error, sizeof error) != sizeof error) _exit(72);
        _exit(0);
    }
    close(ends[1]);
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) printf("%s killed %d\n", name, WTERMSIG(status));
    else if (read(ends[0], &error, sizeof error) == sizeof error && error != 0) printf("%s refused %d\n", name, error);
    else printf("%s done\n", name);
    close(ends[0]);
}

int main(int count, char **names) {
    for (int index = 1; index < count; index++) {
        for (size_t each = 0; each < sizeof attempts / sizeof attempts[0]; each++) {
            if (strcmp(names[index], attempts[each].name) == 0 || strcmp(names[index], "all") == 0) {
                report(attempts[each].name, attempts[each].attempt);
            }
        }
    }
    return 0;
}
