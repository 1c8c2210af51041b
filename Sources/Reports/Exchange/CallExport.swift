import CivilTime
import Events
import Pricing
import Storage

public enum ExportFormat: String, CaseIterable, Sendable {
  case ndjson, csv
}

extension CallSource {
  /// Hands over the calls of a time as text, some kilobytes at a time: as many calls as there are, in constant memory. As
  /// NDJSON with what was judged in that time, after the calls of its file.
  public func export(
    _ query: ReportQuery, as format: ExportFormat, _ write: (String) throws -> Void
  ) throws {
    var text = format == .csv ? CallColumns.head : ""
    for (number, reader) in readers.enumerated() {
      let sets = try reader.sets()
      let versions = try reader.priceVersions()
      var grouping = try Grouping(by: [], filters: query.filters, zone: query.zone)
      for _ in 0..<number { grouping.add(sets: [:]) }
      grouping.add(sets: sets)
      try reader.callsApart(in: query.range) { call in
        guard
          grouping.key(reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time) != nil
        else { return }
        let set = sets[call.set] ?? CallSet()
        switch format {
        case .ndjson: CallRecord.append(call, set, priceVersion: versions[call.priceVersion] ?? "", to: &text)
        case .csv: CallColumns.append(call, set, priceVersion: versions[call.priceVersion] ?? "", to: &text)
        }
        if text.utf8.count > 1 << 16 {
          try write(text)
          text = ""
        }
      }
      guard format == .ndjson else { continue }
      try reader.judgements(in: query.range) { judgement in
        let set = judgement.set.flatMap { sets[$0] }
        let key = judgement.set.flatMap {
          grouping.key(reader: number, set: $0, user: judgement.user, outcome: 0, time: judgement.time)
        }
        if query.filters.isEmpty || key != nil { JudgementRecord.append(judgement, set, to: &text) }
      }
    }
    if !text.isEmpty { try write(text) }
  }
}
