import FoundationEssentials

/// Moves the wall clock of one program by as much as a file says, and lets its other clocks and timers alone.
///
/// A small library for `LD_PRELOAD`. libfaketime moves timers too, so that a Swift program under it sleeps for ever.
package struct ClockShim: Sendable {
    private let folder: ScratchFolder

    private static let source = #"""
        #define _GNU_SOURCE
        #include <stdio.h>
        #include <stdlib.h>
        #include <time.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <unistd.h>

        static long offset(void) {
            long seconds = 0;
            FILE *file = fopen(getenv("CLOCK_SHIM_OFFSET"), "re");
            if (file) {
                if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
                fclose(file);
            }
            return seconds;
        }
        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = (int)syscall(SYS_clock_gettime, clock, time);
            if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += offset();
            return result;
        }
        int gettimeofday(struct timeval *restrict time, void *restrict zone) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return 0;
        }
        time_t time(time_t *result) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (result) *result = now.tv_sec;
            return now.tv_sec;
        }
        """#

    /// Builds the library in a folder.
    package init(in folder: ScratchFolder) async throws {
        self.folder = folder
        let source = try folder.write("clock.c", Self.source)
        try await TestCommand.run("gcc", ["-shared", "-fPIC", "-O1", "-o", folder.path + "/clock.so", source])
        try set(seconds: 0)
    }

    /// Moves the clock of the running programs to this distance from the real one.
    package func set(seconds: Int) throws { try folder.write("clock-offset", String(seconds)) }

    /// For `Program.launcher`.
    package var launcher: [String] {
        ["LD_PRELOAD=\(folder.path)/clock.so", "CLOCK_SHIM_OFFSET=\(folder.path)/clock-offset"]
    }
}
