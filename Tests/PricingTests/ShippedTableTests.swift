import Pricing
import Testing

@Suite struct ShippedTableTests {
  @Test func shippedTableIsWhole() throws {
    let book = try PriceBook(layers: [.shipped])
    #expect(book.count >= 1_500)
    #expect(book.problemCount == 0, "\(book.problems.prefix(10))")
    #expect(Set(book.entries().map(\.provider)).count >= 20)
    print(book.version, book.count, book.pricedCount)
  }
}
