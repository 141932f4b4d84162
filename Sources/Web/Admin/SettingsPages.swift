import Domain
import Hummingbird

/// What admins decide while BabyHelm runs.
struct SettingsPages: Sendable {
  let usage: Usage
  let policies: Policies

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("admin/settings", use: index)
    pages.post("admin/settings/policy", use: setPolicy)
    pages.post("admin/settings/prices", use: setPrices)
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    try await page(context)
  }

  @Sendable func setPolicy(request: Request, context: SignedInContext) async throws -> Response {
    var form = PolicyForm(context.form)
    do throws(DomainError) {
      try await policies.change(to: form.draft, from: form.version, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      form.version = try await policies.setting(as: context.principal).version
      return try await page(context, policy: form, error: error).response()
    }
    return Redirect(
      to: Paths.adminSettings, flash: .success("The policy counts from now on.")
    ).response(in: context)
  }

  @Sendable func setPrices(request: Request, context: SignedInContext) async throws -> Response {
    var form = PriceForm(context.form)
    do throws(DomainError) {
      try await usage.setPriceList(form.draft, from: form.version, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      // What was typed stays; who sends it again has seen that it was changed.
      form.version = try await usage.priceList(as: context.principal).version
      return try await page(context, prices: form, error: error).response()
    }
    return Redirect(
      to: Paths.adminSettings, flash: .success("The price list counts from now on.")
    ).response(in: context)
  }

  /// The page with one form as it was typed, and what is wrong with it.
  private func page(
    _ context: SignedInContext, policy: PolicyForm? = nil, prices: PriceForm? = nil,
    error: DomainError? = nil
  ) async throws -> Page {
    let current = PolicyForm(try await policies.setting(as: context.principal))
    let currentPrices = PriceForm(try await usage.priceList(as: context.principal))
    let view = SettingsPage(
      chrome: context.chrome("Settings", section: .admin),
      policy: PolicySection(
        policy ?? current, current: current, error: policy == nil ? nil : error),
      prices: PriceSection(
        prices ?? currentPrices, current: currentPrices, error: prices == nil ? nil : error),
      error: error)
    return Page(Template.Admin.platformSettings(view), status: error?.formStatus ?? .ok)
  }
}
