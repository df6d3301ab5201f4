import ReconcileTesting
import Reconciler
import Specs
import Testing

struct SizingTests {
    private static let web = ResourceID(.workload, "web")

    private func sample(
        _ workingSet: Int64, peak: Int64? = nil, cpus: Int64? = nil, kills: Int64 = 0, periods: Int64 = 0,
        throttled: Int64 = 0, container: String = "a"
    ) -> UsageSample {
        UsageSample(
            object: Self.web, container: container, workingSet: workingSet << 20, peakMemory: peak.map { $0 << 20 },
            kills: kills, nanoCPUs: cpus.map { $0 * 1_000_000 }, periods: periods, throttledPeriods: throttled)
    }

    private func history(_ samples: [UsageSample]) -> UsageHistory {
        var history = UsageHistory()
        for (number, sample) in samples.enumerated() { history.add(sample, at: .seconds(60 * number)) }
        return history
    }

    private func recommendation(_ samples: [UsageSample], _ resources: Resources) throws -> Recommendation {
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", resources: resources)))
        let object = try #require(desired.objects[Self.web])
        return Recommendation(object, try #require(history(samples).summary))
    }

    @Test("a percentile is right to 5 %, whatever the order")
    func percentiles() throws {
        var histogram = DecayingHistogram(first: 1, last: 1e6)
        #expect(histogram.percentile(0.5) == nil)
        for value in 1...1000 { histogram.add(Double(value * 37 % 1001), at: .zero) }
        for share in [0.5, 0.9, 0.95, 0.99] {
            let value = try #require(histogram.percentile(share))
            #expect(value >= share * 1000 * 0.99 && value <= share * 1000 * 1.06, "p\(share) is \(value)")
        }
        #expect(try #require(histogram.percentile(1)) >= 1000)
    }

    @Test("what was long ago counts for less, for ever")
    func decay() throws {
        var histogram = DecayingHistogram(first: 1, last: 1e6)
        for _ in 0..<1000 { histogram.add(1000, at: .zero) }
        for day in 0..<200 { for _ in 0..<10 { histogram.add(10, at: .seconds(86_400 * day)) } }
        #expect(try #require(histogram.percentile(0.95)) < 12)
    }

    @Test("a largest and a smallest number have a place as well")
    func ends() throws {
        var histogram = DecayingHistogram(first: 1, last: 100)
        histogram.add(0, at: .zero)
        #expect(histogram.percentile(1) == 1)
        histogram.add(1e9, at: .zero)
        #expect(try #require(histogram.percentile(1)) >= 100)
    }

    @Test("much too much memory and CPU are seen, with a margin of 15 %")
    func tooMuch() throws {
        let samples = (0..<200).map { _ in sample(100, peak: 110, cpus: 200) }
        let found = try recommendation(
            samples, Resources(cpus: CPUQuantity(nanoCPUs: 2_000_000_000), memory: ByteQuantity(bytes: 2 << 30)))
        #expect(found.isConfident)
        #expect(found.memory.declared == "2Gi" && found.memory.suggested == "116Mi")
        #expect(found.cpus?.declared == "2" && found.cpus?.suggested == "230m")
    }

    @Test("a peak between samples counts, and the file cache in it does not raise the limit")
    func peaks() throws {
        let spike = try recommendation((0..<200).map { sample($0 == 100 ? 300 : 100, peak: 900) }, Resources())
        #expect(spike.memory.suggested == "352Mi")
        let low = try recommendation((0..<200).map { _ in sample(100, peak: 100) }, Resources())
        #expect(low.memory.suggested == "116Mi")
    }

    @Test("where the kernel killed, the need is hidden by the limit")
    func kills() throws {
        let samples = (0..<200).map { sample(60, peak: 64, kills: $0 > 150 ? 1 : 0) }
        let found = try recommendation(samples, Resources(memory: ByteQuantity(bytes: 64 << 20)))
        #expect(found.memory.suggested == "80Mi" && found.memory.reason.contains("killed 1 times"))
        #expect(found.usage.kills == 1)
    }

    @Test("where the limit cuts CPU time short, so does it")
    func throttled() throws {
        let samples = (0..<200).map {
            sample(60, cpus: 500, periods: Int64($0) * 100, throttled: Int64($0) * 40)
        }
        let found = try recommendation(samples, Resources(cpus: CPUQuantity(nanoCPUs: 500_000_000)))
        #expect(found.cpus?.suggested == "750m" && found.cpus?.reason == "the limit cut 40 % of the periods short")
    }

    @Test("little is said to be little")
    func few() throws {
        let found = try recommendation([sample(1)], Resources())
        #expect(!found.isConfident && found.cpus == nil)
        #expect(found.memory.suggested == "6Mi", "Docker refuses less")
    }

    @Test("counters of a container that starts anew begin anew")
    func restarts() {
        let history = history([
            sample(1, kills: 3), sample(1, kills: 4), sample(1, kills: 1), sample(1, kills: 2, container: "b"),
        ])
        #expect(history.summary?.kills == 7)
    }

    @Test("the meter forgets objects, not without end")
    func bound() {
        let meter = UsageMeter()
        for number in 0..<2_100 {
            let object = ResourceID(.workload, "w\(number)")
            meter.take(
                [UsageSample(object: object, container: "c", workingSet: 1, periods: 0, throttledPeriods: 0)],
                at: .seconds(number))
        }
        let summaries = meter.summaries
        #expect(summaries.count == 2_000)
        #expect(summaries[ResourceID(.workload, "w0")] == nil && summaries[ResourceID(.workload, "w2099")] != nil)
    }
}
