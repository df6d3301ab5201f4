import Specs
import Testing

@testable import Reconciler

/// How connections are shared in whole numbers.
struct CanaryShareTests {
    @Test("new members never have more than their share, and it is exact where whole numbers allow")
    func exact() {
        #expect(CanaryShare(weight: Percentage(10), needed: 1, new: 1, old: 3) == (1, 3))
        #expect(CanaryShare(weight: Percentage(25), needed: 1, new: 1, old: 3) == (1, 1))
        #expect(CanaryShare(weight: Percentage(20), needed: 1, new: 1, old: 1) == (1, 4))
        #expect(CanaryShare(weight: Percentage(90), needed: 2, new: 2, old: 2) == (9, 1))
        #expect(CanaryShare(weight: Percentage(50), needed: 2, new: 1, old: 3) == (1, 1), "half of them, half of it")
        #expect(CanaryShare(weight: Percentage(100), needed: 3, new: 3, old: 1) == (1, 0))
        #expect(CanaryShare(weight: Percentage(hundredths: 1), needed: 1, new: 1, old: 1) == (1, 1_000))
    }

    @Test(
        "weights are within what rules can hold, and the share of new members is never exceeded by more than rounding")
    func bounds() {
        for weight in stride(from: Int64(10), through: 9_990, by: 499) {
            for (needed, new, old) in [(1, 1, 1), (1, 1, 999), (7, 5, 13), (300, 300, 1), (13, 13, 87)] {
                let share = CanaryShare(weight: Percentage(hundredths: weight), needed: needed, new: new, old: old)
                #expect((1...1_000).contains(share.new) && (1...1_000).contains(share.old))
                let part = Double(share.new * new) / Double(share.new * new + share.old * old)
                let meant = Double(weight) / 10_000 * Double(min(new, needed)) / Double(needed)
                #expect(part <= meant + 1e-9 || share.new == 1, "\(weight), \(new) beside \(old): \(part)")
            }
        }
    }
}

extension CanaryShare {
    fileprivate static func == (share: Self, weights: (Int, Int)) -> Bool { (share.new, share.old) == weights }
}
