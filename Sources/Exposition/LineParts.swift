/// The constant bytes around a row's labels, made once per family and format:
///
/// ```
/// llm_requests_total{model="gpt-4o",provider="openai",status="error"} 17
/// └──────head───────┘└────────the row's own─────────┘└───ending────┘
/// ```
struct LineParts: Sendable {
  /// For rows with labels and for rows without.
  private let heads: (labelled: [UInt8], bare: [UInt8])
  private let endings: (labelled: [[UInt8]], bare: [[UInt8]])

  /// - Parameter labels: rendered labels after the row's own, one text for each line; "" for none.
  init(_ name: String, labels: [[UInt8]]) {
    let comma = UInt8(ascii: ",")
    let close = Array("} ".utf8)
    heads = (
      labelled: Array("\(name){".utf8),
      bare: Array((labels.contains { !$0.isEmpty } ? "\(name){" : name).utf8)
    )
    endings = (
      labelled: labels.map { ($0.isEmpty ? [] : [comma] + $0) + close },
      bare: labels.map { $0.isEmpty ? [UInt8(ascii: " ")] : $0 + close }
    )
  }

  @inline(__always)
  func head(_ row: [UInt8]) -> [UInt8] { row.isEmpty ? heads.bare : heads.labelled }
  @inline(__always)
  func ending(_ row: [UInt8], _ index: Int) -> [UInt8] { row.isEmpty ? endings.bare[index] : endings.labelled[index] }

  /// Everything before the number.
  @inline(__always)
  func append(_ row: [UInt8], _ index: Int, to output: inout [UInt8]) {
    output.append(contentsOf: head(row))
    output.append(contentsOf: row)
    output.append(contentsOf: ending(row, index))
  }
}
