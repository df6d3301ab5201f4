// statfs(2): which kind of file system a place is on.
#include <sys/statfs.h>
