import Foundation
import Glibc

/// A terminal that one program draws on: what was there before comes back at the end.
final class TerminalSession {
    private let before: termios
    private var drawn: [String] = []

    /// - Returns: nil where nobody looks or types, or the terminal cannot be drawn on.
    init?() {
        var settings = termios()
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
        guard !isDumb, isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0
        else { return nil }
        before = settings
        // Every key at once and unseen, signals as keys.
        settings.c_lflag &= ~UInt32(ICANON | ECHO | ISIG | IEXTEN)
        settings.c_iflag &= ~UInt32(IXON | ICRNL)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) == 0 else { return nil }
        // The alternate screen, without a cursor.
        write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
    }

    /// Puts everything back as it was.
    func end() {
        write("\u{1B}[?25h\u{1B}[?1049l")
        var settings = before
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }

    /// 24 rows and 80 columns where the terminal does not say.
    var size: (rows: Int, columns: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    /// Draws the lines that are others than before.
    func draw(_ lines: [String]) {
        var text = ""
        if lines.count != drawn.count {
            text = "\u{1B}[2J"
            drawn = []
        }
        for (row, line) in lines.enumerated() where row >= drawn.count || drawn[row] != line {
            text += "\u{1B}[\(row + 1);1H\u{1B}[0m\u{1B}[2K\(line)\u{1B}[0m"
        }
        drawn = lines
        if !text.isEmpty { write(text) }
    }

    /// The next picture is drawn whole: the terminal may have another size.
    func forget() { drawn = [] }

    private func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
