import Foundation
import Specs
import Testing

/// The files of `Vectors/`; source, license and format stand in each.
enum Vectors {
    static func cases<Case: Decodable>(_ file: String, kind: String, as type: Case.Type) throws -> [Case] {
        let decoder = decoder
        if let wantedKind { decoder.userInfo[wantedKind] = kind }
        return try decoder.decode(Cases<Tagged<Case>>.self, from: data(file)).cases.compactMap(\.value)
    }

    static func cases<Case: Decodable>(_ file: String, as type: Case.Type) throws -> [Case] {
        try decoder.decode(Cases<Case>.self, from: data(file)).cases
    }

    fileprivate static let wantedKind = CodingUserInfoKey(rawValue: "kind")

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    private static func data(_ file: String) throws -> Data {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try Data(contentsOf: folder.appending(path: "Vectors/\(file).json"))
    }

    private struct Cases<Case: Decodable>: Decodable { var cases: [Case] }

    /// A case is decoded only for those who asked for its kind, and then as a whole; others have another shape.
    private struct Tagged<Case: Decodable>: Decodable {
        var kind: String
        var value: Case?

        enum CodingKeys: String, CodingKey { case kind }

        init(from decoder: any Decoder) throws {
            kind = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .kind)
            let wanted = wantedKind.flatMap { decoder.userInfo[$0] as? String }
            value = wanted == kind ? try Case(from: decoder) : nil
        }
    }
}

/// Numbers that are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// The time zones of this machine.
let zones = TimeZoneDatabase()

extension TimeZoneRules {
    static func named(_ name: String) throws -> TimeZoneRules { try zones.zone(name) }
}
