import Testing

@testable import ReconcileCLI

/// Only what is clean, and of the program's own file, is given back.
struct ProgramPagesTests {
    private static let maps = """
        55d000000000-55d000001000 r--p 00000000 fe:00 123                        /usr/bin/reconcile
        Size:                  4 kB
        Anonymous:             0 kB
        Swap:                  0 kB
        VmFlags: rd mr mw me sd
        55d000001000-55d000003000 r-xp 00001000 fe:00 123                        /usr/bin/reconcile
        Anonymous:             0 kB
        Swap:                  0 kB
        55d000003000-55d000004000 r--p 00003000 fe:00 123                        /usr/bin/reconcile
        Anonymous:             4 kB
        Swap:                  0 kB
        55d000005000-55d000006000 r--p 00003000 fe:00 123                        /usr/bin/reconcile
        Anonymous:             0 kB
        Swap:                  4 kB
        55d000004000-55d000005000 rw-p 00004000 fe:00 123                        /usr/bin/reconcile
        Anonymous:             0 kB
        Swap:                  0 kB
        7f0000000000-7f0000001000 r-xp 00000000 fe:00 124                        /usr/lib/libc.so.6
        Anonymous:             0 kB
        Swap:                  0 kB
        7f0000002000-7f0000003000 rw-p 00000000 00:00 0
        Anonymous:             0 kB
        Swap:                  0 kB
        """

    @Test("what was relocated, can be written or is of another file stays")
    func clean() {
        let found = ProgramPages.cleanMappings(of: "/usr/bin/reconcile", in: Self.maps)
        #expect(found == [0x55d0_0000_0000..<0x55d0_0000_1000, 0x55d0_0000_1000..<0x55d0_0000_3000])
    }

    @Test("the program goes on as before")
    func goesOn() {
        #expect(ProgramPages.giveBack() > 0)
        #expect("a\(1 + 1)".uppercased() == "A2")
    }
}
