import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { breaches, buildPages, go, notRun, openLoggedIn, picture, type Looks, type Window } from "#test/web/browser.ts";
import { goodToken, startFakeApi, type FakeApi } from "#test/web/fake-api.ts";
import { aStop, holdId, stopId } from "#test/web/fake-verdicts.ts";
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

async function open(path: string, looks: Looks = {}): Promise<Window> {
  const window = await openLoggedIn(api.url, goodToken, looks);
  await go(window.page, path);
  return window;
}

const question = "service=ledger-core&version=2.8.0&environment=prod-apac";

test("Why says what stops before what waits, who can act, and names no actor for waiting", { skip }, async () => {
  await using window = await open(`/deployments/${waiting}`);
  const { page } = window;
  const why = page.getByRole("region", { name: "Why", exact: true });
  await why.getByRole("heading", { name: "What stops it" }).waitFor();
  const groups = await why.locator("h3").allTextContents();
  assert.ok(groups.indexOf("What stops it") < groups.indexOf("What it waits for"), groups.join(", "));
  assert.equal(await why.getByText("nobody").count(), 0);
  await why.getByText(/This rule passes in 15 h \d+ min: \w{3} .* \d{4}, \d\d:\d\d Europe\/Berlin/).waitFor();
  await why.getByRole("button", { name: "Approve…" }).first().click();
  await page.getByRole("dialog", { name: "Approve" }).getByRole("button", { name: "Cancel" }).click();
  await why
    .getByRole("link", { name: /^approved-by-another/ })
    .first()
    .click();
  await page.waitForURL("**/rules/approved-by-another");
  await page.getByText("What helps.").waitFor();
});

test("A question leads to its request, and its command asks the same of the same instant", { skip }, async () => {
  await using window = await open(`/why?${question}&at=2026-11-27T22:00:00Z`);
  const { page } = window;
  await page
    .getByText("tidegate why ledger-core@2.8.0 --to prod-apac --at 2026-11-27T22:00:00Z", { exact: true })
    .waitFor();
  await page.getByRole("link", { name: "Deploy…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Show the verdict" }).waitFor();
  assert.equal(await dialog.getByLabel("Version").inputValue(), "2.8.0");
});

test("A link with names that nobody knows shows those names, and not the first of the lists", { skip }, async () => {
  await using window = await open("/why?service=ledger-cor&version=2.8.0&environment=prod-apc");
  const { page } = window;
  assert.equal(await page.getByLabel("Service", { exact: true }).inputValue(), "ledger-cor");
  assert.equal(await page.getByLabel("Environment", { exact: true }).inputValue(), "prod-apc");
  await page.getByRole("option", { name: "ledger-cor (unknown)" }).waitFor({ state: "attached" });
});

test(
  "The slider asks for the verdict at an instant, and the address restores it with the comparison",
  { skip },
  async () => {
    await using window = await open(`/why?${question}`);
    const { page } = window;
    await page.locator(".outline").waitFor();
    const slider = page.getByLabel("Ask for the instant");
    await slider.focus();
    await page.keyboard.press("PageUp");
    await page.waitForURL(/at=/);
    await page.getByText("As it would be judged on").waitFor();
    const changes = page.getByRole("region", { name: "What changes" });
    await changes.getByText("inside-window").waitFor();
    await changes.getByText(/Wait → Pass/).waitFor();
    await picture(page, "why-at");
    const address = page.url();
    await page.getByRole("button", { name: "Back to now" }).first().click();
    await page.waitForURL((url) => !url.search.includes("at="));
    await page.goto(address);
    await page.getByText("As it would be judged on").waitFor();
    await page.getByRole("button", { name: "Compare from here" }).click();
    await page.waitForURL(/base=/);
    await page.getByRole("button", { name: "Next change" }).click();
    await page.getByRole("heading", { name: /What changes from \w{3} .* to \w{3}/ }).waitFor();
    await page.getByText("Show as a table").click();
    await page.getByRole("table", { name: /How each rule stands/ }).waitFor();
    assert.deepEqual(await breaches(page), []);
  },
);

test("A global stop is said on every page, and whoever may resumes it with a reason", { skip }, async () => {
  api.brakes.stops.push(aStop(api.world.now()));
  await using window = await open("/inbox");
  const { page } = window;
  const banner = page.getByRole("region", { name: "Global stop", exact: true });
  await banner.getByText(/Nothing starts but roll-backs\. erin since .* Fire in a data centre/).waitFor();
  assert.deepEqual(await breaches(page), []);
  await picture(page, "global-stop");
  await go(page, "/matrix");
  await banner.getByRole("link", { name: "Resume…" }).click();
  await page.waitForURL(`**/holds?resume=${stopId}`);
  const dialog = page.getByRole("dialog", { name: "Resume" });
  await dialog.getByLabel("Reason").fill("It is out.");
  await dialog.getByRole("button", { name: "Resume" }).click();
  await dialog.waitFor({ state: "detached" });
  await banner.waitFor({ state: "detached" });
});

test("A hold is placed, and lifted by whom it names", { skip }, async () => {
  await using window = await open("/holds?ask=hold");
  const { page } = window;
  const placing = page.getByRole("dialog", { name: "Place a hold" });
  await placing.getByRole("button", { name: "Hold everything" }).waitFor();
  await placing.getByLabel("Services").fill("checkout-*, pricing-svc");
  await placing.getByLabel("Reason").fill("An audit looks at it.");
  await placing.getByRole("button", { name: "Hold it" }).click();
  await page.getByText("services checkout-* or pricing-svc").waitFor();
  await go(page, `/holds?lift=${holdId}`);
  const lifting = page.getByRole("dialog", { name: "Lift the hold" });
  await lifting.getByLabel("Reason").fill("The books are closed.");
  await lifting.getByRole("button", { name: "Lift it" }).click();
  await page.getByText("services ledger-core, environments prod-*").waitFor({ state: "detached" });
  await page.getByLabel("Show those that have ended too").check();
  await page.getByText(/ended by ana .*The books are closed/).waitFor();
});

test("A draft is back-tested to its end, and each change leads to its deployment", { skip }, async () => {
  await using window = await open("/backtest");
  const { page } = window;
  await page.getByLabel("Draft (YAML)").fill("kind: Freeze\n");
  await page.getByRole("button", { name: "Back-test it" }).click();
  await page.getByText("All 300 of 300 recorded verdicts, 60 deployments").waitFor();
  await page.getByRole("button", { name: /newly blocked/ }).click();
  await page.waitForURL(/kind=newly-blocked/);
  assert.equal(await page.locator(".backtest-table tbody tr").count(), 1);
  await picture(page, "backtest-report");
  assert.deepEqual(await breaches(page), []);
  await page.getByRole("link", { name: "pricing-svc 3.3.0" }).click();
  await page.waitForURL("**/deployments/dep_*");
});

test("What somebody was told and no longer holds stands on the timeline and in the inbox", { skip }, async () => {
  await using window = await open(`/deployments/${waiting}`);
  const { page } = window;
  const told = /What ana was told no longer holds: it was to wait and is denied/;
  await page.locator(".timeline").getByText(told).waitFor();
  await page
    .locator(".timeline")
    .getByText(/asked for ledger-core/)
    .waitFor();
  await go(page, "/inbox");
  await page.getByRole("region", { name: "What you were told and no longer holds" }).getByText(told).waitFor();
});
