/// Where the scanner puts what it found. One slot per field, whatever the spelling:
///
///     0 ..< 128      the event's own fields, by `EventField`
///     128 ..< 256    usage keys that stood in the event itself, by `UsageField`
///     256 ..< 384    usage keys of the usage object, by `UsageField`
///     384 ..< 448    the configured label keys
enum SlotLayout {
  static let event = 0
  static let flatUsage = 128
  static let usage = 256
  static let labels = 384
  static let labelLimit = 64
  static let count = 448
  /// The value goes nowhere (a key that only leads into an object, or is a label only).
  static let nowhere = 0xFFFF
}
