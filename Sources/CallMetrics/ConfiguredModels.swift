import Events

extension RegistryState {
  /// Makes the records of the models that the configuration names, so that their series exist at 0 before the first
  /// call and `increase()` sees it.
  mutating func addConfiguredModels() {
    for model in configuration.models {
      var event = Event()
      let line = Array(model.utf8)
      event.fields.model = Text(offset: 0, count: line.count)
      let route = route(event, in: line.span, now: 0)
      _ = callRow(of: route.labelSet, now: 0)
    }
  }
}
