// adjtimex(2): whether the kernel's clock is kept right.
#include <sys/timex.h>
