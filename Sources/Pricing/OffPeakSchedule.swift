/// The hours of an `off_peak_pricing` object, as they are read.
struct OffPeakSchedule {
  var windows: [OffPeakWindow] = []
  private var calendarOffset: Int16 = 0
  private static let maxWindows = 64

  /// Reads the object that the cursor stands at.
  /// - Returns: what was expected where something is wrong with it, or nil.
  mutating func read(_ cursor: inout JSONCursor, _ bytes: Span<UInt8>) throws(JSONSyntaxError) -> String? {
    var fault: String? = nil
    try cursor.take(UInt8(ascii: "{"), bytes, expected: "an object")
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "}")) {
      let key = try cursor.key(bytes)
      switch JSONCursor.text(key.range, isEscaped: key.isEscaped, bytes) {
      case "hours_utc": try readHours(&cursor, bytes, weekdays: OffPeakWindow.everyDay, &fault)
      case "windows": try readRules(&cursor, bytes, &fault)
      case "weekday_timezone":
        let zone = try Self.texts(&cursor, bytes).first ?? ""
        if let offset = OffPeakWindow.calendarOffsets[zone] {
          calendarOffset = offset
        } else {
          fault = "a weekday_timezone of UTC or of eastern Asia, not \(zone)"
        }
      default: try cursor.skipValue(bytes)
      }
    }
    for i in windows.indices { windows[i].calendarOffset = calendarOffset }
    return fault
  }

  /// `[{"hours_utc": …, "weekdays": [1, 2, "sat"]}, …]`
  private mutating func readRules(
    _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, _ fault: inout String?
  ) throws(JSONSyntaxError) {
    guard cursor.peek(bytes) == UInt8(ascii: "[") else {
      fault = "a list of windows"
      return try cursor.skipValue(bytes)
    }
    cursor.at += 1
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "]")) {
      guard cursor.peek(bytes) == UInt8(ascii: "{") else {
        fault = "windows that are objects"
        try cursor.skipValue(bytes)
        continue
      }
      cursor.at += 1
      var weekdays = OffPeakWindow.everyDay
      let firstWindow = windows.count
      var isFirstMember = true
      while try cursor.next(bytes, isFirst: &isFirstMember, closing: UInt8(ascii: "}")) {
        let key = try cursor.key(bytes)
        switch JSONCursor.text(key.range, isEscaped: key.isEscaped, bytes) {
        case "hours_utc": try readHours(&cursor, bytes, weekdays: OffPeakWindow.everyDay, &fault)
        case "weekdays": weekdays = try Self.weekdays(&cursor, bytes)
        default: try cursor.skipValue(bytes)
        }
      }
      for i in firstWindow..<windows.count { windows[i].weekdays = weekdays }
    }
  }

  private mutating func readHours(
    _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, weekdays: UInt8, _ fault: inout String?
  ) throws(JSONSyntaxError) {
    for text in try Self.texts(&cursor, bytes) {
      guard let hours = OffPeakWindow.hours(text), windows.count < Self.maxWindows else {
        fault = "hours such as 16:30-00:30, not \(text)"
        continue
      }
      windows.append(OffPeakWindow(weekdays: weekdays, calendarOffset: 0, start: hours.start, end: hours.end))
    }
  }

  private static func weekdays(_ cursor: inout JSONCursor, _ bytes: Span<UInt8>) throws(JSONSyntaxError) -> UInt8 {
    var days: UInt8 = 0
    for text in try texts(&cursor, bytes) {
      let day = Int(text) ?? OffPeakWindow.weekday(text) ?? 0
      if (1...7).contains(day) { days |= 1 << UInt8(day) }
    }
    return days
  }

  /// A string or number, or a list of them, as texts.
  private static func texts(_ cursor: inout JSONCursor, _ bytes: Span<UInt8>) throws(JSONSyntaxError) -> [String] {
    var texts: [String] = []
    guard cursor.peek(bytes) == UInt8(ascii: "[") else {
      if let text = try text(&cursor, bytes) { texts.append(text) }
      return texts
    }
    cursor.at += 1
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "]")) {
      if let text = try text(&cursor, bytes), texts.count < maxWindows { texts.append(text) }
    }
    return texts
  }

  private static func text(_ cursor: inout JSONCursor, _ bytes: Span<UInt8>) throws(JSONSyntaxError) -> String? {
    switch cursor.peek(bytes) {
    case UInt8(ascii: "\""):
      let value = try cursor.string(bytes)
      return JSONCursor.text(value.range, isEscaped: value.isEscaped, bytes)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      try cursor.skipValue(bytes)
      return nil
    default:
      return JSONCursor.text(try cursor.scalar(bytes), isEscaped: false, bytes)
    }
  }
}
