#include <stddef.h>
#include <stdint.h>

// libFuzzer's entry point for programs with a main function of their own; it has no header.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
