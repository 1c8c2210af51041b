import Events
import Pricing
import Yams

/// Reads `prices.overrides`: entries in the price table's own form, judged by the table's own reader. A table's bad entry
/// is left out; one of the configuration's is a mistake, since the price that it should replace would stay.
enum OverrideSection {
  static func read(_ node: Node, _ configuration: inout Configuration, _ reader: inout SectionReader) {
    for (name, node) in reader.members(node, expected: "a mapping from model to its prices") {
      guard case .mapping = node else {
        reader.report(node, at: name, expected: "a mapping of prices, such as {input_cost_per_token: 1e-6}")
        continue
      }
      let entry = YAMLAsJSON.text(node)
      let problemsBefore = reader.problems.count
      // Each by itself: the table's reader tells the first fault of an entry only.
      for (key, value) in reader.members(node, at: name, expected: "a price's key") {
        judge(key, value, of: name, &reader)
      }
      if reader.problems.count == problemsBefore, book(name, entry, &reader, node)?.pricedCount == 0 {
        reader.report(
          node, at: name, found: "no price", expected: "at least one, such as input_cost_per_token (0 is a price)")
      }
      configuration.prices.overrides[name] = entry
    }
  }

  private static func judge(_ key: String, _ value: Node, of name: String, _ reader: inout SectionReader) {
    let path = "\(name).\(key)"
    if !PriceKeys.isKnown(key) {
      // Entries may be copied from LiteLLM's table, whose other keys are three edits and more from those that count.
      if let meant = FlagParser.nearest(to: key, among: PriceKeys.names, within: 2) {
        reader.report(value, at: path, found: key, expected: "a key of the price table; did you mean \(meant)?")
      }
      return
    }
    let member = "{\(JSONText.quote(key)):\(YAMLAsJSON.text(value))}"
    for problem in book(name, member, &reader, value)?.problems ?? [] {
      let inside = problem.key == key ? path : "\(path).\(problem.key)"
      reader.report(value, at: inside, expected: problem.expected.isEmpty ? problem.message : problem.expected)
    }
  }

  /// A book of one entry; nil where it can't be read at all, which is reported.
  private static func book(_ name: String, _ entry: String, _ reader: inout SectionReader, _ node: Node) -> PriceBook? {
    do throws(PriceTableError) {
      let table = Array("{\(JSONText.quote(name)):\(entry)}".utf8)
      return try PriceBook(layers: [.overrides(table, name: reader.file)])
    } catch {
      reader.report(node, at: name, expected: "an entry of a price table (\(error))")
      return nil
    }
  }
}
