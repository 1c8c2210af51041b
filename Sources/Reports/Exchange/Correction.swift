public import Pricing
public import Storage

/// Writes the costs of a new table into a file.
public enum Correction {
  public static func write(
    into editor: CallLogEditor, _ query: ReportQuery, _ book: PriceBook, countersFollow: Bool
  ) throws -> CallLogEditor.Corrected {
    var repricing = Repricing(book: book)
    return try editor.correct(
      in: query.range, version: book.version, countersFollow: countersFollow, now: query.now
    ) { call, set in
      repricing.cost(of: call, in: set)
    }
  }
}
