/// A call that a seccomp filter had the kernel write down, as one line of its log says it:
///
///     audit: type=1326 audit(1700000000.123:45): auid=… uid=1000 … pid=123 comm="mkdir" exe="/bin/busybox" sig=0
///     arch=c000003e syscall=83 compat=0 ip=0x… code=0x7ffc0000
package struct SeccompRecord: Hashable, Sendable {
    /// The kernel's own number of the process, as its first namespace counts.
    package var pid: Int32
    /// The name of the program, as it calls itself.
    package var command: String
    /// AUDIT_ARCH_…, see <linux/audit.h>.
    package var architecture: UInt32
    package var number: Int
    /// What the filter said: SECCOMP_RET_LOG and so on.
    package var action: UInt32

    /// nil for other lines. What stands before the record does not matter.
    package init?(line: String) {
        guard let start = line.firstRange(of: "type=1326 ") else { return nil }
        var fields: [Substring: Substring] = [:]
        for word in line[start.upperBound...].split(whereSeparator: \.isWhitespace) {
            guard let equals = word.firstIndex(of: "=") else { continue }
            // A name with a space in it is written in hex, so words are whole.
            let value = word[word.index(after: equals)...]
            fields[word[..<equals]] = value.hasPrefix("\"") ? value.dropFirst().prefix { $0 != "\"" } : value
        }
        guard let pid = fields["pid"].flatMap({ Int32($0) }), let number = fields["syscall"].flatMap({ Int($0) }),
            let architecture = fields["arch"].flatMap({ UInt32($0, radix: 16) }),
            let code = fields["code"], code.hasPrefix("0x"), let action = UInt32(code.dropFirst(2), radix: 16)
        else { return nil }
        self.pid = pid
        self.number = number
        self.architecture = architecture
        self.action = action
        command = fields["comm"].map { String($0) } ?? ""
    }

    /// The call was carried out and only written down.
    package var isLogged: Bool { action & 0xFFFF_0000 == 0x7FFC_0000 }
}
