import Domain

/// What admins decide, as the API tells and takes it.
enum SettingResources {
  struct State: Sendable {
    let policy: Setting<PlatformPolicy>
    let prices: Setting<PriceList?>

    /// Changes with every change of either.
    var etag: String { "\"\(policy.version)-\(prices.version)\"" }
  }

  private static let modes = PlatformPolicy.RegistrationMode.allCases.map(\.rawValue)

  private static let policy = Resource<PlatformPolicy>("Policy", "What holds for everybody.") {
    $0.text("registration", "open", "Who may make an account.", among: modes) {
      $0.registration.rawValue
    }
    $0.one("quota", ProjectResources.quota, "What a new project gets, and may have at most.") {
      $0.quota
    }
    $0.integer("projectsPerPerson", 20, "How many a person may own.") { $0.projectsPerPerson }
    $0.integer("replicas", 100, "The most replicas of an application.") { $0.replicas }
    $0.texts("registries", "ghcr.io", "Where images may come from; empty for anywhere.") {
      $0.registries.map(\.text)
    }
    $0.texts("reservedNames", "internal", "Names that no project may have.") { $0.reservedNames }
    $0.text("banner", "", "One sentence at the top of every page; empty for none.") { $0.banner }
    $0.flag("isDemoOn", "Whether strangers may look at demo projects.") { $0.isDemoOn }
    $0.flag("areDemoProjectsOn", "Whether they may have a project for an hour.") {
      $0.areDemoProjectsOn
    }
  }

  private static let prices = Resource<PriceList>("Prices", "What resources cost.") {
    $0.text("currency", "EUR", "As people write it.") { $0.currency }
    $0.text("coreHour", "0.031", "A core for an hour.") { MoneyText.price($0.coreHour) }
    $0.text("memoryHour", "0.004", "A GiB of memory for an hour.") {
      MoneyText.price($0.memoryHour)
    }
    $0.text("storageMonth", "0.10", "A GiB of a volume for a month.") {
      MoneyText.price($0.storageMonth)
    }
  }

  static let settings = Resource<State>("Settings", "What admins decided for everybody.") {
    $0.one("policy", policy, "What holds for everybody.") { $0.policy.value }
    $0.maybeOne("prices", prices, "What resources cost; null without a price list.") {
      $0.prices.value
    }
    $0.maybeTime("changedAt", "When the policy was last changed.") { $0.policy.changedAt }
    $0.text("changedBy", "Ann", "Who changed it; empty while nobody did.") { $0.policy.changedBy }
  }

  private static let words = Schema.list(of: .text("ghcr.io", length: 1...255), most: 100)

  private static let policyWish = Schema.body("PolicyWish", "What is to hold; the rest stays.") {
    $0.optional("registration", .text("open", among: modes), "Who may make an account.")
    $0.optional(
      "quota", .object(nil, "What a new project gets.", ProjectResources.quotaFields),
      "What a new project gets, and may have at most.")
    $0.optional("projectsPerPerson", .integer(20, 0...1_000), "How many a person may own.")
    $0.optional("replicas", .integer(100, 1...100), "The most replicas of an application.")
    $0.optional("registries", words.sample([]), "Where images may come from; empty for anywhere.")
    $0.optional("reservedNames", words.sample([]), "Names that no project may have.")
    $0.optional("banner", .text("", length: 0...200), "One sentence; empty for none.")
    $0.optional("isDemoOn", .flag(), "Whether strangers may look at demo projects.")
    $0.optional("areDemoProjectsOn", .flag(), "Whether they may have a project for an hour.")
  }

  private static let amount = Schema.text("0.031", length: 1...20)

  static let wish = Schema.body("SettingsWish", "What admins decide.") {
    $0.required("policy", policyWish, "What is to hold for everybody.")
    $0.optional(
      "prices",
      Schema.body("PricesWish", "What resources cost, with at most six places.") {
        $0.required("currency", .text("EUR", length: 1...8), "As people write it.")
        $0.required("coreHour", amount, "A core for an hour.")
        $0.required("memoryHour", amount, "A GiB of memory for an hour.")
        $0.required("storageMonth", amount, "A GiB of a volume for a month.")
      }.orNull, "What resources cost; null takes the price list away.")
  }
}

extension PolicyDraft {
  /// What a body says over what holds.
  init(_ json: JSON, over policy: PlatformPolicy) {
    self.init(policy)
    registration = json["registration"]?.string ?? registration
    if let quota = json["quota"] { self.quota = QuotaDraft(quota) }
    func number(_ key: String, _ old: String) -> String {
      json[key]?.int.map(String.init) ?? old
    }
    projectsPerPerson = number("projectsPerPerson", projectsPerPerson)
    replicas = number("replicas", replicas)
    func lines(_ key: String, _ old: String) -> String {
      json[key]?.array.map { $0.compactMap(\.string).joined(separator: "\n") } ?? old
    }
    registries = lines("registries", registries)
    reservedNames = lines("reservedNames", reservedNames)
    banner = json["banner"]?.string ?? banner
    isDemoOn = json["isDemoOn"]?.bool ?? isDemoOn
    areDemoProjectsOn = json["areDemoProjectsOn"]?.bool ?? areDemoProjectsOn
  }
}

extension PriceListDraft {
  /// A price list, or null for none.
  init(_ json: JSON) {
    self.init(
      isOn: json != .null, currency: json["currency"]?.string ?? "",
      coreHour: json["coreHour"]?.string ?? "", memoryHour: json["memoryHour"]?.string ?? "",
      storageMonth: json["storageMonth"]?.string ?? "")
  }
}
