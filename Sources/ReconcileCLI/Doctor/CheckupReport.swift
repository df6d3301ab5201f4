import Specs

/// What `reconcile doctor` prints.
struct CheckupReport: Encodable {
    /// For programs; members are only ever added within a version.
    var version = 1
    /// Nothing keeps the controller from working.
    var ok: Bool
    var checks: [CheckResult]

    init(_ checks: [CheckResult]) {
        self.checks = checks
        ok = !checks.contains { $0.status == .failed }
    }

    func text(_ style: Style) -> String {
        let (first, second) = (width { $0.status.rawValue }, width { $0.check })
        var lines: [String] = []
        for result in checks {
            let status = result.status.rawValue.padded(to: first)
            let name = result.check.padded(to: second)
            let indent = first + second + 4
            let found = Paragraph.lines(result.found, indent: indent)
            let opening = style(status, result.status.role) + "  " + name + "  "
            lines.append(opening + (found.first.map { String($0.dropFirst(indent)) } ?? ""))
            lines += found.dropFirst()
            if let hint = result.hint { lines += Paragraph.lines(hint, indent: indent).map { style($0, .frame) } }
        }
        return (lines + ["", summary]).joined(separator: "\n")
    }

    /// `1 failed, 2 warnings, 3 not supported here`
    private var summary: String {
        let words: [(CheckResult.Status, String)] = [
            (.failed, "failed"), (.warning, "to be known"), (.unsupported, "not supported here"), (.unknown, "unknown"),
            (.ok, "ok"),
        ]
        return words.compactMap { status, word in
            let count = checks.count { $0.status == status }
            return count > 0 ? "\(count) \(word)" : nil
        }.joined(separator: ", ")
    }

    private func width(_ text: (CheckResult) -> String) -> Int { checks.map { text($0).count }.max() ?? 0 }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

extension CheckResult.Status {
    fileprivate var role: Style.Role {
        switch self {
        case .ok: .help
        case .warning, .unsupported: .warning
        case .unknown: .info
        case .failed: .error
        }
    }
}
