/// Finds what a misspelt name was probably meant to be.
package enum NearestName {
    /// ``did you mean 'replicas'?``, or nil when nothing is near.
    package static func hint(for name: String, among known: [String]) -> String? {
        find(name, among: known).map { "did you mean '\($0)'?" }
    }

    /// The known name at the smallest distance, at most 2 (1 for names of up to three characters); the first of equals.
    ///
    /// Names of more than 64 characters, and more than 200 known names, have none: a hint must stay cheap.
    package static func find(_ name: String, among known: [String]) -> String? {
        guard name.utf8.count <= 64, known.count <= 200 else { return nil }
        let lowered = Array(name.lowercased().utf8)
        var best: (name: String, distance: Int)?
        for candidate in known where abs(candidate.utf8.count - lowered.count) <= 2 {
            let distance = distance(lowered, Array(candidate.lowercased().utf8))
            let allowed = min(lowered.count, candidate.utf8.count) <= 3 ? 1 : 2
            if distance <= min(allowed, (best?.distance ?? 3) - 1) { best = (candidate, distance) }
        }
        return best?.name
    }

    /// ``did you mean 'Workload/web'?``: the nearest name of the kind, or else one of another kind with just this name.
    package static func hint(for id: ResourceID, among known: [ResourceID]) -> String? {
        let name = find(id.name, among: known.filter { $0.kind == id.kind }.map(\.name))
        let meant = name.map { ResourceID(id.kind, $0) } ?? known.first { $0.name == id.name }
        return meant.map { "did you mean '\($0)'?" }
    }

    /// Insertions, deletions, substitutions and swaps of neighbours: the optimal string alignment distance.
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
