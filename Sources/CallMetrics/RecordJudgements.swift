import Events
import Pricing

/// Where a fallback, a feedback or a score is counted.
struct SideRoute: BitwiseCopyable {
  var row: Int32
  /// The value of its own label had to be altered, or was one too many.
  var isAltered = false
  var isLimited = false
  /// There were too many series: the whole set is `__other__`, which the call's own labels were not.
  var isOverflow = false
}

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
      route = side(.fallbacks, call.labelSet, [("from", from.value)], now: call.now)
      route.isAltered = mended.altered
      route.isLimited = from.limited
      fallbackRoutes.insert(route, key)
    }
    countLabels(of: route, own: labelSets.fromPlace)
    fallbacks.touch(row: Int(route.row), now: call.now)
    fallbacks.add(call.weight, row: Int(route.row), word: Int(event.fields.status.rawValue))
  }

  mutating func recordFeedback(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) {
    guard let rating = event.fields.rating else { return }
    let labelSet = judgedLabelSet(event, in: line, now: now)
    let route = side(.feedback, labelSet, [("category", event.fields.category.label)], now: now)
    if route.isOverflow { limited[labelSets.wholeSetPlace] &+= 1 }
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
      route = side(.scores, labelSet, [("name", name.value), ("evaluator", evaluator?.label ?? "")], now: now)
      route.isAltered = mended.altered
      route.isLimited = name.limited
      scoreRoutes.insert(route, key)
    }
    countLabels(of: route, own: labelSets.scoreNamePlace)
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
  private mutating func side(
    _ kind: RegistryTable, _ labelSet: Int32, _ extra: [(name: String, value: String)], now: Int64
  ) -> SideRoute {
    let own = labelSets.sets[Int(labelSet)].labels
    var labels = own
    for label in extra { LabelText.render(label.name, label.value, into: &labels) }
    if let row = table(kind, { $0.row(labels: labels) }) { return SideRoute(row: Int32(truncatingIfNeeded: row)) }
    if hasRoom(in: kind.of(self)) {
      labelSets.addSideRow(of: labelSet)
      if let name = extra.first { holdName(name.value, kind) }
      return SideRoute(row: sideRow(labels, kind, now: now))
    }
    labels = labelSets.render(labelSets.overflow)
    let isOverflow = labels != own
    for label in extra { LabelText.render(label.name, LabelText.other, into: &labels) }
    return SideRoute(row: sideRow(labels, kind, now: now), isOverflow: isOverflow)
  }

  private mutating func sideRow(_ labels: [UInt8], _ kind: RegistryTable, now: Int64) -> Int32 {
    if let row = table(kind, { $0.row(labels: labels) }) { return Int32(truncatingIfNeeded: row) }
    let earlier = dormant.take(labels, kind)
    return Int32(truncatingIfNeeded: table(kind) { $0.add(labels: labels, continuing: earlier, now: now) })
  }

  private mutating func countLabels(of route: SideRoute, own place: Int) {
    if route.isAltered { altered[place] &+= 1 }
    if route.isLimited { limited[place] &+= 1 }
    if route.isOverflow { limited[labelSets.wholeSetPlace] &+= 1 }
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
