// glibc keeps what tunes its allocator out of stdlib.h.
#include <malloc.h>
