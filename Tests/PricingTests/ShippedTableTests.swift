import Foundation
import Pricing
import Testing

@Suite struct ShippedTableTests {
  /// The report that was made with the table.
  private let report: String

  init() throws {
    let root = Fixture.directory.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    report = try String(contentsOf: root.appendingPathComponent("Sources/CPriceTable/PRICES.md"), encoding: .utf8)
  }

  @Test func shippedTableIsWhole() throws {
    let book = try PriceBook(layers: [.shipped])
    #expect(book.count >= 1_500)
    #expect(book.problemCount == 0, "\(book.problems.prefix(10))")
    #expect(Set(book.entries().map(\.provider)).count >= 20)
  }

  @Test func reportIsOfTheTableThatShips() throws {
    let book = try PriceBook(layers: [.shipped])
    let made = try #require(report.firstMatch(of: /on (\d{4}-\d\d-\d\d) from the tables/))
    #expect(book.version.hasPrefix(made.1 + "+"))
    let counts = try #require(
      report.firstMatch(of: /- (\d+) models of (\d+) providers, (\d+) of them with a price/))
    #expect(book.count == Int(counts.1))
    #expect(Set(book.entries().map(\.provider)).count == Int(counts.2))
    #expect(book.pricedCount == Int(counts.3))
  }
}
