import Events
import Pricing

/// Of each model that was seen, where its last call was priced: in which entry of the table, and in which tier.
struct SeenPrices {
  struct Model: Hashable {
    var name: String
    var provider: String
  }

  struct Use: Equatable, BitwiseCopyable {
    var answered: Int32
    var asked: Int32
    var tier = ServiceTier.unspecified
    var isBatch = false

    init(_ route: PriceRoute) {
      answered = route.answered
      asked = route.asked
    }

    @inline(__always)
    init(_ route: PriceRoute, _ event: borrowing Event) {
      self.init(route)
      tier = event.fields.serviceTier
      isBatch = event.fields.batch
    }

    var hasEntry: Bool { answered >= 0 || asked >= 0 }

    var route: PriceRoute {
      get { PriceRoute(answered: answered, asked: asked) }
      set {
        answered = newValue.answered
        asked = newValue.asked
      }
    }
  }

  private var models: [Model] = []
  private var uses: [Use] = []
  private var places: [Model: Int32] = [:]

  /// The place of a model, made where it is not there: until a call is priced, its price is that outside of any tier.
  mutating func place(of model: Model, _ route: @autoclosure () -> PriceRoute) -> Int32 {
    if let place = places[model] {
      if !uses[Int(place)].hasEntry { uses[Int(place)].route = route() }
      return place
    }
    let place = Int32(truncatingIfNeeded: models.count)
    places[model] = place
    models.append(model)
    uses.append(Use(route()))
    return place
  }

  /// A call was priced by the table.
  @inline(__always)
  mutating func note(_ use: Use, at place: Int32) {
    if uses[Int(place)] != use { uses[Int(place)] = use }
  }

  /// The table was replaced: the entry that priced a model's last call is looked up by its name, as what answered.
  mutating func renew(from old: PriceBook, to new: PriceBook) {
    for (i, model) in models.enumerated() {
      let entry = old.name(of: old.pricing(uses[i].route))
      uses[i].route = new.resolve(asked: model.name, answering: entry, provider: model.provider).route
    }
  }

  /// In the order of exposition, whichever model was seen first.
  var sorted: [(model: Model, use: Use)] {
    zip(models, uses).map { (model: $0, use: $1) }
      .sorted { ($0.model.name, $0.model.provider) < ($1.model.name, $1.model.provider) }
  }
}
