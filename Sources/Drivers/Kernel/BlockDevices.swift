import Glibc

/// Devices of this machine by their paths.
enum BlockDevices {
    /// `major:minor`, as the kernel's files name it; nil where there is no such block device.
    static func number(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFBLK else { return nil }
        return "\(major(status.st_rdev)):\(minor(status.st_rdev))"
    }

    static func exists(_ path: String) -> Bool { number(of: path) != nil }

    // makedev(3): the numbers are spread over the value.
    private static func major(_ device: dev_t) -> dev_t { ((device >> 8) & 0xFFF) | ((device >> 32) & ~0xFFF) }
    private static func minor(_ device: dev_t) -> dev_t { (device & 0xFF) | ((device >> 12) & ~0xFF) }
}
