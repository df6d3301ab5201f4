import Specs
import Testing

struct CPUSetTests {
    @Test(
        "one set has one spelling",
        arguments: [
            ("0", "0"), ("0-3", "0-3"), ("3,2,1,0", "0-3"), ("0-1,3", "0-1,3"), ("7,0-3", "0-3,7"), ("1-4,2-6", "1-6"),
            ("", ""), ("0,0", "0"),
        ])
    func spelling(text: String, expected: String) throws {
        let set = try #require(CPUSet(text))
        #expect(set.description == expected)
        #expect(CPUSet(expected) == set)
    }

    @Test(
        "what is no set is none",
        arguments: ["a", "1-", "-1", "3-1", "0,,1", "8192", "1-2-3", " 0", "99999999999999999999"])
    func refused(text: String) { #expect(CPUSet(text) == nil) }

    @Test("the first so many are counted from 0")
    func first() {
        #expect(CPUSet(first: 2) == CPUSet("0-1"))
        #expect(CPUSet(first: 0).isEmpty && CPUSet(first: 0).highest == nil)
        #expect(CPUSet("0-3,7")?.count == 5 && CPUSet("0-3,7")?.highest == 7)
    }
}
