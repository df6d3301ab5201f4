import Testing

/// What the error that `body` throws says.
func error(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch {
        return "\(error)"
    }
}

/// Expects that `body` throws, and what the error says.
func expect(_ body: () throws -> Void, says message: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let said = error(body)
    #expect(said == message, sourceLocation: sourceLocation)
}
