import ArgumentParser
import Daemon

struct PricesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prices", abstract: "Ask the price table: what is in it, which entry a name means, what a call costs.",
    subcommands: [List.self, Lookup.self, Price.self, Validate.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List models with their prices per million tokens.")
    @OptionGroup var prices: DaemonPrices
    @Argument(help: "Only names that hold this.") var filter: String = ""

    func run() throws { print(try prices.desk().list(filter), terminator: "") }
  }

  struct Lookup: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say which entry prices a model, and why.")
    @OptionGroup var prices: DaemonPrices
    @Argument(help: "The model's name as an event carries it.") var model: String
    @Option(help: "Provider, as an event carries it.") var provider: String = ""
    @Option(help: "Region, as an event carries it.") var region: String = ""

    func run() throws {
      let answer = try prices.desk().lookup(model: model, provider: provider, region: region)
      print(answer.text, terminator: "")
      if !answer.isPriced { throw ExitCode(1) }
    }
  }

  struct Price: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Price an event from standard input, or with --model a usage object, and show each step.")
    @OptionGroup var prices: DaemonPrices
    @Option(help: "Model; standard input is then its usage object.") var model: String?
    @Option(help: "Provider of the model.") var provider: String?

    func run() throws {
      let input = try FileContent.read("-", limit: 1 << 20)
      print(try prices.desk().price(input, model: model, provider: provider), terminator: "")
    }
  }

  struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check a price table file.")
    @Argument(help: "The file.") var file: String

    func run() throws {
      let verdict = PriceDesk.validate(try FileContent.read(file, limit: 64 << 20), name: file)
      print(verdict.text)
      if !verdict.isGood { throw ExitCode(1) }
    }
  }
}
