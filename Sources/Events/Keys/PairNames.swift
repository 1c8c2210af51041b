/// Lists whose elements pair a name with a number.
enum PairNames {
  static let name = 0
  static let value = 1

  static var rows: [KeyRow] {
    let lists: [(KeyContext, [(Int, [String])])] = [
      (.modality, [(name, ["modality"]), (value, ["tokenCount", "token_count", "tokens"])]),
      (.cacheDetail, [(name, ["ttl"]), (value, ["inputTokens"])]),
      (.groundingTool, [(name, ["type"]), (value, ["count"])]),
      (.tokenResult, [(value, ["tokenCount"])]),
    ]
    return lists.flatMap { context, members in
      members.flatMap { slot, names in
        names.map { KeyRow(context: context, name: $0, slot: slot, rank: 0, child: nil, childBase: 0) }
      }
    }
  }
}
