/// The load over a day: quiet at night, a peak before and a higher one after lunch. The mean over a day is 1.
struct DayCurve {
  /// At each full hour.
  private static let hours: [Double] = [
    0.25, 0.2, 0.18, 0.18, 0.2, 0.3, 0.5, 0.8, 1.3, 1.75, 1.95, 1.8, 1.4, 1.65, 2.0, 2.1, 1.9, 1.5, 1.1, 0.95, 0.85,
    0.7, 0.5, 0.35,
  ]
  private static let mean = hours.reduce(0, +) / Double(hours.count)

  /// - Parameter hour: of the day, 0..<24.
  static func load(atHour hour: Double) -> Double {
    let index = Int(hour) % 24
    let part = hour - hour.rounded(.down)
    return (hours[index] * (1 - part) + hours[(index + 1) % 24] * part) / mean
  }
}
