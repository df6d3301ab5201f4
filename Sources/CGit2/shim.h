#include <fcntl.h>
#include <git2.h>
#include <linux/capability.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Swift cannot call variadic functions: one wrapper for each option and call that we use.

static inline int reconcile_git_set_search_path(int level, const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}

static inline int reconcile_git_set_template_path(const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_TEMPLATE_PATH, path);
}

static inline int reconcile_git_set_certificate_file(const char *file) {
    return git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, (const char *)0);
}

static inline int reconcile_git_set_user_agent(const char *agent) {
    return git_libgit2_opts(GIT_OPT_SET_USER_AGENT, agent);
}

static inline int reconcile_git_set_window_size(size_t bytes) {
    return git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, bytes);
}

static inline int reconcile_git_set_mapped_limit(size_t bytes) {
    return git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, bytes);
}

static inline int reconcile_git_set_pack_object_limit(size_t count) {
    return git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECTS, count);
}

static inline int reconcile_git_set_fsync(int enabled) {
    return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, enabled);
}

static inline int reconcile_die_with_parent(void) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/// Whatever this process becomes, it gains no rights by it: no setuid program, no file capabilities.
static inline int reconcile_no_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/// Gives up every capability, those that a program started later would inherit included.
static inline int reconcile_drop_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}, {0, 0, 0}};
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return -1;
    return (int)syscall(SYS_capset, &header, none);
}

// The C library hides these from whoever does not define _GNU_SOURCE, which Swift's importer does not.

extern int memfd_create(const char *name, unsigned int flags);
extern int pipe2(int ends[2], int flags);
extern int setgroups(size_t count, const unsigned int *groups);
extern int setresuid(unsigned int real, unsigned int effective, unsigned int saved);
extern int setresgid(unsigned int real, unsigned int effective, unsigned int saved);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/// A file in memory that no other program inherits, or -1.
static inline int reconcile_memory_file(void) {
    return memfd_create("request", 1U | 2U /* MFD_CLOEXEC, MFD_ALLOW_SEALING */);
}

/// Nothing of the file can be changed any more, by nobody.
static inline int reconcile_seal_memory_file(int file) {
    // F_ADD_SEALS with F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_WRITE, which need _GNU_SOURCE.
    return fcntl(file, 1024 + 9, 1 | 2 | 4 | 8);
}
