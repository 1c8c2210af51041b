/// The bound of all series. Each label set and each record is reckoned with all the series that it can come to have: what
/// was let in once needs no second look, and what is shown never exceeds the bound.
extension RegistryState {
  /// Whether a label set may come to have calls: one that is there may.
  func hasRoom(for values: [String]) -> Bool {
    labelSets.isKnown(values) || reckonedSeries + calls.layout.potentialSeries <= configuration.maxSeries
  }

  /// Whether the table may have one more record. What is told of calls gets a quarter of the bound at most, each kind
  /// by itself, so that it never crowds out the calls.
  func hasRoom(in table: RecordTable) -> Bool {
    let potential = table.layout.potentialSeries
    return (table.count + 1) * potential <= configuration.maxSeries / 4
      && reckonedSeries + potential <= configuration.maxSeries
  }

  /// A label set without calls, of which only feedback came, counts as if it had them. Room is kept for the records of
  /// `__other__`, into which goes what finds none.
  private var reckonedSeries: Int {
    let sets = labelSets.count + (labelSets.isKnown(labelSets.overflow) ? 0 : 1)
    return [fallbacks, feedback, scores].reduce(sets * calls.layout.potentialSeries) { sum, table in
      sum + (table.count + 1) * table.layout.potentialSeries
    }
  }
}
