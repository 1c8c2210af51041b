// swift-tools-version:6.2
import PackageDescription

/// One set of settings for every target of ours.
/// - Strict memory safety: https://github.com/swiftlang/swift-evolution/blob/main/proposals/0458-strict-memory-safety.md
/// - `any` is spelled out: https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
/// - Imports are internal unless said otherwise: https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
/// - Members come only from modules imported in the file: https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "llm-exporter",
  products: [
    .executable(name: "llm-exporter", targets: ["llm-exporter"]),
    .executable(name: "llm-loadgen", targets: ["llm-loadgen"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // The path of an event, left to right. No target imports one that stands below it in this list
    // and belongs further along the path; only Daemon knows them all.
    .target(name: "CSockets"),
    .target(name: "CLinux"),
    .target(
      name: "CPriceTable",
      exclude: ["PRICES.md", "build_table.py", "prices.json"],
      // The table is data of the executable: C23's #embed, which clang takes in C11 as an extension.
      cSettings: [.unsafeFlags(["-Wno-c23-extensions"])]),
    .target(
      name: "CPage",
      exclude: ["page.html", "page.css", "format.js", "chart.js", "page.js"],
      // The page is data of the executable, as the table is.
      cSettings: [.unsafeFlags(["-Wno-c23-extensions"])]),
    .target(name: "CivilTime", swiftSettings: swiftSettings),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    // Opens libcurl when it is first needed: it needs the headers only.
    .target(name: "CCurlTransfer", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "Ingest", dependencies: ["CSockets"], swiftSettings: swiftSettings),
    .target(name: "Events", swiftSettings: swiftSettings),
    .target(name: "Pricing", dependencies: ["CivilTime", "Events", "CPriceTable"], swiftSettings: swiftSettings),
    .target(name: "CallMetrics", dependencies: ["CivilTime", "Events", "Pricing"], swiftSettings: swiftSettings),
    .target(
      name: "Pipeline", dependencies: ["Events", "Pricing", "CallMetrics", "Ingest"], swiftSettings: swiftSettings),
    .target(name: "Exposition", dependencies: ["CallMetrics", "CZlib"], swiftSettings: swiftSettings),
    .target(
      name: "Storage",
      dependencies: [
        "CallMetrics", "Events", "Pipeline", "Pricing",
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Reports", dependencies: ["CivilTime", "Events", "Pricing", "Storage"], swiftSettings: swiftSettings),
    .target(
      name: "Daemon",
      dependencies: [
        "CivilTime", "Events", "Pricing", "CallMetrics", "Pipeline", "Exposition", "Ingest", "Storage", "Reports",
        "CCurlTransfer", "CLinux", "CPage", "CZlib",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "llm-exporter",
      dependencies: [
        "CivilTime", "Daemon", "Events", "Pricing", "Reports", "Storage",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "llm-loadgen",
      dependencies: ["CSockets", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: swiftSettings),
    // Prices calls from standard input, for tests that compare with other calculators.
    .executableTarget(
      name: "price-oracle", dependencies: ["Events", "Pricing"], path: "Tests/Oracle/price-oracle",
      swiftSettings: swiftSettings),
    // The path of an event without sockets, for counts of instructions and allocations.
    .executableTarget(
      name: "event-path", dependencies: ["CallMetrics", "Events", "Ingest", "Pipeline", "Pricing"],
      path: "Tests/Performance/event-path", swiftSettings: swiftSettings),
    // How long datagrams wait for the reader.
    .executableTarget(
      name: "ingest-delay", dependencies: ["CSockets", "Ingest"], path: "Tests/Benchmarks/ingest-delay",
      swiftSettings: swiftSettings),
    // The benchmark's yardstick for scrapes.
    .executableTarget(
      name: "static-file",
      dependencies: [
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Tests/Benchmarks/static-file", swiftSettings: swiftSettings),
    .testTarget(name: "CivilTimeTests", dependencies: ["CivilTime"], swiftSettings: swiftSettings),
    .testTarget(name: "EventsTests", dependencies: ["Events"], exclude: ["Fixtures"], swiftSettings: swiftSettings),
    .testTarget(
      name: "PricingTests", dependencies: ["Pricing", "Events"], exclude: ["Fixtures"], swiftSettings: swiftSettings),
    .testTarget(
      name: "CallMetricsTests", dependencies: ["CallMetrics", "CivilTime", "Pricing", "Events"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "PipelineTests", dependencies: ["Pipeline", "CallMetrics", "Pricing", "Events", "Ingest"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ExpositionTests",
      dependencies: ["Exposition", "CallMetrics"],
      exclude: ["Golden", "Python"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "StorageTests",
      dependencies: [
        "Storage", "Ingest", "Pipeline", "CallMetrics", "Pricing", "Events",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Fixtures"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Reports", "Storage", "Pipeline", "CallMetrics", "CivilTime", "Pricing", "Events",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Golden"], swiftSettings: swiftSettings),
    .testTarget(name: "LoadGeneratorTests", dependencies: ["llm-loadgen"], swiftSettings: swiftSettings),
    .testTarget(name: "IngestTests", dependencies: ["Ingest", "CSockets"], swiftSettings: swiftSettings),
    .testTarget(
      name: "DaemonTests", dependencies: ["CallMetrics", "CivilTime", "Daemon", "Events", "Ingest", "Pricing"],
      swiftSettings: swiftSettings),
  ]
)

// The sanitizers run over the targets that know no outside packages, so that nothing else has to be built with them:
// LLM_EXPORTER_CORE=1 swift test --sanitize=thread
if Context.environment["LLM_EXPORTER_CORE"] != nil {
  let core: Set = [
    "CSockets", "CPriceTable", "CZlib", "CivilTime", "Ingest", "Events", "Pricing", "CallMetrics", "Pipeline",
    "Exposition", "event-path",
  ]
  package.dependencies = []
  package.products = []
  package.targets.removeAll { target in
    !core.contains(target.name) && !(target.type == .test && core.contains(String(target.name.dropLast(5))))
  }
}
