import Glibc

/// The programs that were built together with the tests.
package enum BuiltProduct {
    /// The `reconcile` that lies beside the test bundle, so that tests start the very code that they were built with.
    ///
    /// On Linux the bundle is itself the program that runs the tests: `.build/debug/<package>PackageTests.xctest`.
    package static var reconcile: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let tests = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return tests.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/reconcile"
    }
}
