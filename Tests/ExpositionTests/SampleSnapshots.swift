@testable import CallMetrics

/// The snapshots behind the golden files.
enum SampleSnapshots {
  static let all: [(name: String, snapshot: Snapshot)] = [
    ("calls", calls), ("hostile", hostile), ("numbers", numbers), ("empty", Snapshot()),
  ]

  /// What a quiet exporter shows: calls of two models, feedback in a table of its own, the exporter's own metrics.
  static var calls: Snapshot {
    var calls = TableBuilder(
      scalars: [
        ScalarGroup(Family("llm_requests_total", .counter, help: "Calls ended"), "status", ["success", "error"]),
        ScalarGroup(
          Family("llm_errors_total", .counter, help: "Calls that failed"), "error_type", ["rate_limit", "timeout"],
          presence: .whenNotZero),
        ScalarGroup(
          Family("llm_cost_dollars_total", .counter, unit: "dollars", help: "Money spent"), "component",
          ["input", "output"], scale: .pico),
        ScalarGroup(Family("llm_requests_in_flight", .gauge, help: "Calls that have begun and not ended")),
        ScalarGroup(
          Family(
            "llm_last_success_timestamp_seconds", .gauge, unit: "seconds", help: "When a call last succeeded"),
          scale: .nano, presence: .whenNotZero),
        ScalarGroup(
          Family("llm_fallbacks_total", .counter, help: "Calls that asked a second model"), presence: .whenNotZero),
      ],
      histograms: [
        HistogramGroup(
          Family("llm_request_duration_seconds", .histogram, unit: "seconds", help: "Whole call"), "status",
          ["success", "error"], scale: .nano, bounds: [50_000_000, 500_000_000, 5_000_000_000, 600_000_000_000]),
        HistogramGroup(
          Family("llm_cost_per_request_dollars", .histogram, unit: "dollars", help: "What one call costs"),
          scale: .pico, bounds: [10_000_000, 30_000_000, 1_000_000_000_000]),
        HistogramGroup(
          Family("llm_tokens_per_request", .histogram, help: "Size of calls"), "direction", ["input", "output"],
          bounds: [1, 1024, 1_048_576]),
      ])
    calls.addRow(
      #"model="claude-sonnet-4",provider="anthropic""#,
      [3, 1, 1, 0, 1_500_000_000, 12_345_678_901_234, 2, 1_763_715_896_250_000_000],
      [
        .init(
          counts: [0, 1, 2, 0, 0], sum: 5_123_456_789,
          exemplars: [
            Exemplar(),
            Exemplar("4bf92f3577b34da6a3ce929d0e0e4736", value: 123_456_789, timestamp: 1_763_715_890_000_000_000),
            Exemplar("00f067aa0ba902b7", value: 2_500_000_000, timestamp: 1_763_715_896_250_000_000), Exemplar(),
            Exemplar(),
          ]),
        .init(counts: [0, 0, 0, 0, 1], sum: 601_000_000_000),
        .init(counts: [0, 1, 1, 0], sum: 150_020_000_000),
        .init(counts: [0, 3, 0, 1], sum: 2_000_345),
      ], created: 1_763_700_000_000_000_000)
    calls.addRow(
      #"model="gpt-4o",provider="openai""#, [1, 0, 0, 0, 0, 999_999_999_999, 0, 1_763_715_896_000_000_001],
      [.init(counts: [1, 0, 0, 0, 0], sum: 50_000_000)], created: 1_763_700_000_500_000_000)

    var feedback = TableBuilder(scalars: [
      ScalarGroup(
        Family("llm_feedback_total", .counter, help: "Ratings by people"), "rating", ["positive", "negative"]),
      // The same family as in the calls' table: one header for both.
      ScalarGroup(
        Family("llm_last_success_timestamp_seconds", .gauge, unit: "seconds", help: "When a call last succeeded"),
        scale: .nano),
    ])
    feedback.addRow("", [7, 2, 1_763_715_000_000_000_000])

    return Snapshot(
      tables: [calls.table, feedback.table],
      families: [
        SampledFamily(
          Family("llm_exporter_build_info", .gauge, help: "What runs here, as labels; always 1"),
          [.init([("version", "1.2.3"), ("swift", "6.3.1")], .integer(1))]),
        SampledFamily(
          Family(
            "llm_exporter_storage_commit_duration_seconds", .histogram, unit: "seconds",
            help: "Time that commits to the store took"),
          [
            .init(
              [("kind", "timer")],
              .histogram(bounds: [1_000_000, 10_000_000], counts: [5, 1, 0], sum: 7_000_001, scale: .nano))
          ]),
        SampledFamily(
          Family("process_cpu_seconds_total", .counter, unit: "seconds", help: "CPU time used"),
          [.init([], .double(12.34))]),
        SampledFamily(
          Family("process_resident_memory_bytes", .gauge, unit: "bytes", help: "Memory resident in RAM"),
          [.init([], .integer(12_345_678))]),
        SampledFamily(Family("llm_objective", .gauge, help: "Goals that the configuration sets"), []),
      ])
  }

  /// Label values and HELP that try to leave their quotes.
  static var hostile: Snapshot {
    var table = TableBuilder(
      scalars: [
        ScalarGroup(Family("llm_requests_total", .counter, help: #"Back\slash, "quotes" and a"# + "\nnew line"))
      ],
      histograms: [
        HistogramGroup(
          Family("llm_context_used_ratio", .histogram, unit: "ratio", help: "é ✓ 😀"), scale: .nano,
          bounds: [100_000_000, 1_100_000_000])
      ])
    table.addRow(#"model="\"} 1\n# EOF\n""#, [1], [.init(counts: [1, 1, 1], sum: 2_000_000_001)])
    return Snapshot(
      tables: [table.table],
      families: [
        SampledFamily(
          Family("llm_labels", .gauge, help: "Values as senders wish them"),
          [
            "", "\"", "\\", "\n", "\\n", #"a"b"#, "}", "{}", "# EOF", "\"} 1\nllm_evil 1\n", "a=\"b\",c=\"d\"", "é✓😀",
            "\u{FFFD}", "\t",
            "trailing\\", "\u{7f}", " ", "\u{feff}", "e\u{301}", "\u{2028}",
          ].map { .init([("value", $0), ("model", "m")], .integer(1)) })
      ])
  }

  /// Numbers at their bounds.
  static var numbers: Snapshot {
    var table = TableBuilder(
      scalars: [
        ScalarGroup(Family("a_count_of_things_total", .counter, help: "Counts")),
        ScalarGroup(Family("b_seconds_total", .counter, unit: "seconds", help: "Nanoseconds"), scale: .nano),
        ScalarGroup(Family("c_dollars_total", .counter, unit: "dollars", help: "Picodollars"), scale: .pico),
      ])
    let values: [Int128] = [
      0, 1, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 1_234_567_890, 999_999_999_999, 1_000_000_000_000,
      1_000_000_000_001, Int128(Int64.max),
    ]
    for (index, value) in values.enumerated() {
      table.addRow("row=\"\(index + 10)\"", [value, value, value])
    }
    for (index, value) in [Int128(UInt64.max), Int128(UInt64.max) + 1, 1 << 100, Int128.max].enumerated() {
      table.addRow("row=\"\(index + 10 + values.count)\"", [0, 0, value])
    }
    return Snapshot(
      tables: [table.table],
      families: [
        SampledFamily(
          Family("d_level", .gauge, help: "Doubles"),
          [
            0, -0.0, 1, -1.5, 0.1, 1e-5, 1e-6, 1.5e-7, 123_456_789.25, 1e15, 1e20, 1e21, 1.7976931348623157e308,
            .leastNonzeroMagnitude, .nan, .infinity, -.infinity, 1 / 3,
          ].enumerated().map { .init([("row", String($0 + 10))], .double($1)) }),
        SampledFamily(
          Family("e_level", .gauge, help: "Integers below zero"),
          [
            .init([("row", "0")], .integer(.min)), .init([("row", "1")], .nano(.min)),
            .init([("row", "2")], .pico(.min)),
            .init([("row", "3")], .nano(-1)), .init([("row", "4")], .pico(-1_500_000_000_000)),
            .init([("row", "5")], .integer(-10)),
          ]),
        SampledFamily(
          Family("f_length", .histogram, help: "Canonical bounds"),
          [
            .init(
              [],
              .histogram(
                bounds: [
                  0, 1, 10_000, 100_000, 1_000_000, 100_000_000, 1_000_000_000, 1_700_000_000, 10_000_000_000,
                  100_000_000_000_000, 1_000_000_000_000_000, 1_234_567_500_000_000,
                ],
                counts: Array(repeating: 1, count: 13), sum: 3, scale: .nano))
          ]),
      ])
  }
}
