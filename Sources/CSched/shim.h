// sched_setattr(2), for which glibc 2.36 has neither a function nor the struct.
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

struct thread_schedule {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    // Nanoseconds.
    uint64_t runtime;
    uint64_t deadline;
    uint64_t period;
};

// For the thread of the caller; -1 and errno as the kernel has it.
static inline int set_thread_schedule(const struct thread_schedule *schedule) {
    return (int)syscall(SYS_sched_setattr, 0, schedule, 0);
}
