/// Messages of DNS for tests, written without any code of the program.
package enum NameMessage {
    package static let a: UInt16 = 1
    package static let cname: UInt16 = 5
    package static let soa: UInt16 = 6
    package static let ptr: UInt16 = 12
    package static let mx: UInt16 = 15
    package static let txt: UInt16 = 16
    package static let aaaa: UInt16 = 28
    package static let srv: UInt16 = 33
    package static let https: UInt16 = 65

    package struct Record: Hashable, Sendable {
        package var name: String
        package var type: UInt16
        package var ttl: UInt32
        package var data: [UInt8]

        package init(_ name: String, _ type: UInt16, ttl: UInt32 = 300, _ data: [UInt8]) {
            self.name = name
            self.type = type
            self.ttl = ttl
            self.data = data
        }

        package static func a(_ name: String, _ bytes: UInt8..., ttl: UInt32 = 300) -> Record {
            Record(name, NameMessage.a, ttl: ttl, bytes)
        }

        package static func cname(_ name: String, _ target: String, ttl: UInt32 = 300) -> Record {
            Record(name, NameMessage.cname, ttl: ttl, NameMessage.wire(target))
        }

        package static func soa(_ name: String, minimum: UInt32, ttl: UInt32 = 300) -> Record {
            let numbers: [UInt8] = [UInt32](arrayLiteral: 1, 2, 3, 4, minimum).flatMap { NameMessage.bytes($0) }
            return Record(name, NameMessage.soa, ttl: ttl, wire("ns.\(name)") + wire("admin.\(name)") + numbers)
        }
    }

    package static func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }

    package static func bytes(_ number: UInt32) -> [UInt8] {
        bytes(UInt16(number >> 16)) + bytes(UInt16(number & 0xFFFF))
    }

    /// A name without compression, in the case that it is written in.
    package static func wire(_ name: String) -> [UInt8] {
        var wire: [UInt8] = []
        for label in name.split(separator: ".") {
            wire.append(UInt8(label.utf8.count))
            wire += label.utf8
        }
        return wire + [0]
    }

    /// A query as stub resolvers send it.
    package static func query(
        _ name: String, _ type: UInt16 = a, id: UInt16 = 0x1234, class: UInt16 = 1, flags: UInt16 = 0x0100,
        edns: UInt16? = nil
    ) -> [UInt8] {
        var query = bytes(id) + bytes(flags)
        query += [0, 1, 0, 0, 0, 0, 0, edns == nil ? 0 : 1]
        query += wire(name) + bytes(type) + bytes(`class`)
        guard let edns else { return query }
        query += [0, 0, 41] + bytes(edns)
        return query + [0, 0, 0, 0, 0, 0]
    }

    /// An answer to a query.
    ///
    /// - Parameter question: the name, type and class as they are in the query.
    package static func answer(
        id: UInt16, question: [UInt8], code: UInt8 = 0, isTruncated: Bool = false, _ records: [Record] = [],
        authority: [Record] = []
    ) -> [UInt8] {
        let flags: [UInt8] = [isTruncated ? 0x83 : 0x81, 0x80 | code]
        let head = bytes(id) + flags + bytes(question.isEmpty ? UInt16(0) : 1)
        let counts = bytes(UInt16(records.count)) + bytes(UInt16(authority.count)) + [0, 0]
        var message = head + counts + question
        for record in records + authority {
            message += wire(record.name) + bytes(record.type) + [0, 1]
            message += bytes(record.ttl) + bytes(UInt16(record.data.count)) + record.data
        }
        return message
    }
}

/// A reply as a client sees it, read by the simplest means.
package struct NameReply: Hashable, Sendable {
    package var id: UInt16
    package var code: UInt8
    package var isTruncated: Bool
    package var answers: [NameMessage.Record]
    package var bytes: [UInt8]

    /// The contents of records of a type: `192.0.2.1` of A, colons left out of AAAA.
    package var addresses: [String] {
        answers.filter { $0.type == NameMessage.a }.map { $0.data.map(String.init).joined(separator: ".") }
    }

    /// nil for what no client could read.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= 12, bytes[2] & 0x80 != 0 else { return nil }
        self.bytes = bytes
        id = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        code = bytes[3] & 0x0F
        isTruncated = bytes[2] & 0x02 != 0
        answers = []
        var place = 12
        for _ in 0..<bytes[5] {
            guard Self.name(bytes, &place) != nil else { return nil }
            place += 4
        }
        for _ in 0..<(Int(bytes[6]) << 8 | Int(bytes[7])) {
            guard let name = Self.name(bytes, &place), place + 10 <= bytes.count else { return nil }
            let type = UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
            let ttl = bytes[(place + 4)..<(place + 8)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let length = Int(bytes[place + 8]) << 8 | Int(bytes[place + 9])
            place += 10
            guard place + length <= bytes.count else { return nil }
            answers.append(.init(name, type, ttl: ttl, Array(bytes[place..<place + length])))
            place += length
        }
    }

    private static func name(_ bytes: [UInt8], _ place: inout Int) -> String? {
        var labels: [String] = []
        var (next, jumps): (Int?, Int) = (nil, 0)
        while place < bytes.count, jumps < 10 {
            let length = Int(bytes[place])
            if length >= 0xC0 {
                guard place + 1 < bytes.count else { return nil }
                next = next ?? place + 2
                place = (length & 0x3F) << 8 | Int(bytes[place + 1])
                jumps += 1
                continue
            }
            guard place + 1 + length <= bytes.count else { return nil }
            if length == 0 {
                place = next ?? place + 1
                return labels.joined(separator: ".")
            }
            labels.append(String(decoding: bytes[(place + 1)...(place + length)], as: UTF8.self))
            place += length + 1
        }
        return nil
    }
}
