import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { answerOf, decide, ends, passes, request } from "#test/support/deployments.ts";
import { environment, startInstallation, type Account, type Installation } from "#test/support/installation.ts";
import { breaches, buildPages, logIn, notRun, openWindow, type Looks, type Window } from "#test/web/browser.ts";

/** The main job in a browser, on the real system: PostgreSQL, server, worker, agent and a shop under traffic. */
const skip = notRun;
let on: Installation;

/** Long enough at every share that a person, or a test, can look at it. */
const stages = [
  { percent: 5, minSeconds: 6, minRequests: 5 },
  { percent: 25, minSeconds: 12, minRequests: 20 },
  { percent: 50, minSeconds: 6, minRequests: 20 },
  { percent: 100, minSeconds: 6, minRequests: 20 },
];

/** People alone: what it asks is asked on pages. */
const runbook = `apiVersion: tidegate.dev/v1
kind: Runbook
metadata: { name: quarter-end }
spec:
  owner: finance
  summary: The quarter is closed.
  within: P1D
  steps:
    - name: balances
      timeout: PT4H
      humanTask: { who: compliance, instruction: Compare the balances and sign., signature: true, attachments: required }
    - { name: consent, timeout: PT4H, approve: { roles: [approver], instruction: Look at what is closed. } }
    - { name: settle, after: [balances, consent], soak: PT1S }
  rollback: [{ name: look, timeout: PT1H, humanTask: { who: finance, instruction: See that the quarter is open. } }]
`;

before(async () => {
  if (skip !== false) return;
  await buildPages();
  on = await startInstallation({ stages, ordersPerSecond: 10, documents: runbook });
});

after(async () => {
  if (skip === false) await on[Symbol.asyncDispose]();
});

/** A window with the person logged in, on the page of the path. */
async function open(account: Account, path: string, looks: Looks = {}): Promise<Window> {
  const window = await openWindow(on.url, looks);
  await window.page.goto(path);
  await logIn(window.page, on.tokenOf(account));
  await settled(window.page);
  return window;
}

async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByText("Loading", { exact: true }).waitFor({ state: "detached" });
  await page.getByText("Live", { exact: true }).waitFor();
}

const images = new URL("../../docs/images/", import.meta.url).pathname;

/** A picture of the documentation shows what a screen shows, and is small. */
const screen = { x: 0, y: 0, width: 1280, height: 960 } as const;

/** Into test-output; into the documentation too when it is asked for, so that a run does not change the tree. */
async function picture(page: Page, name: string, forDocs = false): Promise<void> {
  const path = `test-output/real-${name}.png`;
  await mkdir("test-output", { recursive: true });
  await page.mouse.move(0, 0);
  await page.evaluate("scrollTo(0, 0)");
  await page.screenshot({ path, fullPage: true });
  if (forDocs && process.env["TIDEGATE_UPDATE_IMAGES"] === "1")
    await page.screenshot({ path: `${images}${name}.png`, clip: screen, fullPage: true });
}

const inTime = { timeout: 60_000 };

test("A person approves a canary in the browser and watches it take all of the traffic", { skip }, async () => {
  const asked = await request(on, "chen", "cart@1.1.0");
  await using window = await open("hana", `/deployments/${asked.id}`, { height: 900 });
  const { page } = window;
  const saw = (text: string | RegExp) => page.getByText(text).first().waitFor(inTime);
  await saw(/^Denied: 0 of 1 approvals on the route prod-critical/);
  await picture(page, "waiting");
  await page.getByRole("button", { name: "Approve", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Approve" });
  await dialog.getByLabel("Reason").fill("The diff is small and well tested.");
  await dialog.getByRole("button", { name: "Approve" }).click();
  await dialog.waitFor({ state: "detached" });
  await saw("The diff is small and well tested.");
  for (const { percent } of stages) {
    await page.locator(".step[aria-current=step]", { hasText: `${percent} % of traffic` }).waitFor(inTime);
    await page.locator(".headline .share", { hasText: `${percent} %` }).waitFor(inTime);
    if (percent === 25) await lookAtCanary(page);
  }
  await page.locator(".headline .badge", { hasText: "Succeeded" }).waitFor(inTime);
  assert.match(await page.title(), /cart 1\.1\.0 → prod-emea: succeeded/);
  await page.locator(".step.done", { hasText: "Verified at the target" }).waitFor();
  assert.equal(await page.locator(".step:not(.done)").count(), 0);
  const borders = await page.locator(".chart").first().locator(".chart-marks text").allTextContents();
  assert.ok(borders.includes("25 %") && borders.includes("50 %"), `borders of stages: ${borders.join(", ")}`);
  await picture(page, "succeeded");
  assert.deepEqual(window.complaints, []);
});

/** Both versions have a line in both charts, and the borders of the stages stand on them. */
async function lookAtCanary(page: Page): Promise<void> {
  for (const arm of ["control", "canary"]) {
    const lines = page.locator(`.chart-line.${arm}[d^="M"]`);
    await lines.nth(1).waitFor({ state: "attached", ...inTime });
  }
  await page.locator(".chart-marks text", { hasText: "25 %" }).first().waitFor(inTime);
  await page.waitForTimeout(lookMs);
  await picture(page, "deployment", true);
}

/** A line of a chart needs some seconds to be one. */
const lookMs = 7000;

test("A bad release is seen going back, and the former version is proven at the target", { skip }, async () => {
  const asked = await request(on, "chen", "checkout@1.1.0");
  await using window = await open("emil", `/deployments/${asked.id}`, { height: 900 });
  const { page } = window;
  await page.getByRole("button", { name: "Approve", exact: true }).click();
  await page.getByRole("dialog", { name: "Approve" }).getByRole("button", { name: "Approve" }).click();
  await page
    .getByText(/^Denied: 1 of 2 approvals/)
    .first()
    .waitFor(inTime);
  assert.equal(await decide(on, "hana", asked), "approved");
  await page.locator(".headline .badge", { hasText: "Rolled back" }).waitFor({ timeout: 90_000 });
  await page
    .getByText(/checkout@1\.1\.0 is worse than 1\.0\.0 in (errors|latency)/)
    .first()
    .waitFor();
  assert.match((await page.locator(".step.failed .step-title").textContent()) ?? "", /% of traffic$/);
  const tail = await page.locator(".step.done .step-title").allTextContents();
  assert.deepEqual(tail.slice(-3), ["Roll back to 1.0.0", "Verified at the target", "Rolled back"]);
  await page.locator(".chart-marks text", { hasText: "back" }).first().waitFor();
  await picture(page, "deployment-rolled-back", true);
  assert.deepEqual(window.complaints, []);
});

test("A run is begun on its page, signed and approved by others on theirs, and seen to its end", { skip }, async () => {
  await using window = await open("hana", "/runbooks/quarter-end?start=open", { height: 900 });
  const { page } = window;
  const begin = page.getByRole("dialog", { name: "Begin a run" });
  await begin.getByLabel("Reason").fill("The quarter is over.");
  await begin.getByRole("button", { name: "Begin" }).click();
  await page.waitForURL(/\/runs\/run_/, inTime);
  await page.getByText("You started this run, or answer for it. Another person must decide.").waitFor(inTime);
  const path = new URL(page.url()).pathname;
  await using compliance = await open("ines", path);
  const sign = compliance.page.getByRole("form", { name: "Answer balances" });
  const sheet = { name: "balances.csv", mimeType: "text/csv", buffer: Buffer.from("account;cents\n1;1204\n") };
  await sign.getByLabel("Files as evidence").setInputFiles(sheet);
  await sign.getByLabel("Note").fill("They are equal.");
  await sign.getByLabel("Your token, as a signature").fill(on.tokenOf("hana"));
  await sign.getByRole("button", { name: "Sign and answer" }).click();
  await sign.getByText("The token speaks for somebody else.").waitFor(inTime);
  await sign.getByLabel("Your token, as a signature").fill(on.tokenOf("ines"));
  await sign.getByRole("button", { name: "Sign and answer" }).click();
  await sign.waitFor({ state: "detached", ...inTime });
  await using approver = await open("emil", "/inbox");
  await approver.page.getByRole("button", { name: "Decide… consent" }).click();
  const decision = approver.page.getByRole("form", { name: "Decide consent" });
  await decision.getByLabel("Reason").fill("I looked at it.");
  await decision.getByRole("button", { name: "Approve" }).click();
  await decision.waitFor({ state: "detached", ...inTime });
  await page.locator(".headline .badge", { hasText: "Succeeded" }).waitFor(inTime);
  await page.locator("#forward-balances").getByRole("button", { name: "Save balances.csv" }).waitFor();
  await page.locator("#forward-consent").getByText("Approved by emil.").waitFor();
  const complaints = [window, compliance, approver].flatMap((one) => one.complaints);
  assert.deepEqual(complaints, []);
});

test("The matrix and the list show what came of it, and a link restores what they showed", { skip }, async () => {
  const waits = await request(on, "chen", "frontend@1.1.0");
  await using window = await open("hana", "/matrix");
  const { page } = window;
  const cell = (service: string) =>
    page.locator("tr", { has: page.getByRole("rowheader", { name: new RegExp(`^${service}`) }) });
  await cell("cart").first().getByText("1.1.0", { exact: true }).waitFor();
  await cell("checkout").first().getByText("1.0.0", { exact: true }).waitFor();
  await picture(page, "matrix", true);
  await page.goto(`/deployments?environment=${environment}&state=ended`);
  await settled(page);
  assert.equal(await page.getByLabel("State").inputValue(), "ended");
  assert.equal(await page.locator("[data-deployment]").count(), 2);
  await page.getByLabel("State").selectOption("open");
  await page.waitForURL(/state=open/);
  const link = page.url();
  await using other = await openWindow(on.url);
  await other.page.goto(link);
  await logIn(other.page, on.tokenOf("emil"));
  await other.page.locator(`[data-deployment="${waits.id}"]`).waitFor();
  assert.equal(other.page.url(), link);
  assert.equal(await other.page.getByLabel("Environment").inputValue(), environment);
});

test("Every page of the real system is free of WCAG 2.2 AA breaches and of sideways scrolling", { skip }, async () => {
  const running = await request(on, "fatima", "email@1.1.0");
  await passes(on, running.id, "shift to 5 %");
  const { items } = answerOf(await on.as("hana").listDeployments({ query: {} }));
  const paths = [
    "/deployments",
    ...items.map(({ id }) => `/deployments/${id}`),
    "/deployments?request=open",
    "/matrix?group=team",
    "/inbox",
    "/audit",
  ];
  assert.ok(items.length >= 4);
  const found: string[] = [];
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 390],
  ] as const) {
    await using window = await open("hana", "/deployments", { colorScheme, width });
    const { page } = window;
    for (const path of paths) {
      if (path !== "/deployments") await page.goto(path);
      await settled(page);
      const place = `${path} ${colorScheme} ${width}`;
      found.push(...(await breaches(page)).map((one) => `${place}: ${one}`));
      const sideways = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      if (Number(sideways) > 0) found.push(`${place}: ${String(sideways)} px wider than the window`);
      const forDocs = path === "/deployments" && colorScheme === "light" && width === 1280;
      if (forDocs) await picture(page, "deployments", true);
      else await picture(page, `page-${paths.indexOf(path)}-${colorScheme}-${width}`);
    }
    found.push(...window.complaints.map((one) => `${colorScheme} ${width}: ${one}`));
  }
  assert.deepEqual(found, []);
  await ends(on, running.id);
});

/** Rounds of asking and stopping: two changes each. */
const rounds = 12;
/** From the request that was sent: with its judgement, its commit, the event and the reading of the list. */
const atOnceMs = 1000;

test("A row shows at once what somebody else has done", { skip }, async (t) => {
  await using window = await open("hana", `/deployments?environment=${environment}&service=payment`);
  const { page } = window;
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const askedAt = performance.now();
    const { id } = await request(on, "chen", "payment@1.1.0");
    await page.locator(`[data-deployment="${id}"]`, { hasText: "Waiting" }).waitFor();
    tookMs.push(performance.now() - askedAt);
    const stoppedAt = performance.now();
    answerOf(await on.as("hana").abortDeployment({ params: { id }, body: { reason: "Measured." } }));
    await page.locator(`[data-deployment="${id}"]`, { hasText: "Cancelled" }).waitFor();
    tookMs.push(performance.now() - stoppedAt);
  }
  const sorted = tookMs.toSorted((left, right) => left - right);
  const [median = 0, worst = 0] = [sorted[rounds], sorted.at(-1)];
  t.diagnostic(
    `request sent to row shown: median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms of ${tookMs.length}`,
  );
  assert.ok(median < atOnceMs, `median ${median} ms`);
});

test("An approver gets from the list to a consent by keyboard alone", { skip }, async () => {
  const asked = await request(on, "chen", "payment@1.1.0");
  await using window = await open("emil", "/deployments?state=waiting&service=payment");
  const { page } = window;
  await page.locator(`[data-deployment="${asked.id}"]`).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/${asked.id}`);
  await page.locator("h1:focus").waitFor();
  await tabTo(page, "Approve");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Approve" });
  await dialog.locator("textarea:focus").waitFor();
  await page.keyboard.type("Approved without a mouse.");
  await tabTo(page, "Approve");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await page.locator(".approval-reason", { hasText: "Approved without a mouse." }).waitFor();
  await page
    .getByText(/^Denied: 1 of 2 approvals/)
    .first()
    .waitFor();
  assert.deepEqual(window.complaints, []);
});

async function tabTo(page: Page, name: string): Promise<void> {
  for (let press = 0; press < 60; press += 1) {
    await page.keyboard.press("Tab");
    if ((await page.locator(":focus").textContent()) === name) return;
  }
  assert.fail(`no Tab reaches "${name}"`);
}
