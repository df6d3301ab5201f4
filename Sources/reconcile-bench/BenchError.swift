/// Why a figure could not be measured. A missed goal is a figure, not an error.
struct BenchError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
