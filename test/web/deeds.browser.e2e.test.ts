import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { breaches, buildPages, go, notRun, openLoggedIn, type Window } from "#test/web/browser.ts";
import { goodToken, startFakeApi, type FakeApi } from "#test/web/fake-api.ts";
import { aStop } from "#test/web/fake-verdicts.ts";
import { waiting } from "#test/web/fake-world.ts";

const skip = notRun;
let api: FakeApi;

before(async () => {
  if (skip !== false) return;
  await buildPages();
  api = await startFakeApi();
});

after(async () => {
  if (skip === false) await api[Symbol.asyncDispose]();
});

async function open(path: string): Promise<Window> {
  const window = await openLoggedIn(api.url, goodToken);
  await go(window.page, path);
  return window;
}

const question = "service=ledger-core&version=2.8.0&environment=prod-apac";

test(
  "An exemption is asked for from the finding, and what the server refuses stands at its field",
  { skip },
  async () => {
    await using window = await open(`/why?${question}`);
    const { page } = window;
    await page.getByRole("button", { name: "Ask for an exemption… (evidence-fresh)" }).click();
    await page.waitForURL(/ask=exempt&of=evidence-fresh/);
    const dialog = page.getByRole("dialog", { name: "Ask for an exemption" });
    const follows = dialog.getByRole("region", { name: "What will follow" });
    await follows.getByText(/until somebody with the role compliance, other than you, has approved it/).waitFor();
    await follows.getByText(/in place: canary:PT24H/).waitFor();
    await follows.getByText(/30 d at the longest, renewable 1 times/).waitFor();
    await dialog.getByLabel("Why it is needed").fill("The generator is being moved.");
    await dialog.getByLabel(/^Until/).fill("2099-01-01T00:00");
    await dialog.getByRole("button", { name: "Ask for it" }).click();
    const until = dialog.getByLabel(/^Until/);
    await dialog.getByText("exemptions of the type late-load-test last P30D at most. Name an earlier end.").waitFor();
    assert.equal(await until.getAttribute("aria-invalid"), "true");
    assert.equal(
      await until.evaluate((field) => field === document.activeElement),
      true,
      "the wrong field has the focus",
    );
    assert.deepEqual(await breaches(page), []);
    const soon = api.world.now().add({ hours: 72 }).toZonedDateTimeISO("Europe/Berlin").toPlainDateTime();
    await until.fill(soon.toString({ smallestUnit: "minute" }));
    await dialog.getByLabel("Services").fill("nowhere");
    await dialog.getByRole("button", { name: "Ask for it" }).click();
    await dialog.getByText(/no service of the configuration is in that scope/).waitFor();
    await dialog.getByLabel("Services").fill("ledger-core");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    assert.equal(new URL(page.url()).searchParams.get("ask"), null, "the address forgets the dialog");
    assert.equal(api.deviations.exemptions[0]?.justification, "The generator is being moved.");
  },
);

test("One finding of somebody else's deployment is overridden by keyboard alone", { skip }, async () => {
  await using window = await open(`/deployments/${waiting}`);
  const { page } = window;
  const button = page.getByRole("button", { name: "Override it… (inside-window)" });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Override inside-window" });
  await dialog.getByText(/exactly this content and for no other deployment/).waitFor();
  await page.keyboard.type("mine");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await dialog
    .getByRole("alert")
    .getByText(/You wrote what would be deployed/)
    .waitFor();
  await dialog.getByLabel("Reason").fill("The window is being moved by an hour.");
  await dialog.getByRole("button", { name: "Override it" }).click();
  await dialog.waitFor({ state: "detached" });
  await go(page, `/why?${question}`);
  await page.locator(".finding").first().waitFor();
  assert.equal(await page.getByRole("button", { name: /^Override it/ }).count(), 0, "of a mere question nothing is");
});

test(
  "An emergency is declared with what it needs and owes said before, and leads to the question in its lane",
  { skip },
  async () => {
    await using window = await open(`/why?${question}`);
    const { page } = window;
    await page.getByRole("button", { name: "Declare an emergency…" }).click();
    const dialog = page.getByRole("dialog", { name: "Declare an emergency" });
    const follows = dialog.getByRole("region", { name: "What will follow" });
    await follows.getByText(/2 people on duty have to approve it; you do not count/).waitFor();
    await follows.getByText(/told at once: invoice-batch, notify-mail/).waitFor();
    await follows.getByText(/owes a review within 5 d, a back-merge within 5 d/).waitFor();
    await follows.getByText(/after 2 d nothing else of the team starts/).waitFor();
    await dialog.getByLabel("Ticket of the incident").fill("INC-1");
    await dialog.getByLabel("Cause").fill("Payments fail.");
    await dialog.getByLabel("customers-affected").check();
    await dialog.getByLabel(/^Hard freezes/).fill("nope");
    await dialog.getByRole("button", { name: "Declare it" }).click();
    await dialog.getByText("no freeze is called nope").waitFor();
    await dialog.getByLabel(/^Hard freezes/).fill("");
    await dialog.getByRole("button", { name: "Declare it" }).click();
    await page.waitForURL(/class=emergency/);
    await dialog.waitFor({ state: "detached" });
    assert.deepEqual(api.deviations.emergencies[0]?.criteria, ["customers-affected"]);
  },
);

test("A debt is paid where it stops something", { skip }, async () => {
  await using window = await open(`/why?${question}`);
  const { page } = window;
  await page.getByRole("button", { name: "Say that it is done…" }).first().click();
  await page.waitForURL(/ask=pay-debt&of=DB-4/);
  const dialog = page.getByRole("dialog", { name: "The review is done" });
  await dialog.getByLabel("Where it can be seen").fill("https://wiki/review-of-EM-7");
  await dialog.getByRole("button", { name: "It is done" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(api.deviations.debts[0]?.state, "paid");
});

test("Exemptions and emergencies are approved, rejected and revoked from their list", { skip }, async () => {
  await using window = await open("/exemptions");
  const { page } = window;
  await page.getByRole("button", { name: "Approve… (EX-14)" }).click();
  const approving = page.getByRole("dialog", { name: "Approve EX-14" });
  await approving.getByText(/It ends by itself/).waitFor();
  await approving.getByRole("button", { name: "Approve it" }).click();
  await approving.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Revoke… (EX-14)" }).waitFor();
  await page.getByRole("button", { name: "Revoke… (EX-12)" }).click();
  const revoking = page.getByRole("dialog", { name: "Revoke EX-12" });
  await revoking.getByLabel("Reason").fill("The generator is back.");
  await revoking.getByRole("button", { name: "Revoke it" }).click();
  await page.locator("#EX-12").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Approve… (EM-8)" }).click();
  const permitting = page.getByRole("dialog", { name: "Approve EM-8" });
  await permitting.getByText(/felt by: invoice-batch, fraud-svc/).waitFor();
  await permitting.getByRole("button", { name: "Approve it" }).click();
  await page.locator("#EM-8").getByText("Permitted").waitFor();
  assert.deepEqual(window.complaints, []);
});

test("The page of a service shows what holds in the chosen place, and lists lead to it", { skip }, async () => {
  await using window = await open("/matrix");
  const { page } = window;
  await page.getByRole("link", { name: "ledger-core", exact: true }).click();
  await page.waitForURL("**/services/ledger-core");
  await page.getByRole("heading", { name: "Service ledger-core" }).waitFor();
  await page.getByRole("button", { name: "prod-emea" }).click();
  await page.waitForURL(/environment=prod-emea/);
  const demands = page.getByRole("region", { name: "Policies in prod-emea" });
  await demands.getByText("Evidence of coverage, at least 80").waitFor();
  await demands.getByRole("link", { name: "payments-evidence" }).first().click();
  await page.waitForURL("**/policies/payments-evidence**");
  await go(page, "/services/nothing-of-that-name");
  await page.getByText("Nothing is known of nothing-of-that-name").waitFor();
});

test("A case that fails says what was expected and what came, and leads to the whole answer", { skip }, async () => {
  await using window = await open("/policies");
  const { page } = window;
  await page.getByRole("region", { name: "Cases that no policy decides" }).getByText("frozen-at-the-end").waitFor();
  await page.getByRole("link", { name: "1 of 2 fail" }).click();
  await page.waitForURL("**/policies/payments-evidence#cases");
  const cases = page.getByRole("region", { name: "Cases" });
  await cases.getByText("deny evidence-missing").waitFor();
  await cases.getByText("pass evidence-there: Load-test passed 12 d ago.").waitFor();
  await cases.getByRole("link", { name: "Ask it of what is in force" }).first().click();
  await page.waitForURL(/\/why\?.*at=2026-03-30/);
});

test("A stop that somebody else places shows at once, without reading again", { skip }, async () => {
  await using window = await open("/exemptions");
  const { page } = window;
  api.brakes.stops.push(aStop(api.world.now()));
  const sentAt = api.emit("configuration", `stop/${"5".repeat(32)}`);
  await page.getByRole("region", { name: "Global stop", exact: true }).waitFor();
  const shownAt = await page.evaluate(() => performance.timeOrigin + performance.now());
  assert.ok(shownAt - sentAt < 5_000, `it took ${shownAt - sentAt} ms`);
  api.brakes.stops.length = 0;
});
