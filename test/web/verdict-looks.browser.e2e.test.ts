import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { breaches, buildPages, go, notRun, openLoggedIn, picture, type Looks, type Window } from "#test/web/browser.ts";
import { goodToken, startFakeApi, type FakeApi } from "#test/web/fake-api.ts";
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
const pages = [
  ["why-of-deployment", `/deployments/${waiting}`],
  ["why", `/why?${question}`],
  ["why-empty", "/why"],
  ["rule", "/rules/inside-window"],
  ["holds", "/holds"],
  ["place-hold", "/holds?ask=hold"],
  ["policies", "/policies"],
  ["policy", "/policies/payments-evidence"],
  ["policy-diff", `/policies/payments-evidence?against=sha256:${"b2".repeat(32)}`],
  ["backtest", "/backtest?since=2026-03-01T00:00:00Z"],
  ["inbox-notices", "/inbox"],
  ["matrix-signals", "/matrix"],
  ["exemptions", "/exemptions?show=all"],
  ["gates", "/gates"],
  ["service", "/services/ledger-core"],
  ["exempt", `/why?${question}&ask=exempt&of=evidence-fresh`],
  ["override", `/deployments/${waiting}?ask=override&of=inside-window`],
  ["emergency", `/why?${question}&ask=emergency`],
  ["pay-debt", "/exemptions?ask=pay-debt&of=DB-4"],
] as const;

for (const [colorScheme, width] of [
  ["light", 1920],
  ["dark", 1280],
  ["dark", 360],
] as const) {
  test(
    `The pages about verdicts are free of WCAG 2.2 AA breaches and of sideways scrolling, ${colorScheme} at ${width} px`,
    { skip },
    async () => {
      await using window = await open("/deployments", { colorScheme, width });
      const { page } = window;
      const found: string[] = [];
      for (const [name, path] of pages) {
        await go(page, path);
        if (name.startsWith("why-of") || name === "why") await page.locator(".outline").waitFor();
        if (name === "rule") await page.getByText("What helps.").waitFor();
        if (path.includes("ask=")) await page.getByRole("dialog").waitFor();
        found.push(...(await breaches(page)).map((one) => `${name}: ${one}`));
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (sideways > 0) found.push(`${name}: ${sideways} px wider than the window`);
        await picture(page, `${name}-${colorScheme}-${width}`);
      }
      assert.deepEqual(found, []);
      assert.deepEqual(window.complaints, [], "no script error, nothing refused by the content security policy");
    },
  );
}
