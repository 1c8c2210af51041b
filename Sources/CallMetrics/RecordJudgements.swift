import Events
import Pricing

/// Fallbacks, feedback and scores: records whose labels are a call's and one or two more.
extension RegistryState {
  @inline(never)
  mutating func countFallback(_ event: borrowing Event, in line: Span<UInt8>, _ call: Call) {
    let salt = UInt64(UInt32(bitPattern: call.labelSet))
    let key = routeKeys.key(of: event.fields.fallbackFrom, event, in: line, salt: salt)
    var route: SideRoute
    if let known = fallbackRoutes.target(key) {
      route = known
    } else {
      let mended = LabelText.mend(event.bytes(of: event.fields.fallbackFrom, in: line))
      let from = fallbackNames.admit(pricer.alias(mended.value))
      route = sideRoute(.fallbacks, call.labelSet, [("from", from.value)], now: call.now)
      route.mark(altered: mended.altered, limited: from.limited)
      fallbackRoutes.insert(route, key)
    }
    countSide(route)
    fallbacks.touch(row: Int(route.row), now: call.now)
    fallbacks.add(call.weight, row: Int(route.row), word: Int(event.fields.status.rawValue))
  }

  mutating func recordFeedback(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) {
    guard let rating = event.fields.rating else { return }
    let labelSet = judgedLabelSet(event, in: line, now: now)
    let route = sideRoute(.feedback, labelSet, [("category", event.fields.category.label)], now: now)
    countSide(route)
    feedback.touch(row: Int(route.row), now: now)
    feedback.add(event.fields.weight, row: Int(route.row), word: Int(rating.rawValue))
  }

  mutating func recordScore(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) {
    guard event.fields.scoreNano >= 0 else { return }
    let labelSet = judgedLabelSet(event, in: line, now: now)
    let evaluator = event.fields.evaluator
    let salt = UInt64(UInt32(bitPattern: labelSet)) << 8 | UInt64(evaluator?.rawValue ?? 0xff)
    let key = routeKeys.key(of: event.fields.name, event, in: line, salt: salt)
    var route: SideRoute
    if let known = scoreRoutes.target(key) {
      route = known
    } else {
      let mended = LabelText.mend(event.bytes(of: event.fields.name, in: line))
      let name = scoreNames.admit(mended.value)
      route = sideRoute(
        .scores, labelSet, [("name", name.value), ("evaluator", evaluator?.label ?? "")], now: now)
      route.mark(altered: mended.altered, limited: name.limited)
      scoreRoutes.insert(route, key)
    }
    countSide(route)
    scores.touch(row: Int(route.row), now: now)
    scores.withHistograms(of: Int(route.row)) {
      $0.observe(event.fields.scoreNano, times: event.fields.weight, 0)
    }
  }

  /// The labels of the call that is judged: its own where the event names a model, else those of the call of its id
  /// or trace id within the last hour, else empty ones.
  private mutating func judgedLabelSet(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) -> Int32 {
    if event.fields.model.isEmpty, event.fields.requestModel.isEmpty {
      let hour: Int64 = 3_600_000_000_000
      for text in [event.fields.id, event.fields.traceID] where !text.isEmpty {
        if let labelSet = recentCalls.value(of: hash(text, event, in: line), within: hour, now: now) {
          return labelSet
        }
      }
    }
    return route(event, in: line, now: now).labelSet
  }

  /// The row for a label set and further labels; the one of `__other__` where there are too many series.
  private mutating func sideRoute(
    _ kind: RegistryTable, _ labelSet: Int32, _ extra: [(name: String, value: String)], now: Int64
  ) -> SideRoute {
    var route = SideRoute(row: 0, altered: 0, limited: 0)
    var labels = labelSets.sets[Int(labelSet)].labels
    for label in extra { LabelText.render(label.name, label.value, into: &labels) }
    let limit = configuration.maxSeries / 4
    let (isFull, isKnown) = table(kind) {
      ($0.count * $0.layout.potentialSeries >= limit, $0.row(labels: labels) != nil)
    }
    if isFull, !isKnown {
      route.limited = 1
      labels = labelSets.render(labelSets.overflow)
      for label in extra { LabelText.render(label.name, LabelText.other, into: &labels) }
    }
    if let known = table(kind, { $0.row(labels: labels) }) {
      route.row = Int32(truncatingIfNeeded: known)
      return route
    }
    let row = table(kind) { $0.add(labels: labels, now: now) }
    wakeSideRow(row, kind)
    if route.limited == 0 {
      labelSets.addSideRow(of: labelSet)
      if let name = extra.first { holdName(name.value, kind) }
    }
    route.row = Int32(truncatingIfNeeded: row)
    return route
  }

  private mutating func countSide(_ route: SideRoute) {
    if route.altered | route.limited == 0 { return }
    let last = limited.count - 1
    if route.altered != 0 { altered[last] &+= 1 }
    if route.limited != 0 { limited[last] &+= 1 }
  }

  /// A row shows this name of a score, or of a model that failed.
  mutating func holdName(_ name: String, _ kind: RegistryTable) {
    if kind == .fallbacks { fallbackNames.hold(name) }
    if kind == .scores { scoreNames.hold(name) }
  }

  private mutating func releaseName(_ name: String, _ kind: RegistryTable) {
    if kind == .fallbacks { fallbackNames.release(name) }
    if kind == .scores { scoreNames.release(name) }
  }

  private mutating func wakeSideRow(_ row: Int, _ kind: RegistryTable) {
    switch kind {
    case .calls: break
    case .fallbacks: dormant.wake(row: row, in: &fallbacks, kind)
    case .feedback: dormant.wake(row: row, in: &feedback, kind)
    case .scores: dormant.wake(row: row, in: &scores, kind)
    }
  }

  /// A row goes, and with it its hold on the values of its labels.
  mutating func removeSideRow(_ row: Int, _ kind: RegistryTable) {
    let labels = table(kind) { $0.labels[row] }
    table(kind) { $0.remove(row: row) }
    guard let parsed = LabelText.parse(String(decoding: labels, as: UTF8.self)) else { return }
    labelSets.removeSideRow(of: parsed.dropLast(kind.extraLabels).map(\.value))
    if let name = parsed.suffix(kind.extraLabels).first { releaseName(name.value, kind) }
  }
}

extension RegistryTable {
  /// Labels behind those of the call.
  var extraLabels: Int {
    switch self {
    case .calls: 0
    case .fallbacks, .feedback: 1
    case .scores: 2
    }
  }
}

extension RecordLayout {
  static let fallback = RecordLayout(
    scalars: [
      ScalarGroup(
        family: Family(
          "llm_fallbacks_total", .counter,
          help: "Calls to a second model because a first one failed; success is a rescue."),
        label: "outcome", values: CallStatus.allCases.map(\.label), firstWord: 0, scale: .one, presence: .always)
    ], histograms: [], wordCount: 2, histogramCount: 0)

  static let feedback = RecordLayout(
    scalars: [
      ScalarGroup(
        family: Family("llm_feedback_total", .counter, help: "Answers that people judged."),
        label: "rating", values: Rating.allCases.map(\.label), firstWord: 0, scale: .one, presence: .always)
    ], histograms: [], wordCount: 3, histogramCount: 0)

  static func score(_ bounds: HistogramBounds) -> RecordLayout {
    RecordLayout(
      scalars: [],
      histograms: [
        HistogramGroup(
          family: Family("llm_quality_score", .histogram, help: "Scores of answers, scaled to 0 to 1."),
          label: nil, values: [""], firstHistogram: 0, scale: .nano, bounds: bounds.score)
      ], wordCount: 0, histogramCount: 1)
  }
}
