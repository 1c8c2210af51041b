import Glibc
import Logging

/// Opens what outlives the process, and says what could not be.
struct StateSetup {
  var directory: StateDirectory?
  var userKey: UserKey?
  /// 16 bytes for the hashes of remembered events.
  var rememberKey: [UInt8] = []
  /// What must lie beside the store before it is used.
  var keptKeys: [KeptKey] = []

  init(_ configuration: Configuration, logger: Logger) throws(StartProblem) {
    if configuration.storage.isEnabled {
      do throws(FileProblem) {
        directory = try StateDirectory(path: configuration.storage.path)
      } catch {
        logger.error(
          "the storage path can't be used: nothing will be kept over a restart", metadata: ["problem": "\(error)"])
      }
    } else {
      logger.info("storage is off: nothing is kept over a restart")
    }
    try findUserKey(configuration, logger: logger)
    try findRememberKey(configuration.storage.path, logger: logger)
    if configuration.metrics.hashUsers, let kept = userKey?.kept(in: configuration.storage.path) {
      keptKeys.append(kept)
    }
  }

  private mutating func findRememberKey(_ storagePath: String, logger: Logger) throws(StartProblem) {
    do throws(FileProblem) {
      rememberKey = try RememberKey.find(directory: directory)
      keptKeys.append(RememberKey.kept(rememberKey, in: storagePath))
    } catch {
      logger.error(
        "the key for the hashes of remembered events can't be kept: after a restart resends are counted again",
        metadata: ["problem": "\(error)"])
      do throws(FileProblem) {
        rememberKey = try RememberKey.find(directory: nil)
      } catch {
        throw StartProblem("no random numbers: \(error)")
      }
      // One that is there and can't be used stays what it is; one that could not be made is made later.
      let kept = RememberKey.kept(rememberKey, in: storagePath)
      if unsafe access(kept.path, F_OK) != 0 { keptKeys.append(kept) }
    }
  }

  private mutating func findUserKey(_ configuration: Configuration, logger: Logger) throws(StartProblem) {
    let isNeeded = configuration.metrics.hashUsers && configuration.metrics.labels.contains("user")
    do throws(FileProblem) {
      let key = try UserKey.find(
        environment: { Environment.value($0) }, keyFile: configuration.metrics.userKeyFile, directory: directory)
      userKey = key
      switch key.origin {
      case .made(let path): logger.info("made a key for the hashes of user ids", metadata: ["file": "\(path)"])
      case .temporary(let problem) where isNeeded:
        logger.warning(
          "the key for the hashes of user ids is kept nowhere yet: unless it can be, user labels change with every start",
          metadata: problem.map { ["problem": "\($0)"] })
      default: break
      }
    } catch {
      // Another key would give every user a second name, and split the numbers.
      if isNeeded { throw StartProblem("the key for the hashes of user ids can't be used: \(error)") }
      logger.warning("the key for the hashes of user ids can't be used", metadata: ["problem": "\(error)"])
    }
  }
}
