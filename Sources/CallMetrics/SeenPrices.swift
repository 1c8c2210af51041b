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

    var route: PriceRoute { PriceRoute(answered: answered, asked: asked) }
  }

  private(set) var models: [Model] = []
  private(set) var uses: [Use] = []
  private var places: [Model: Int32] = [:]

  /// The place of a model, made where it is not there: until a call is priced, its price is that outside of any tier.
  mutating func place(of model: Model, _ route: PriceRoute) -> Int32 {
    if let place = places[model] { return place }
    let place = Int32(truncatingIfNeeded: models.count)
    places[model] = place
    models.append(model)
    uses.append(Use(route))
    return place
  }

  /// A call was priced by the table.
  @inline(__always)
  mutating func note(_ use: Use, at place: Int32) {
    if uses[Int(place)] != use { uses[Int(place)] = use }
  }

  mutating func removeAll() {
    models.removeAll()
    uses.removeAll()
    places.removeAll()
  }
}
