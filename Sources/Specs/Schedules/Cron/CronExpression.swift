/// Times that repeat by the calendar, in cron's notation, with the meaning that Kubernetes' CronJob gives it.
///
/// That is robfig/cron's: a day matches if the day of the month *or* the day of the week does, unless one of the two is
/// left open. One extension: `SUN#3` in the day of the week is the third Sunday of the month.
package struct CronExpression: Hashable, Sendable {
    package var seconds: CronField
    package var minutes: CronField
    package var hours: CronField
    package var daysOfMonth: CronField
    package var months: CronField
    package var daysOfWeek: CronField
    /// Days of the week by their place in the month: bit `7 * (n - 1) + day` for the nth `day`, n of 1-5.
    package var nthDaysOfWeek: UInt64

    init(_ fields: [CronFormat.Part: CronField], nthDaysOfWeek: UInt64 = 0) {
        func field(_ part: CronFormat.Part) -> CronField { fields[part] ?? part.defaultField }
        seconds = field(.second).ignoringStar
        minutes = field(.minute).ignoringStar
        hours = field(.hour).ignoringStar
        months = field(.month).ignoringStar
        daysOfMonth = field(.dayOfMonth)
        daysOfWeek = field(.dayOfWeek)
        self.nthDaysOfWeek = nthDaysOfWeek
    }

    /// Whether no hour of a day is left out, so that an hour which a clock shows twice counts twice.
    var isEveryHour: Bool { hours.bits == CronField(0...23).bits }
}

extension CronField {
    /// Only the two fields of days ask whether they were left open; in the others it would make equals differ.
    fileprivate var ignoringStar: CronField { CronField(bits: bits) }
}

extension CronExpression: CustomStringConvertible {
    /// Five fields, or six with the seconds in front where they are not 0; equal expressions have equal text.
    package var description: String {
        let days = daysOfWeek.bits == 0 ? "" : daysOfWeek.text(0...6, keepsStar: true)
        let nth = (0..<35).filter { nthDaysOfWeek >> UInt64($0) & 1 == 1 }
            .map { "\(Weekday(rawValue: $0 % 7)?.cronName ?? "")#\($0 / 7 + 1)" }
        var fields = [
            minutes.text(0...59, keepsStar: false), hours.text(0...23, keepsStar: false),
            daysOfMonth.text(1...31, keepsStar: true), months.text(1...12, keepsStar: false),
            ((days.isEmpty ? [] : [days]) + nth).joined(separator: ","),
        ]
        if seconds.bits != 1 { fields.insert(seconds.text(0...59, keepsStar: false), at: 0) }
        return fields.joined(separator: " ")
    }
}
