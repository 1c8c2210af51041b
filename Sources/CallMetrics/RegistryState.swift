public import Events
public import Pricing

/// Where a call is counted and priced.
struct CallRoute: BitwiseCopyable {
  var labelSet: Int32
  /// A bit for each label whose value had to be altered, and for each that had too many values.
  var altered: UInt32
  var limited: UInt32
  /// In the prices seen; -1: no entry of the table is its.
  var seenPrice: Int32 = -1
  var price: PriceRoute
}

/// Everything the registry counts. Owned by one lock; see `Registry`.
public struct RegistryState: ~Copyable, Sendable {
  let configuration: RegistryConfiguration
  let userHash: SipHash?
  /// Key fields of the labels behind `model`, `provider` and `operation`.
  let labelFields: [KeyField]

  var pricer: Pricer
  /// What the last call cost that was counted: for the call log, which stands beside the counters.
  public internal(set) var lastCost = CallCost(.unpriced(.unknownModel))
  var tallies = EventTallies()
  var labelSets: LabelSets
  /// Events that lost a label's value to a limit, and events of which one was mended, in the order of
  /// `LabelSets.countedNames`.
  var limited: [Int64]
  var altered: [Int64]

  var calls: RecordTable
  var fallbacks: RecordTable
  var feedback: RecordTable
  var scores: RecordTable
  var callRoutes = RouteTable(unused: CallRoute(labelSet: 0, altered: 0, limited: 0, price: PriceRoute()))
  let routeKeys = RouteKeyMaker()
  var fallbackRoutes = RouteTable(unused: SideRoute(row: 0))
  var scoreRoutes = RouteTable(unused: SideRoute(row: 0))
  var scoreNames: LimitedValues
  var fallbackNames: LimitedValues

  var inFlight: CallsInFlight
  /// Label set by hash of id and of trace id, for the feedback that follows.
  var recentCalls = RecentHashes(capacity: 1 << 16)
  var recentPrompts = RecentHashes(capacity: 1 << 16)
  var gauges: ReportedGauges
  var sessions = Sessions()
  let identityHash: SipHash
  var users = UsersActive()
  var budgets = BudgetLedger()
  var topUsers: TopUsers
  /// Hosts with the same key of user ids, or with none, hash alike: their distinct users can be united.
  let sketchHash: SipHash
  /// Events that were counted, so that a resend is not.
  var seen: SeenEvents
  /// Events that an earlier process forgot before their time.
  var restoredEvictions: Int64 = 0
  /// Whether the events at hand are remembered and may be acknowledged.
  var remembers = false
  /// What a store keeps besides: see `Registry.keepForStore`.
  var isStored = false
  var isCopying = false
  var dormant = DormantRecords()
  var pricesSeen = SeenPrices()

  init(configuration: RegistryConfiguration, prices: PriceBook) {
    self.configuration = configuration
    pricer = Pricer(book: prices)
    userHash = configuration.userHashKey.map(SipHash.init(key:))
    var customKeys = 0
    labelFields = configuration.labels.map { label in
      if case .custom = label { customKeys += 1 }
      return KeyField(label, customIndex: customKeys - 1)
    }
    labelSets = LabelSets(configuration: configuration)
    limited = Array(repeating: 0, count: labelSets.countedNames.count)
    altered = limited
    calls = RecordTable(layout: .call(configuration.bounds))
    fallbacks = RecordTable(layout: .fallback)
    feedback = RecordTable(layout: .feedback)
    scores = RecordTable(layout: .score(configuration.bounds))
    scoreNames = LimitedValues(limit: configuration.maxLabelValues)
    fallbackNames = scoreNames
    inFlight = CallsInFlight(limit: configuration.maxInFlight)
    gauges = ReportedGauges(limit: configuration.maxLabelValues)
    identityHash = SipHash(key: configuration.rememberKey)
    sketchHash = SipHash(key: configuration.userHashKey ?? [])
    topUsers = TopUsers(count: configuration.topUsers)
    seen = SeenEvents(limit: configuration.maxRememberedEvents, window: configuration.rememberFor)
  }

  // MARK: Events

  /// Counts one decoded event, in exactly one of accepted, dropped and duplicate.
  ///
  /// - Returns: whether it was accepted.
  @discardableResult
  public mutating func record(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) -> Bool {
    if remembers, isResend(event, in: line, now: now) {
      tallies.duplicate &+= 1
      return false
    }
    let dropped: DropReason?
    switch event.fields.kind {
    case .call:
      recordCall(event, in: line, now: now)
      dropped = nil
    case .start: dropped = recordStart(event, in: line, now: now)
    case .feedback:
      recordFeedback(event, in: line, now: now)
      dropped = nil
    case .score:
      recordScore(event, in: line, now: now)
      dropped = nil
    case .gauge: dropped = recordGauge(event, in: line, now: now)
    case .flush: dropped = nil
    }
    if let dropped {
      tallies.dropped[dropped] &+= 1
    } else {
      tallies.accepted[event.fields.kind] &+= 1
    }
    return dropped == nil
  }

  @inline(__always)
  private mutating func isResend(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) -> Bool {
    if event.fields.id.isEmpty || event.fields.kind == .flush { return false }
    return !seen.insert(identity(event, in: line), now: now)
  }

  // MARK: Routes

  /// Finds where a call is counted: one look-up, unless its key is new.
  @inline(__always)
  mutating func route(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) -> CallRoute {
    let key = routeKeys.key(ofCall: event, in: line, labelFields)
    let route = callRoutes.target(key) ?? makeRoute(event, in: line, key)
    if route.altered | route.limited != 0 { countLabels(altered: route.altered, limited: route.limited) }
    return route
  }

  mutating func countLabels(altered alteredBits: UInt32, limited limitedBits: UInt32) {
    for i in 0...labelSets.names.count {
      if alteredBits >> UInt32(i) & 1 == 1 { altered[i] &+= 1 }
      if limitedBits >> UInt32(i) & 1 == 1 { limited[i] &+= 1 }
    }
  }

  @inline(never)
  private mutating func makeRoute(_ event: borrowing Event, in line: Span<UInt8>, _ key: RouteKey) -> CallRoute {
    let resolution = pricer.resolve(event, in: line)
    var route = CallRoute(labelSet: 0, altered: 0, limited: 0, price: resolution.route)
    var values = identityValues(event, in: line, resolution, &route)
    for (i, field) in labelFields.enumerated() {
      let label = values.count
      let value = labelValue(field, event, in: line)
      admit(value.value, altered: value.altered, label: label, into: &values, &route)
      assert(i + 3 == label)
    }
    if !hasRoom(for: values) {
      values = labelSets.overflow
      route.limited |= 1 << UInt32(labelSets.names.count)
    }
    route.labelSet = labelSets.number(of: values)
    if route.price.answered >= 0 || route.price.asked >= 0, values[0] != LabelText.other {
      route.seenPrice = pricesSeen.place(of: .init(name: values[0], provider: values[1]), route.price)
    }
    callRoutes.insert(route, key)
    return route
  }

  private mutating func identityValues(
    _ event: borrowing Event, in line: Span<UInt8>, _ resolution: ModelResolution, _ route: inout CallRoute
  ) -> [String] {
    let named = event.fields.requestModel.isEmpty ? event.fields.model : event.fields.requestModel
    let rawModel = LabelText.mend(event.bytes(of: named, in: line))
    let folded = configuration.foldUnknownModels && resolution.isUnknown && !named.isEmpty
    let model = folded ? LabelText.other : LabelText.mend(Array(resolution.model.utf8)).value
    let provider = LabelText.mend(Array(resolution.provider.utf8))
    let operation = LabelText.mend(event.bytes(of: event.fields.operation, in: line))
    var values: [String] = []
    admit(model, altered: rawModel.altered, label: 0, into: &values, &route)
    admit(provider.value, altered: provider.altered, label: 1, into: &values, &route)
    admit(
      operation.value.isEmpty ? "chat" : operation.value, altered: operation.altered, label: 2, into: &values, &route)
    return values
  }

  private mutating func admit(
    _ value: String, altered: Bool, label: Int, into values: inout [String], _ route: inout CallRoute
  ) {
    let admitted = labelSets.admit(value, label: label)
    values.append(admitted.value)
    let bit: UInt32 = 1 << UInt32(label)
    if altered { route.altered |= bit }
    if admitted.limited { route.limited |= bit }
  }

  private func labelValue(
    _ field: KeyField, _ event: borrowing Event, in line: Span<UInt8>
  ) -> (value: String, altered: Bool) {
    let bytes = event.bytes(of: field.text(of: event), in: line)
    if field.kind == .user, let userHash, !bytes.isEmpty { return (userHash.hexadecimal(bytes), false) }
    return LabelText.mend(bytes)
  }

  /// The row in which a label set's calls are counted; made at the first one.
  @inline(__always)
  mutating func callRow(of labelSet: Int32, now: Int64) -> Int {
    let row = labelSets.sets[Int(labelSet)].row
    if row >= 0 {
      calls.touch(row: Int(row), now: now)
      return Int(row)
    }
    return makeCallRow(of: labelSet, now: now)
  }

  @inline(never)
  private mutating func makeCallRow(of labelSet: Int32, now: Int64) -> Int {
    let labels = labelSets.sets[Int(labelSet)].labels
    let row = calls.add(labels: labels, continuing: dormant.take(labels, .calls), now: now)
    labelSets.setRow(Int32(truncatingIfNeeded: row), of: labelSet)
    return row
  }

  /// A price table was replaced: what was found in the old one is found again.
  mutating func replacePrices(_ book: PriceBook) {
    pricesSeen.renew(from: pricer.book, to: book)
    pricer.replace(book)
    callRoutes.removeAll()
    budgets.forgetRoutes()
  }
}

extension KeyField {
  init(_ label: CallLabel, customIndex: Int) {
    switch label {
    case .application: self.init(.application)
    case .team: self.init(.team)
    case .environment: self.init(.environment)
    case .function: self.init(.function)
    case .promptVersion: self.init(.promptVersion)
    case .promptName: self.init(.promptName)
    case .version: self.init(.version)
    case .serviceTier: self.init(.serviceTier)
    case .responseModel: self.init(.model)
    case .user: self.init(.user)
    case .custom: self.init(.custom, index: customIndex)
    }
  }
}

extension Event {
  func bytes(of text: Text, in line: Span<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    if text.offset + text.count <= (text.inScratch ? scratch.count : line.count) {
      append(text, in: line, to: &bytes)
    }
    return bytes
  }
}
