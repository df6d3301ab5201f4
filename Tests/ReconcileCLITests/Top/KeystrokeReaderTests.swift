import Testing

@testable import ReconcileCLI

/// What a terminal sends for a key.
struct KeystrokeReaderTests {
    @Test(
        "sequences of terminals are keys, and others are none",
        arguments: [
            ("q", [Keystroke.character("q")]), ("\u{1B}[A\u{1B}[B", [.up, .down]), ("\u{1B}OA", [.up]),
            ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]), ("\u{1B}[H\u{1B}[4~", [.home, .end]), ("\u{1B}", [.escape]),
            ("\u{1B}[1;5Cx", [.character("x")]), ("\r\n\t\u{7F}\u{8}", [.enter, .enter, .tab, .backspace, .backspace]),
            ("\u{3}", [.interrupt]), ("\u{1}", []), ("ü本", [.character("ü"), .character("本")]), ("\u{1B}[", []),
        ])
    func keys(text: String, keys: [Keystroke]) {
        var reader = KeystrokeReader()
        #expect(reader.take(Array(text.utf8)) == keys)
    }

    @Test("a character that comes in two reads is one")
    func pieces() {
        var reader = KeystrokeReader()
        let bytes = Array("a本".utf8)
        #expect(reader.take(bytes[..<2]) == [.character("a")])
        #expect(reader.take(bytes[2...]) == [.character("本")])
    }
}
