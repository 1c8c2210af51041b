import CallMetrics
import Events
public import Pricing

/// Answers questions about prices for the command line: with the table that the daemon would use.
public struct PriceDesk {
  public struct Problem: Error, CustomStringConvertible {
    public var description: String
  }

  public let book: PriceBook

  public init(_ loader: ConfigurationLoader) throws { book = try Self.book(of: loader.load().configuration) }

  /// The table of a daemon with this configuration, one that it fetched included.
  static func book(of configuration: Configuration) throws -> PriceBook {
    let directory = configuration.storage.isEnabled ? try? StateDirectory(existing: configuration.storage.path) : nil
    return try PriceShelf(directory: directory).build(configuration.prices, logger: PriceShelf.silent)
  }

  public func list(_ filter: String) -> String {
    var lines: [String] = []
    for entry in book.entries() where filter.isEmpty || entry.name.contains(filter) {
      let rates = book.baseRates(of: entry.index)
        .map { "\($0.component.label) $\(Dollars.text($0.perMillionTokens))" }
      let other = rates.isEmpty ? entry.rates.prefix(3).map { "\($0.key) $\($0.dollars)" } : rates
      lines.append("\(entry.name)\t\(entry.provider)\t\(other.joined(separator: "  "))")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  public func lookup(model: String, provider: String, region: String) -> (text: String, isPriced: Bool) {
    let lookup = book.lookup(model: model, provider: provider, region: region)
    return (lookup.text, lookup.entry != nil)
  }

  /// - Parameter model: where it is given, the input is its usage object; else it is a whole event.
  public func price(_ input: [UInt8], model: String?, provider: String?) throws -> String {
    var line = input
    if let model {
      let owner = provider.map { ",\"provider\":" + JSONText.quote($0) } ?? ""
      line = Array("{\"model\":\(JSONText.quote(model))\(owner),\"usage\":".utf8) + input + [UInt8(ascii: "}")]
    }
    let now = WallClock.now
    var event = Event()
    do throws(Reject) {
      try EventDecoder().decode(line.span, into: &event, now: now)
    } catch {
      throw Problem(description: "not an event: \(error.reason.label) at byte \(error.position): \(error.detail)")
    }
    var pricer = Pricer(book: book)
    return pricer.explain(event, in: line.span, now: now).text
  }

  public static func validate(_ bytes: [UInt8], name: String) -> (text: String, isGood: Bool) {
    do throws(PriceTableError) {
      let book = try PriceBook(layers: [.table(bytes, name: name)])
      let problems = book.problems.map { "  \($0)\n" }.joined()
      let more =
        book.problemCount > book.problems.count ? "  and \(book.problemCount - book.problems.count) more\n" : ""
      let summary = "\(name): \(book.count) models, \(book.pricedCount) of them with prices, version \(book.version)"
      return (
        summary + (book.problemCount == 0 ? "" : "\n\(book.problemCount) left out:\n\(problems)\(more)"),
        book.problemCount == 0 && book.pricedCount > 0
      )
    } catch {
      return (error.description, false)
    }
  }
}
