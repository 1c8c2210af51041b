import ArgumentParser

struct Traffic: ParsableCommand {
  @OptionGroup var options: SendOptions
}
