import Specs
import Testing

@testable import Drivers

struct SetElementBatchTests {
    @Test("a batch is, byte for byte, what the kernel's headers say")
    func bytes() {
        let element = SetElementBatch.Element(set: "s", address: .v4(0x5DB8_D822), lifetime: .seconds(300))
        let batch = SetElementBatch([element], table: "t", isRemoval: true, sequence: 7)
        let begin: [UInt8] = [20, 0, 0, 0, 0x10, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10]
        let table: [UInt8] = [6, 0, 1, 0, 0x74, 0, 0, 0]
        let set: [UInt8] = [6, 0, 2, 0, 0x73, 0, 0, 0]
        let key: [UInt8] = [12, 0, 1, 0x80, 8, 0, 1, 0, 0x5D, 0xB8, 0xD8, 0x22]
        let timeout: [UInt8] = [12, 0, 4, 0, 0, 0, 0, 0, 0, 4, 0x93, 0xE0]
        let added = [68, 0, 0, 0, 12, 10, 5, 4, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0] + table + set
        let removed = [56, 0, 0, 0, 14, 10, 5, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0] + table + set
        let end: [UInt8] = [20, 0, 0, 0, 0x11, 0, 1, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10]
        let withTime = added + [32, 0, 3, 0x80, 28, 0, 1, 0x80] + key + timeout
        let withoutTime = removed + [20, 0, 3, 0x80, 16, 0, 1, 0x80] + key
        #expect(batch.bytes == begin + withTime + withoutTime + end)
        #expect(batch.answered == 8..<10)
        #expect(batch.next == 11)
    }

    @Test("lists are cut before their length does not fit into 16 bits")
    func long() {
        let elements = (0..<2_500).map { number in
            SetElementBatch.Element(set: "s", address: .v6(UInt128(number)), lifetime: .seconds(1))
        }
        let batch = SetElementBatch(elements, table: "t", isRemoval: false, sequence: 0)
        #expect(batch.answered.count == 9)
    }
}
