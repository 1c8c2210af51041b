import CallMetrics

/// The counters or gauges of one group of a table.
struct ScalarLines {
  let table: TableSnapshot
  private let group: ScalarGroup
  private let parts: LineParts
  /// `_created` lines, where they are wanted and the family is a counter.
  private let createdParts: LineParts?

  init(_ group: ScalarGroup, of table: TableSnapshot, header: FamilyHeader, hasCreated: Bool) {
    self.table = table
    self.group = group
    let labels = group.values.map { value in labelBytes(group.label, value) }
    parts = LineParts(group.family.name, labels: labels)
    createdParts =
      hasCreated && group.family.name != header.name ? LineParts(header.name + "_created", labels: labels) : nil
  }

  func append(row: Int, header: inout PendingHeader, to output: inout [UInt8]) {
    let labels = table.labels[row]
    let base = row * table.layout.wordCount
    for index in group.values.indices {
      let word = base + group.word(index)
      let low = table.words[word]
      let high = group.scale == .pico ? table.words[word + 1] : 0
      if group.presence == .whenNotZero && low | high == 0 { continue }
      header.write(to: &output)
      parts.append(labels, index, to: &output)
      if group.scale == .pico {
        output.append(Int128(lowWord: low, highWord: high), in: .pico)
      } else {
        output.append(low, in: group.scale)
      }
      output.append(UInt8(ascii: "\n"))
      if let createdParts, table.created[row] > 0 {
        createdParts.append(labels, index, to: &output)
        output.append(table.created[row], in: .nano)
        output.append(UInt8(ascii: "\n"))
      }
    }
  }
}

/// `name="value"`, or nothing where there is no such label.
func labelBytes(_ name: String?, _ value: String) -> [UInt8] {
  var bytes: [UInt8] = []
  if let name { bytes.append(label: name, value: value) }
  return bytes
}

extension Int128 {
  @inline(__always)
  init(lowWord: Int64, highWord: Int64) {
    self = Int128(highWord) << 64 | Int128(UInt64(bitPattern: lowWord))
  }
}
