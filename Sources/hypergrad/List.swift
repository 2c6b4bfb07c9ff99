internal import ArgumentParser
internal import Experiments
internal import Hypergradient
internal import Tasks

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists what a text can name: with arguments, defaults, units and one line each.",
    discussion: """
      Example:
        hypergrad list controllers
        hypergrad list schedules --markdown        the page Documentation/Schedules.md
      """)

  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case tasks, methods, rules, controllers, schedules, suites
  }

  @Argument(help: "tasks, methods, rules, controllers, schedules or suites.")
  var kind: Kind
  @Flag(help: "Prints the documentation's page; for schedules.")
  var markdown = false

  func validate() throws {
    if markdown && kind != .schedules { throw ValidationError("--markdown is for schedules") }
  }

  func run() throws {
    try inOneLine {
      if markdown {
        print(SchedulePage.text, terminator: "")
        return
      }
      switch kind {
      case .tasks: show(TaskList.all)
      case .rules:
        show(Catalogue.rules)
        show(Catalogue.ruleModifiers, prefix: ".")
      case .controllers:
        show(Catalogue.controllers)
        show(Catalogue.controllerModifiers, prefix: ".")
      case .schedules:
        show(Catalogue.schedules)
        show(Catalogue.scheduleModifiers, prefix: ".")
      case .methods:
        print("Methods that are not rule + controller:\n")
        show(Catalogue.methods)
        print("\nrule + controller; the methods of the suite 'core', with 'rate' the starting rate")
        print("and 'steps' the horizon:\n")
        let core = try SuiteFile.load("core")
        for rule in core.rules { print("rule \(rule.name): \(rule.spec)") }
        print()
        for method in core.methods { print("\(method.name)\n    \(method.spec)") }
      case .suites:
        for name in SuiteFile.builtInNames {
          let suite = try SuiteFile.load(name)
          print("\(name)\n    \(suite.summary)")
          print(
            "    \(suite.tasks.count) tasks, \(suite.rules.count) rules, "
              + "\(suite.methods.count) methods, \(suite.startingRates.count) starting rates, "
              + "\(suite.tuningSeeds.count + suite.reportSeeds.count) seeds")
        }
      }
    }
  }

  private func show<Product>(_ recipes: [Recipe<Product>], prefix: String = "") {
    for recipe in recipes {
      print("\(prefix)\(recipe.signature)\n    \(recipe.summary)")
      for parameter in recipe.parameters {
        let label = parameter.label == "_" ? "(first)" : parameter.label
        let unit = parameter.unit.isEmpty ? "" : " [\(parameter.unit)]"
        let range = parameter.kind.rangeDescription.map { ", \($0)" } ?? ""
        let standard = parameter.defaultText.map { ", default \($0)" } ?? ""
        print("      \(label)\(unit): \(parameter.summary)\(range)\(standard)")
      }
    }
  }
}
