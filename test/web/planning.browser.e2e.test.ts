import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { breaches, buildPages, go, notRun, openLoggedIn, picture, type Looks, type Window } from "#test/web/browser.ts";
import { goodToken, startFakeApi, type FakeApi } from "#test/web/fake-api.ts";
import { campaignBatch } from "#test/web/fake-planning.ts";
import { waiting } from "#test/web/fake-world.ts";

const skip = notRun;
let api: FakeApi;

before(async () => {
  if (skip !== false) return;
  await buildPages();
});

after(async () => {
  if (skip === false) await api[Symbol.asyncDispose]();
});

/** A window with a person logged in, on the page of the path, over a world that nobody has changed. */
async function open(path: string, looks: Looks = {}): Promise<Window> {
  if (api !== undefined) await api[Symbol.asyncDispose]();
  api = await startFakeApi();
  const window = await openLoggedIn(api.url, goodToken, looks);
  await go(window.page, path);
  return window;
}

const question = "service=ledger-core&version=2.8.0&environment=prod-emea";
/** Name of the picture, path, and what stands there when everything is read. */
const pages = [
  ["moves", "/calendar/moves", "No legal slot is known"],
  ["moves-all", "/calendar/moves?show=all", "by dave"],
  ["moves-asking", `/calendar/moves?batch=${campaignBatch}&ask=accept`, "Your name goes on record."],
  ["moves-nothing", "/calendar/moves?calendar=vendors", "Nothing is left to decide here"],
  ["advice-empty", "/calendar/advice", "Which change, and where to?"],
  ["advice", `/calendar/advice?${question}`, "The load is 6 %"],
  ["slot", `/deployments/${waiting}/slot?from=2026-12-01T02:00:00Z`, "The load is 6 %"],
  ["sources", "/calendar/sources?calendar=finance", "spreadsheet"],
  ["cover", "/calendar?service=checkout-api&environment=prod-emea&date=2026-10-22", "Gap of 1 h"],
] as const;

for (const [colorScheme, width] of [
  ["light", 1280],
  ["dark", 1920],
  ["light", 360],
] as const) {
  test(
    `Moves, advice, negotiation, sources and cover are free of WCAG 2.2 AA breaches and of sideways scrolling, ${colorScheme} at ${width} px`,
    { skip },
    async () => {
      await using window = await open("/calendar/moves", { colorScheme, width });
      const { page } = window;
      const found: string[] = [];
      for (const [name, path, ready] of pages) {
        await go(page, path);
        await page.getByText(ready).first().waitFor();
        found.push(...(await breaches(page)).map((one) => `${name}: ${one}`));
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (sideways > 0) found.push(`${name}: ${sideways} px wider than the window`);
        await picture(page, `planning-${name}-${colorScheme}-${width}`);
      }
      assert.deepEqual(found, []);
      assert.deepEqual(window.complaints, [], "no script error, nothing refused by the content security policy");
    },
  );
}

test(
  "A batch is decided item by item, the choice is in the URL, and the page says what became of it",
  { skip },
  async () => {
    await using window = await open("/calendar/moves");
    const { page } = window;
    const batch = page.getByRole("region", { name: "Proposals of campaigns" });
    await batch.getByText("ledger-core 2.8.0 to prod-emea falls into Black Friday").waitFor();
    await batch.getByText("No legal slot is known", { exact: true }).waitFor();
    await batch.getByRole("button", { name: "Accept 2 of 3…" }).waitFor();
    await batch.getByRole("checkbox").nth(1).click();
    await page.waitForURL(`**batch=${campaignBatch}&items=1`);
    await page.reload();
    await batch.getByRole("button", { name: "Accept 1 of 3…" }).click();
    const dialog = page.getByRole("dialog", { name: "Accept the proposals for 1 booking" });
    await dialog.getByRole("button", { name: "Accept", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("campaigns: 1 moved to the proposed slot.").waitFor();
    await batch.getByText("by ana").waitFor();
    await batch.getByRole("button", { name: "Accept 1 of 2…" }).waitFor();
  },
);

test("An event that is gone offers the old slot back, and declining leaves the batch among all", { skip }, async () => {
  await using window = await open("/calendar/moves?calendar=finance");
  const { page } = window;
  const batch = page.getByRole("region", { name: "Proposals of finance" });
  await batch.getByText("Old slot is free again").waitFor();
  await batch.getByRole("button", { name: "Decline…" }).click();
  await page.waitForURL("**ask=decline");
  await page.getByRole("dialog").getByRole("button", { name: "Decline", exact: true }).click();
  await page.getByText("Nothing is left to decide here").waitFor();
  await page.getByLabel("Show").selectOption("all");
  await page.waitForURL("**show=all*");
  await batch.getByText("Declined").waitFor();
  assert.equal(await batch.getByRole("checkbox").count(), 0);
});

test("A ranked slot becomes a counter-proposal, is scored again, and stays in the negotiation", { skip }, async () => {
  await using window = await open(`/deployments/${waiting}/slot`);
  const { page } = window;
  await page.getByText("High risk: bookable only in quiet hours, and with a rollback plan.").waitFor();
  await page.getByText("The load is 6 % of the week's peak: quiet hours.").waitFor();
  await page.getByRole("button", { name: /^Take into the proposal ?: slot 1$/ }).click();
  await page.waitForURL("**from=*");
  const form = page.getByRole("region", { name: "Propose another slot" });
  assert.notEqual(await form.getByLabel("Begin, on the clock of Europe/Berlin").inputValue(), "");
  await form.getByRole("button", { name: "Propose and score it" }).click();
  await form.getByText("Say why, in a few words.").waitFor();
  await form.getByLabel("Reason").fill("The batch of the ledger ends before it.");
  await form.getByRole("button", { name: "Propose and score it" }).click();
  await form.getByText(/points, \d+ points better than the slot before it\./).waitFor();
  const history = page.getByRole("region", { name: "Negotiation" });
  await history.getByText("“The batch of the ledger ends before it.”").waitFor();
  await history.getByText("You proposed it, so somebody else has to accept it.").waitFor();
  await picture(page, "planning-slot-proposed");
  await history.getByRole("button", { name: "Accept this slot" }).click();
  await page.waitForURL("**ask=accept&slot=slt_*");
  await page.getByRole("dialog").getByRole("button", { name: "Accept", exact: true }).click();
  await page.getByText("with ana; it does not start before").waitFor();
  assert.equal(await history.locator("[data-position=accepted]").count(), 1);
});

test("The timetable names the age of every calendar, and who fails leads to the reason", { skip }, async () => {
  await using window = await open("/calendar");
  const { page } = window;
  const strip = page.getByRole("list", { name: "Age of the business calendars" });
  await strip.getByText("good 4 min ago").waitFor();
  await strip.getByText(/^last try failed, since/).waitFor();
  await strip.getByText("nothing imported yet").waitFor();
  await strip.getByRole("link", { name: "campaigns" }).click();
  await page.waitForURL("**/calendar/sources?calendar=campaigns");
  await page.getByText("https://plan.example answered 503 instead of a calendar.").waitFor();
  await page.getByRole("list", { name: "Events of campaigns" }).getByText("Black Friday").waitFor();
});

test("A rota that is over and one that fails are told from one that holds", { skip }, async () => {
  await using window = await open("/calendar/sources");
  const { page } = window;
  const rotas = page.getByRole("region", { name: "Rotas" });
  const line = (text: RegExp) => rotas.getByRole("listitem").filter({ hasText: text }).waitFor();
  await line(/^checkoutGood 3 h ago/);
  await line(/^ledgerLast try failed.*credential is refused/);
  await line(/^riskEnded/);
});

test("A caution lies in its lane as a bar of its own and says that it closes nothing", { skip }, async () => {
  await using window = await open("/calendar?date=2026-10-22&environment=prod-emea");
  const { page } = window;
  await page.getByRole("button", { name: /^Caution: Pre-close of October .*verdicts carry a note/ }).focus();
  await page.locator(".calendar-readout").getByText("Caution: Pre-close of October").waitFor();
});

test("Gaps of cover of the chosen service stand below its openings with who could step in", { skip }, async () => {
  await using window = await open("/calendar?service=checkout-api&environment=prod-emea");
  const { page } = window;
  const cover = page.getByRole("region", { name: "Support cover" });
  await cover.getByText("Gap of 1 h").first().waitFor();
  await cover.getByText("Could step in: hana (on duty until then).").first().waitFor();
  await cover.getByText("Covered").first().waitFor();
});

test("Who may not decide sees why, and a page that cannot be read says so", { skip }, async () => {
  await using window = await open("/calendar/moves");
  const { page } = window;
  await page.route("**/v1/me", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), permissions: [] } });
  });
  await page.reload();
  await page.getByText("operators and release managers accept or decline").waitFor();
  assert.equal(await page.getByRole("checkbox").count(), 0);
  await go(page, `/deployments/${waiting}/slot`);
  await page.getByText("developers, operators and release managers negotiate slots").waitFor();
  assert.equal(await page.getByRole("button", { name: /Take into the proposal/ }).count(), 0);
  const title = "The configuration cannot be read";
  const problem = { type: "about:x", title, status: 422, code: "x", detail: "", requestId: "req_1" };
  await page.route("**/v1/business-calendars", (route) => route.fulfill({ status: 422, json: problem }));
  await go(page, "/calendar/sources");
  await page.getByRole("alert").getByText(title).waitFor();
});
