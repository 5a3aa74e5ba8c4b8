import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import {
  breaches,
  buildPages,
  go,
  logIn,
  notRun,
  openLoggedIn,
  openWindow,
  picture,
  type Looks,
  type Window,
} from "#test/web/browser.ts";
import { goodToken, startFakeApi, type FakeApi } from "#test/web/fake-api.ts";
import { failingSteps, holdAt } from "#test/web/fake-scenes.ts";
import { failing, idOf, running, waiting } from "#test/web/fake-world.ts";

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

/** A window with a person logged in, on the page of the path. */
async function open(path: string, looks: Looks = {}): Promise<Window> {
  const window = await openLoggedIn(api.url, goodToken, looks);
  await go(window.page, path);
  return window;
}

const pages = [
  ["deployments", "/deployments"],
  ["no-match", "/deployments?service=nothing-here"],
  ["request", "/deployments?request=open&service=ledger-core&environment=prod-emea&version=2.8.0"],
  ["running", `/deployments/${running}`],
  ["canary", `/deployments/${running}/canary?view=table`],
  ["canary-back", `/deployments/${idOf(0x1001)}/canary?metric=latency`],
  ["waiting", `/deployments/${waiting}`],
  ["rejecting", `/deployments/${waiting}?ask=reject`],
  ["rolled-back", `/deployments/${idOf(0x1001)}`],
  ["to-be-decided", `/deployments/${idOf(0x1000)}`],
  ["missing", `/deployments/${idOf(0xffff)}`],
  ["matrix", "/matrix?group=unit"],
  ["inbox", "/inbox"],
  ["audit", "/audit"],
  ["nowhere", "/nowhere"],
] as const;

for (const [colorScheme, width] of [
  ["light", 1280],
  ["dark", 1280],
  ["light", 390],
] as const) {
  test(
    `Every page is free of WCAG 2.2 AA breaches and of sideways scrolling, ${colorScheme} at ${width} px`,
    { skip },
    async () => {
      await using window = await open("/deployments", { colorScheme, width });
      const { page } = window;
      const found: string[] = [];
      for (const [name, path] of pages) {
        await go(page, path);
        if (name === "request") {
          await page.getByRole("button", { name: "Show the verdict" }).click();
          await page.getByText("Denied", { exact: true }).waitFor();
        }
        if (path.includes("/deployments/") && name === "running") await page.locator("svg[role=img]").first().waitFor();
        found.push(...(await breaches(page)).map((one) => `${name}: ${one}`));
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (sideways > 0) found.push(`${name}: ${sideways} px wider than the window`);
        await picture(page, `${name}-${colorScheme}-${width}`);
      }
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("heading", { name: "Log in" }).waitFor();
      found.push(...(await breaches(page)).map((one) => `login: ${one}`));
      await picture(page, `login-${colorScheme}-${width}`);
      assert.deepEqual(found, []);
      assert.deepEqual(window.complaints, [], "no script error, nothing refused by the content security policy");
    },
  );
}

test(
  "A stranger is sent to the login page, a wrong token is refused with a reason, and logging in leads back",
  { skip },
  async () => {
    await using window = await openWindow(api.url);
    const { page } = window;
    await page.goto("/matrix?group=team");
    await page.waitForURL("**/login?next=*");
    await logIn(page, "tok_wrong");
    await page.getByRole("alert").getByText("The token is not valid").waitFor();
    await logIn(page, goodToken);
    await page.waitForURL("**/matrix?group=team");
    assert.equal(await page.title(), "Matrix · Tidegate");
  },
);

test("A link restores the whole state of a page, and so does going back", { skip }, async () => {
  await using window = await open("/deployments?environment=prod-emea&state=open");
  const { page } = window;
  assert.equal(await page.getByLabel("Environment").inputValue(), "prod-emea");
  assert.equal(await page.getByLabel("State").inputValue(), "open");
  assert.equal(await page.locator("[data-deployment]").count(), 3);
  await page.locator(`[data-deployment="${running}"] a.row-link`).click();
  await page.getByText("25 % of traffic").waitFor();
  await page.goBack();
  assert.equal(await page.getByLabel("Environment").inputValue(), "prod-emea");
  await go(page, "/matrix?group=tier&find=checkout&at=2026-01-01T00:00:00Z");
  await page.getByText("As it was on").waitFor();
  assert.equal(await page.getByLabel("Service").inputValue(), "checkout");
  assert.equal(await page.locator("tbody th[scope=row]").count(), 2);
  await page.getByRole("button", { name: "Back to now" }).click();
  await page.waitForURL((url) => !url.search.includes("at="));
});

test("Everything on the way to a decision can be done by keyboard", { skip }, async () => {
  await using window = await open("/deployments");
  const { page } = window;
  await page.locator("[data-row-link]").first().waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  assert.match((await page.evaluate(() => document.activeElement?.textContent)) ?? "", /^fraud-svc/);
  for (let press = 0; press < 5; press += 1) await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/${waiting}`);
  await page.getByRole("heading", { level: 1, name: /ledger-core/ }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  await tabTo(page, "Approve");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Approve" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await go(page, "/matrix");
  await page.locator('[data-place="0-1"]').focus();
  for (const key of ["ArrowDown", "ArrowDown", "End", "ArrowUp"]) await page.keyboard.press(key);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-place")), "1-4");
});

async function tabTo(page: Page, name: string): Promise<void> {
  for (let press = 0; press < 40; press += 1) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement?.textContent)) === name) return;
  }
  assert.fail(`no Tab reaches "${name}"`);
}

test(
  "A remedy offers what the viewer may do, a rejection needs a reason, and the page shows what was decided",
  { skip },
  async () => {
    await using window = await open(`/deployments/${waiting}?ask=reject`);
    const { page } = window;
    const dialog = page.getByRole("dialog", { name: "Reject" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Approve…" }).first().click();
    await page.getByRole("dialog", { name: "Approve" }).getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Reject", exact: true }).click();
    await dialog.getByRole("button", { name: "Reject" }).click();
    await dialog.getByText("Say why, in a few words.").waitFor();
    await dialog.getByLabel("Reason").fill("The migration cannot be undone.");
    await dialog.getByRole("button", { name: "Reject" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.locator(".approval-reason").getByText("The migration cannot be undone.").waitFor();
    await page.getByText("Approve, Reject: You have rejected this content.").waitFor();
    await page.getByRole("navigation").getByText("waiting for you").waitFor({ state: "detached" });
  },
);

test("A run that holds its position asks a person, and takes an answer with a reason", { skip }, async () => {
  holdAt(api.world, running, 25);
  await using window = await open(`/deployments/${running}`);
  const { page } = window;
  await page.getByText("Holds its position", { exact: true }).waitFor();
  await page
    .getByText(/^Holds at 25 %: not enough evidence/)
    .first()
    .waitFor();
  await picture(page, "held");
  await page.getByRole("button", { name: "Go back" }).waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
  const dialog = page.getByRole("dialog", { name: "Go on" });
  await dialog.getByLabel("Reason").fill("It is night: nobody shops, the error rate is fine.");
  assert.deepEqual(await breaches(page), []);
  await dialog.getByRole("button", { name: "Go on" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.locator(".timeline").getByText('ana decided: go-on, for "It is night').waitFor();
  await page.getByText("Holds its position", { exact: true }).waitFor({ state: "detached" });
  assert.equal(await page.getByRole("button", { name: "Go on" }).count(), 0);
});

test("A request shows the whole verdict first, and then becomes a deployment that waits", { skip }, async () => {
  await using window = await open("/deployments");
  const { page } = window;
  await page.getByRole("button", { name: "Request a deployment" }).click();
  const dialog = page.getByRole("dialog", { name: "Request a deployment" });
  await dialog.getByLabel("Service").selectOption("pricing-svc");
  await dialog.getByLabel("Version").fill("4.0.0");
  await dialog.getByLabel("Environment").selectOption("prod-amer");
  const rolls = dialog.getByRole("region", { name: "How it comes to its users" });
  await rolls.getByText(/The strategy careful-core says so\. .* would fit better\./).waitFor();
  await rolls.getByText(/ways fit, \d excluded/).press("Enter");
  await rolls
    .getByText(/^Because .*\./)
    .first()
    .waitFor();
  assert.deepEqual(await breaches(page), []);
  assert.match(
    (await rolls.getByRole("link", { name: "All ways for pricing-svc in prod-amer" }).getAttribute("href")) ?? "",
    /services\/pricing-svc\?environment=prod-amer$/,
  );
  assert.equal(await dialog.getByRole("button", { name: "Request it" }).count(), 0, "no request before the verdict");
  await dialog.getByRole("button", { name: "Show the verdict" }).click();
  await dialog.getByText("5 of 9 rules in the way; waiting alone does not open it").waitFor();
  await dialog.getByText("3 pass, 1 not applicable").click();
  await dialog.locator(".finding").nth(8).waitFor();
  assert.equal(await dialog.locator(".finding").count(), 9, "every finding is shown");
  await dialog.getByRole("button", { name: "Request it" }).click();
  await page.getByRole("heading", { level: 1, name: /pricing-svc 4.0.0/ }).waitFor();
});

test("A refused request says what happened, why and what to do next", { skip }, async () => {
  await using window = await open("/deployments?request=open&service=pricing-svc&environment=staging&version=0.0.0");
  const dialog = window.page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Show the verdict" }).click();
  await dialog.getByRole("button", { name: "Deploy now" }).click();
  await dialog
    .getByRole("alert")
    .getByText(/no such artifact.*0\.0\.0 is not registered.*Register the version first/)
    .waitFor();
});

/** Events whose way to the screen is measured. */
const measured = 30;
/** A person calls it "at once" up to here. */
const atOnceMs = 500;

test("A row changes at once when its deployment does", { skip }, async (t) => {
  await using window = await open("/deployments?environment=prod-emea");
  const { page } = window;
  const it = api.world.deployments.get(running);
  assert.ok(it);
  await page.locator(`[data-deployment="${running}"]`).waitFor();
  const tookMs: number[] = [];
  for (let index = 0; index < measured; index += 1) {
    it.headline = `Measured for the ${index}th time.`;
    const seen = page.evaluate(seenAt, { id: running, text: it.headline });
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 250)));
    const sentAt = api.emit("deployment", running);
    tookMs.push((await seen) - sentAt);
  }
  const sorted = tookMs.toSorted((left, right) => left - right);
  const [median = 0, worst = 0] = [sorted[Math.floor(measured / 2)], sorted.at(-1)];
  t.diagnostic(`event to row: median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms of ${measured}`);
  assert.ok(median < atOnceMs, `median ${median} ms`);
});

/** Runs in the page: the moment at which the row shows the text, in epoch milliseconds. */
function seenAt({ id, text }: { readonly id: string; readonly text: string }): Promise<number> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.querySelector(`[data-deployment="${id}"]`)?.textContent.includes(text) !== true) return;
      observer.disconnect();
      resolve(performance.timeOrigin + performance.now());
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

test("The page of a deployment follows a canary that is rolled back, without being touched", { skip }, async () => {
  await using window = await open(`/deployments/${failing}`);
  const { page } = window;
  for (const step of failingSteps(api.world)) {
    step();
    api.emit("timeline", failing);
    const it = api.world.deployments.get(failing);
    await page.locator(".headline-sentence", { hasText: it?.headline ?? "" }).waitFor();
    // The line of the new version begins when there has been traffic for some seconds.
    if (it?.percent === 25) await page.locator('.chart-line.canary[d^="M"]').first().waitFor({ state: "attached" });
  }
  await page.getByText("Rolled back", { exact: true }).waitFor();
  assert.match(await page.title(), /pricing-svc 3\.3\.0 → prod-apac: rolled back/);
  assert.equal(await page.locator(".step.failed .step-title").textContent(), "25 % of traffic");
  await page.getByText("Show as a table").click();
  await page.getByRole("table", { name: /Traffic of both versions/ }).waitFor();
  await picture(page, "played-rolled-back");
});

test("A lost stream is said, and what was missed is there when it is back", { skip }, async () => {
  await using window = await open("/deployments");
  const { page } = window;
  api.stream("down");
  await page.getByText(/Live updates are paused/).waitFor();
  await picture(page, "paused");
  const it = api.world.deployments.get(running);
  assert.ok(it);
  it.headline = "Changed while nobody could hear it.";
  api.stream("up");
  await page.getByText("Changed while nobody could hear it.").waitFor();
  await page.getByText(/Live updates are paused/).waitFor({ state: "detached" });
});

test("A demonstration clock is said on every page", { skip }, async () => {
  api.shift(9_000_000);
  await using window = await open("/inbox");
  await window.page.getByText(/Demonstration clock:.*2 h 30 min ahead of the real time/).waitFor();
  await picture(window.page, "demonstration-clock");
  api.shift(0);
});

test("Without a native Temporal the pages load the replacement and work the same", { skip }, async () => {
  await using window = await openWindow(api.url);
  const { page } = window;
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "Temporal"));
  await page.goto("/login");
  await logIn(page, goodToken);
  await page.locator("[data-row-link]").first().waitFor();
  await page.goto(`/deployments/${waiting}`);
  await page
    .getByText(/in 15 h \d+ min: .*Europe\/Berlin/)
    .first()
    .waitFor();
  assert.deepEqual(window.complaints, []);
});
