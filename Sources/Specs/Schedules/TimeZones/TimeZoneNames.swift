/// Finds what somebody meant who wrote a time zone that does not exist.
enum TimeZoneNames {
    /// The name that differs only in case or separators, the one whose city was written alone, or the nearest one.
    static func nearest(_ name: String, among known: [String]) -> String? {
        let written = plain(name)
        if let same = known.first(where: { plain($0) == written }) { return same }
        if let city = known.first(where: { plain($0.split(separator: "/").last ?? "") == written && $0.contains("/") })
        {
            return city
        }
        // One abbreviation is near to all others, and each is another time.
        if name.utf8.count <= 5, name.allSatisfy({ $0.isUppercase }) { return nil }
        // The search takes 200 names at a time, so the best of each hundred meet again. Names that are much shorter or
        // longer cannot be near.
        let candidates = known.filter { abs($0.utf8.count - name.utf8.count) <= 2 }
        let winners = stride(from: 0, to: candidates.count, by: 100).compactMap { start in
            NearestName.find(name, among: Array(candidates[start..<min(start + 100, candidates.count)]))
        }
        return NearestName.find(name, among: winners)
    }

    /// What to write instead of an offset or an abbreviation.
    static func explanation(_ name: String) -> String {
        let isOffset = name.contains { $0 == "+" || $0 == "-" } && name.contains { $0.isNumber }
        if isOffset {
            return
                "an offset knows no daylight saving; write a place, such as Asia/Tokyo (or Etc/GMT-9, which is UTC+9)"
        }
        return "write a name of the IANA database, such as Asia/Tokyo or Europe/Berlin; abbreviations are ambiguous"
    }

    private static func plain(_ name: some StringProtocol) -> String {
        String(name.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    }
}
