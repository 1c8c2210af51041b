/// What calls have in common: which model, and who asked it for what.
public struct CallSet: Hashable, Sendable {
  public var id: Int64 = 0
  public var model = ""
  public var responseModel = ""
  public var requestModel = ""
  public var provider = ""
  public var operation = ""
  public var application = ""
  public var team = ""
  public var environment = ""
  public var function = ""
  public var promptName = ""
  public var promptVersion = ""
  public var version = ""
  public var serviceTier = ""
  public var region = ""
  public var fallbackFrom = ""
  /// Free labels in the order of their keys.
  public var labels: [Label] = []

  public struct Label: Hashable, Sendable {
    public var key: String
    public var value: String
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  public init() {}

  /// The table's columns after `id` and before `labels`, with where their value lies here.
  public static var columns: [(name: String, path: any WritableKeyPath<CallSet, String> & Sendable)] {
    [
      ("model", \.model), ("response_model", \.responseModel), ("request_model", \.requestModel),
      ("provider", \.provider), ("operation", \.operation), ("application", \.application), ("team", \.team),
      ("environment", \.environment), ("function", \.function), ("prompt_name", \.promptName),
      ("prompt_version", \.promptVersion), ("version", \.version), ("service_tier", \.serviceTier),
      ("region", \.region), ("fallback_from", \.fallbackFrom),
    ]
  }
}
