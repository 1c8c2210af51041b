/// Takes down the shape of one line while it is scanned: what stands between its values, and where the values go.
struct ShapeLearner {
  /// From the end of the value before to the start of this one.
  struct Step {
    var literal: Range<Int>
    var place: ValuePlace
    var marks: [ShapeMark]
  }

  private(set) var steps: [Step] = []
  private var literalStart = 0
  private var marks: [ShapeMark] = []

  /// A value that is kept whole, or not at all.
  mutating func value(_ range: Range<Int>, _ place: ValuePlace) {
    steps.append(Step(literal: literalStart..<range.lowerBound, place: place, marks: marks))
    literalStart = range.upperBound
    marks = []
  }

  /// An object begins whose members are read and which is kept besides.
  mutating func open(_ start: Int) {
    marks.append(ShapeMark(offset: UInt16(clamping: start - literalStart), place: nil))
  }

  /// That object ended.
  mutating func close(_ end: Int, _ place: ValuePlace) {
    marks.append(ShapeMark(offset: UInt16(clamping: end - literalStart), place: place))
  }

  /// What follows the last value, up to the end of the object.
  mutating func finish(_ end: Int) {
    value(end..<end, ValuePlace(isUnknownUsage: false))
  }
}

/// Where in a literal a kept object begins or ends.
struct ShapeMark: BitwiseCopyable {
  var offset: UInt16
  /// Where the object goes that ends here; nil: one begins.
  var place: ValuePlace?
}
