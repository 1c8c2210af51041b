public import CivilTime
import Pricing

/// A cell for people, and for programs.
public struct CellText: Sendable {
  var zone: TimeZone

  public init(zone: TimeZone) { self.zone = zone }

  /// For CSV and JSON: exact, in base units, empty where there is nothing.
  func exact(_ cell: Cell) -> String {
    switch cell {
    case .none: ""
    case .text(let text): text
    case .count(let count): String(count)
    case .dollars(let amount): DecimalText.exact(amount, scale: 12)
    case .duration(let nanoseconds): DecimalText.exact(Int128(nanoseconds), scale: 9)
    case .time(let instant): Instant.text(instant, in: zone)
    case .share(let part, let whole): ratio(part, whole)
    case .change(let before, let after): before == 0 ? "" : ratio(after - before, before)
    case .multiple(let thousandths), .mean(let thousandths), .score(let thousandths):
      DecimalText.exact(Int128(thousandths), scale: 3)
    }
  }

  /// To six places.
  private func ratio(_ part: Int128, _ whole: Int128) -> String {
    whole == 0 ? "" : DecimalText.exact(Self.scaled(part, by: 1_000_000, over: whole), scale: 6)
  }

  /// part × factor ÷ whole, rounded towards zero; money in 1e-12 dollars leaves room for the factor.
  static func scaled(_ part: Int128, by factor: Int128, over whole: Int128) -> Int128 {
    let (product, overflow) = part.multipliedReportingOverflow(by: factor)
    return overflow ? part / (whole / factor) : product / whole
  }

  /// For people.
  ///
  /// - Parameter places: of money, the same for a whole column.
  func human(_ cell: Cell, moneyPlaces places: Int) -> String {
    switch cell {
    case .none: "–"
    case .text(let text): Printable.text(text)
    case .count(let count): (count < 0 ? "-" : "") + DecimalText.grouped(String(count.magnitude))
    case .dollars(let amount): dollars(amount, places)
    case .duration(let nanoseconds): duration(nanoseconds)
    case .time(let instant): Instant.shortText(instant, in: zone)
    case .share(let part, let whole): whole == 0 ? "–" : percent(part, whole)
    case .change(let before, let after): before == 0 ? (after == 0 ? "–" : "new") : change(before, after)
    case .multiple(let thousandths): DecimalText.rounded(Int128(thousandths), scale: 3, places: 1, grouped: true) + "×"
    case .mean(let thousandths): DecimalText.rounded(Int128(thousandths), scale: 3, places: 1, grouped: true)
    case .score(let thousandths): DecimalText.rounded(Int128(thousandths), scale: 3, places: 2)
    }
  }

  private func percent(_ part: Int128, _ whole: Int128) -> String {
    let text = DecimalText.rounded(Self.scaled(part, by: 100_000, over: whole), scale: 3, places: 1)
    return text == "0.0" && part > 0 ? "<0.1%" : text + "%"
  }

  private func change(_ before: Int128, _ after: Int128) -> String {
    let text = DecimalText.rounded(Self.scaled(after - before, by: 100_000, over: before), scale: 3, places: 1) + "%"
    return after > before ? "+" + text : text
  }

  private func dollars(_ amount: Picodollars, _ places: Int) -> String {
    if amount == 0 { return "$0" }
    let text = DecimalText.rounded(amount, scale: 12, places: places, grouped: true)
    if !text.contains(where: { ("1"..."9").contains($0) }) {
      return (amount < 0 ? "-" : "") + "<$0." + String(repeating: "0", count: places - 1) + "1"
    }
    return amount < 0 ? "-$" + text.dropFirst() : "$" + text
  }

  private func duration(_ nanoseconds: Int64) -> String {
    let amount = Int128(nanoseconds)
    switch nanoseconds {
    case 0: return "0 ms"
    case ..<1_000_000: return DecimalText.rounded(amount, scale: 6, places: 2) + " ms"
    case ..<1_000_000_000: return DecimalText.rounded(amount, scale: 6, places: 0) + " ms"
    case ..<100_000_000_000: return DecimalText.rounded(amount, scale: 9, places: 2) + " s"
    default:
      let seconds = nanoseconds / 1_000_000_000
      return seconds < 3600
        ? "\(seconds / 60) min \(Digits.padded(Int(seconds % 60), 2)) s"
        : "\(seconds / 3600) h \(Digits.padded(Int(seconds / 60 % 60), 2)) min"
    }
  }

  /// Places behind the point that show the largest amount of a column well.
  static func moneyPlaces(_ cells: [Cell]) -> Int {
    var largest: Picodollars = 0
    for case .dollars(let amount) in cells { largest = max(largest, amount < 0 ? -amount : amount) }
    switch largest {
    case 1_000_000_000_000...: return 2
    case 10_000_000_000...: return 4
    default: return 6
    }
  }
}

/// Text from outside, safe for a terminal.
enum Printable {
  /// Control characters, and those that turn the direction of writing, become U+FFFD.
  static func text(_ text: String) -> String {
    var printable = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
      let isBreak = scalar.value == 0x2028 || scalar.value == 0x2029
      printable.append(isControl || isBreak ? "\u{fffd}" : scalar)
    }
    return String(printable)
  }

  /// Columns of a terminal that the text takes.
  static func width(_ text: String) -> Int {
    text.reduce(0) { $0 + width($1) }
  }

  static func width(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    if scalar.properties.isEmojiPresentation { return 2 }
    // East Asian wide and full-width forms. Source: Unicode Standard Annex 11.
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
      0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x20000...0x3fffd:
      return 2
    default:
      return scalar.properties.generalCategory == .nonspacingMark ? 0 : 1
    }
  }

  /// So much of the text as fits, with a mark where it was cut.
  static func fit(_ text: String, _ limit: Int) -> String {
    if width(text) <= limit { return text }
    var kept = ""
    var count = 1
    for character in text {
      count += width(character)
      if count > limit { break }
      kept.append(character)
    }
    return kept + "…"
  }
}
