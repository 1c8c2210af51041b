import Storage

/// Judgements by the calls that they speak of. A judgement counts where its call does, and may come long after it.
struct JudgedCalls {
  private var byKey: [Int64: [StoredJudgement]] = [:]
  /// Those that came when their call was not at hand any more: by its id, else its trace id.
  private var bySubject: [String: [StoredJudgement]] = [:]
  /// Those that speak of no call.
  private var loose: [StoredJudgement] = []
  private let range: Range<Int64>

  init(_ reader: CallLogReader, _ query: ReportQuery) throws {
    range = query.range
    try reader.judgements(in: range.lowerBound..<max(range.upperBound, query.now)) { judgement in
      if let call = judgement.call {
        byKey[call, default: []].append(judgement)
      } else if !judgement.subject.isEmpty {
        bySubject[judgement.subject, default: []].append(judgement)
      } else if range.contains(judgement.time) {
        loose.append(judgement)
      }
    }
  }

  /// Whether calls have to be looked at.
  var nameCalls: Bool { !byKey.isEmpty || !bySubject.isEmpty }
  /// What is needed of a call to find its judgements.
  var texts: CallLogReader.Texts { bySubject.isEmpty ? [] : .ids }

  /// What was judged of a call; each judgement once.
  mutating func take(of call: StoredCall) -> [StoredJudgement] {
    var judged = byKey.removeValue(forKey: call.key) ?? []
    if bySubject.isEmpty { return judged }
    for subject in [call.callID, call.traceID] where !subject.isEmpty {
      judged += bySubject.removeValue(forKey: subject) ?? []
    }
    return judged
  }

  /// Those of the time asked about whose call was not taken: they count by themselves.
  var rest: [StoredJudgement] {
    loose + (Array(byKey.values.joined()) + Array(bySubject.values.joined())).filter { range.contains($0.time) }
  }
}
