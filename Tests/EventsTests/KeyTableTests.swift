import Testing

@testable import Events

/// The tables of names, as data.
@Suite struct KeyTableTests {
  private let rows =
    EventNames.rows(captureText: true) + UsageNames.rows + PairNames.rows + Words.rows

  @Test func everyNameIsFoundInItsContextOnly() {
    let table = KeyTable(rows: rows, labelKeys: [])
    for row in rows {
      let name = Array(row.name.utf8)
      guard let found = table.find(row.context, name.span, 0, name.count) else {
        Issue.record("\(row.context) \(row.name) is not found")
        continue
      }
      #expect(Int(table[found].slot) == row.slot, "\(row.context) \(row.name)")
      let changed = name.dropLast() + [name[name.count - 1] ^ 1]
      let other = Array(changed)
      #expect(
        table.find(row.context, other.span, 0, other.count) == nil
          || rows.contains { $0.context == row.context && Array($0.name.utf8) == other })
    }
  }

  @Test func noNameStandsTwice() {
    var seen: Set<String> = []
    for row in rows { #expect(seen.insert("\(row.context) \(row.name)").inserted, "\(row.context) \(row.name)") }
    for context in KeyContext.allCases {
      #expect(rows.count { $0.context == context } <= 512)
    }
    #expect(rows.count + 3 * SlotLayout.labelLimit <= 2048)
  }

  /// Walks all paths from the event: two spellings of one field never tie, or the order of keys would decide.
  @Test func noTwoSpellingsTie() {
    var paths: [String: String] = [:]
    func walk(_ context: KeyContext, base: Int, rank: Int, path: String, depth: Int) {
      for row in rows where row.context == context {
        let name = path + "." + row.name
        let rowRank = rank + row.rank
        #expect(rowRank < 256)
        if row.slot != SlotLayout.nowhere, row.child == nil || row.keepsObject || row.context != .error {
          let other = paths.updateValue(name, forKey: "\(base + row.slot) \(rowRank)")
          // A number and an object of one name are told apart by their type.
          #expect(
            other == nil || name.hasPrefix(other ?? "") || other?.hasPrefix(name) == true, "\(name) and \(other ?? "")")
        }
        if let child = row.child, depth < 5, !(row.context == .error && row.name == "error") {
          walk(child, base: base + row.childBase, rank: rowRank, path: name, depth: depth + 1)
        }
      }
    }
    walk(.event, base: 0, rank: 0, path: "event", depth: 0)
  }
}
