import Specs
import Testing

@Suite("System calls have names, numbers and architectures")
struct SystemCallsTests {
    @Test(
        "a call has its number on each architecture that has it",
        arguments: [
            ("read", [0, 63, 3, 3]), ("open", [2, nil, 5, 5]), ("openat", [257, 56, 295, 322]),
            ("execve", [59, 221, 11, 11]), ("clone3", [435, 435, 435, 435]), ("socketcall", [nil, nil, 102, nil]),
            ("sync_file_range2", [nil, nil, nil, 341]), ("mseal", [462, 462, 462, 462]),
            ("spu_run", [nil, nil, nil, nil]),
        ] as [(String, [Int?])])
    func numbers(name: String, numbers: [Int?]) {
        #expect(SystemCalls.isKnown(name))
        #expect(SystemCalls.Architecture.allCases.map { SystemCalls.number(of: name, on: $0) } == numbers)
        let present = zip(SystemCalls.Architecture.allCases, numbers).filter { $0.1 != nil }.map(\.0)
        #expect(SystemCalls.architectures(of: name) == present)
    }

    @Test("what no architecture has", arguments: ["", "opennat", "Read", "read ", "reserved82", "syscalls", "-"])
    func unknown(name: String) {
        #expect(!SystemCalls.isKnown(name))
        #expect(SystemCalls.architectures(of: name) == [])
    }

    @Test(
        "a misspelt name is near the right one",
        arguments: [
            ("opennat", "openat"), ("mont", "mount"), ("pritnf", nil), ("ptrcae", "ptrace"),
            ("io_uring_setpu", "io_uring_setup"),
            ("", nil), ("keyctll", "keyctl"), ("clone4", "clone"), ("exceve", "execve"), ("zzzzzz", nil),
        ] as [(String, String?)])
    func nearest(name: String, expected: String?) { #expect(SystemCalls.nearest(to: name) == expected) }

    @Test("every name but the very short ones is found again when a letter is missing")
    func everyNearest() {
        for name in SystemCalls.names where name.count > 8 {
            let found = SystemCalls.nearest(to: String(name.dropLast()))
            #expect(found != nil, "\(name)")
        }
    }

    @Test("names are sorted, each once, and no number stands for two calls")
    func table() {
        let names = SystemCalls.names
        #expect(names.count > 400)
        #expect(zip(names, names.dropFirst()).allSatisfy { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        for architecture in [SystemCalls.Architecture.amd64, .arm64] {
            let numbers = names.compactMap { SystemCalls.number(of: $0, on: architecture) }
            #expect(Set(numbers).count == numbers.count)
            #expect(numbers.count > 300)
        }
    }
}
