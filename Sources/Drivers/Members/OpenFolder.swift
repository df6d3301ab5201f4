import Glibc

/// A file or folder of this host could not be used.
struct FileError: Error, Hashable {
    /// An error number of the C library.
    let code: Int32
    let path: String

    init(_ path: String, code: Int32 = errno) {
        self.code = code
        self.path = path
    }

    var isMissing: Bool { code == ENOENT }
    var text: String { String(cString: strerror(code)).lowercased() }
}

/// A folder of this host that is open: names are looked up in it and nowhere else, and no link is followed.
///
/// A container that got more rights than it should have can put links where our files were: what they lead to is neither
/// read nor written.
struct OpenFolder: ~Copyable {
    private let descriptor: CInt
    let path: String

    init(_ path: String) throws(FileError) {
        let opened = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw FileError(path) }
        (descriptor, self.path) = (opened, path)
    }

    private init(_ name: String, in parent: borrowing OpenFolder) throws(FileError) {
        let path = parent.path + "/" + name
        let opened = openat(parent.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw FileError(path) }
        (descriptor, self.path) = (opened, path)
    }

    deinit { close(descriptor) }

    /// A folder in this one.
    func folder(_ name: String) throws(FileError) -> OpenFolder { try OpenFolder(name, in: self) }

    /// Makes a folder in this one, unless it is there.
    ///
    /// - Returns: whether it was not there.
    @discardableResult
    func makeFolder(_ name: String, mode: mode_t) throws(FileError) -> Bool {
        let isNew = mkdirat(descriptor, name, mode) == 0
        guard isNew || errno == EEXIST else { throw FileError(path + "/" + name) }
        // The mode that was asked for is cut by the process's mask.
        if isNew, fchmodat(descriptor, name, mode, 0) != 0 { throw FileError(path + "/" + name) }
        return isNew
    }

    // MARK: Files

    /// Writes a file, whole or not at all: it has its name only once all of it is there.
    ///
    /// - Parameter replacing: false leaves a file of that name as it is, which only one of many writers can then make.
    /// - Returns: false when there was one, and it was not to be replaced.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String, mode: mode_t, replacing: Bool = true) throws(FileError) -> Bool {
        let draft = ".new-" + String(UInt64.random(in: 0...(.max)), radix: 16)
        let file = openat(descriptor, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file >= 0 else { throw FileError(path + "/" + name) }
        var failure = Self.fill(file, bytes) && fchmod(file, mode) == 0 ? 0 : errno
        close(file)
        if failure == 0 { failure = rename(draft, to: name, replacing: replacing) }
        if failure == 0 { return true }
        unlinkat(descriptor, draft, 0)
        if failure == EEXIST && !replacing { return false }
        throw FileError(path + "/" + name, code: failure)
    }

    private static func fill(_ file: CInt, _ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// - Returns: 0, or an error number.
    private func rename(_ draft: String, to name: String, replacing: Bool) -> Int32 {
        if replacing { return renameat(descriptor, draft, descriptor, name) == 0 ? 0 : errno }
        // A second name is refused where there is one, by every file system: not all know a rename that does.
        guard linkat(descriptor, draft, descriptor, name, 0) == 0 else { return errno }
        unlinkat(descriptor, draft, 0)
        return 0
    }

    /// A whole file; nil when there is none.
    ///
    /// - Throws: `FileError` with `EINVAL` for anything but a regular file, with `EFBIG` for one that is longer.
    func read(_ name: String, atMost limit: Int) throws(FileError) -> [UInt8]? {
        let place = path + "/" + name
        // A pipe would let us wait for ever.
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError(place)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw FileError(place) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(place, code: EINVAL) }
        guard status.st_size <= limit else { throw FileError(place, code: EFBIG) }
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: max(Int(status.st_size) - bytes.count, 0) + 1) {
                buffer, initialized in
                repeat {
                    count = Glibc.read(file, buffer.baseAddress, buffer.count)
                } while count < 0 && errno == EINTR
                initialized = max(count, 0)
            }
            guard count >= 0 else { throw FileError(place) }
            if count == 0 { return bytes }
            bytes += piece
        }
        throw FileError(place, code: EFBIG)
    }

    // MARK: Names

    /// What is in it, in the order of the names.
    func names() throws(FileError) -> [String] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw FileError(path) }
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw FileError(path)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func remove(_ name: String) throws(FileError) {
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else { throw FileError(path + "/" + name) }
    }

    /// Removes a folder in this one with all that is in it; one that is not there counts as removed.
    func removeFolder(_ name: String) throws(FileError) {
        do throws(FileError) {
            try folder(name).empty(depth: 0)
        } catch {
            if error.isMissing { return }
            throw error
        }
        guard unlinkat(descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw FileError(path + "/" + name)
        }
    }

    /// Removes all that is in it.
    func empty() throws(FileError) { try empty(depth: 0) }

    private func empty(depth: Int) throws(FileError) {
        // Ours has two levels; a deeper one was made to have us run out of stack.
        guard depth < 64 else { throw FileError(path, code: ELOOP) }
        for name in try names() where unlinkat(descriptor, name, 0) != 0 && errno != ENOENT {
            guard errno == EISDIR || errno == EPERM else { throw FileError(path + "/" + name) }
            try folder(name).empty(depth: depth + 1)
            guard unlinkat(descriptor, name, AT_REMOVEDIR) == 0 else { throw FileError(path + "/" + name) }
        }
    }
}
