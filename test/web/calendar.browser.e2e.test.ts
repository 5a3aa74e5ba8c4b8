import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { breaches, buildPages, notRun, openLoggedIn, picture, type Looks, type Window } from "#test/web/browser.ts";
import { goodToken, startFakeApi, type FakeApi } from "#test/web/fake-api.ts";

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

async function go(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole("heading", { level: 1, name: "Calendar" }).waitFor();
  await page.getByText("Loading", { exact: true }).first().waitFor({ state: "detached" });
  await page.getByRole("region", { name: "Next five openings" }).getByRole("listitem").first().waitFor();
}

const autumn = "date=2026-10-25";
const pages = [
  ["week", "/calendar"],
  ["week-autumn", `/calendar?view=week&${autumn}&zone=Europe/Berlin`],
  ["week-units", "/calendar?view=week&lanes=unit&environment=prod-emea"],
  ["month", `/calendar?view=month&${autumn}&environment=prod-emea`],
  ["agenda", `/calendar?view=agenda&date=2026-10-22&environment=prod-emea`],
  ["draft", "/calendar?view=week&draft=open&environment=prod-amer"],
] as const;

for (const [colorScheme, width] of [
  ["light", 1280],
  ["dark", 1920],
  ["light", 360],
] as const) {
  test(
    `Every view of the calendar is free of WCAG 2.2 AA breaches and of sideways scrolling, ${colorScheme} at ${width} px`,
    { skip },
    async () => {
      await using window = await open("/calendar", { colorScheme, width });
      const { page } = window;
      const found: string[] = [];
      for (const [name, path] of pages) {
        await go(page, path);
        if (name === "draft") await page.getByText("What would change until").waitFor();
        if (name === "week-autumn") await page.locator("[data-entry]").first().focus();
        found.push(...(await breaches(page)).map((one) => `${name}: ${one}`));
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (sideways > 0) found.push(`${name}: ${sideways} px wider than the window`);
        await picture(page, `calendar-${name}-${colorScheme}-${width}`);
      }
      assert.deepEqual(found, []);
      assert.deepEqual(window.complaints, [], "no script error, nothing refused by the content security policy");
    },
  );
}

test("The night on which the clocks go back is said, and its day has 25 hours", { skip }, async () => {
  await using window = await open(`/calendar?view=month&${autumn}&environment=prod-emea`);
  const { page } = window;
  await page
    .getByText("Clocks in Europe/Berlin go back from 03:00 to 02:00 on 2026-10-25: the day has 25 hours.")
    .first()
    .waitFor();
  for (const name of [
    /^Sunday 25 October 2026; 25 hours ?; 01:00–05:00 open$/,
    /^Saturday 24 October 2026; ?; …–08:00 frozen, clock-night$/,
    /^Friday 23 October 2026; ?; all day frozen, clock-night$/,
  ]) {
    await page.getByRole("button", { name }).waitFor();
  }
  await page.getByText("Sun 25 Oct 01:00 – 05:00 Europe/Berlin (+02:00, then +01:00)").waitFor();
  await page.getByText("Sat 24 Oct 23:00 – Sun 25 Oct 04:00 UTC").waitFor();
});

test(
  "Every time is told on the clock of the viewer, of the calendar and in UTC, by pointer and by keyboard",
  { skip },
  async () => {
    await using window = await open(`/calendar?${autumn}&environment=prod-apac&zone=Asia/Tokyo`);
    const { page } = window;
    await page.locator("[data-entry]").first().hover();
    const readout = page.locator(".calendar-readout");
    await readout.getByText("Mon 19 Oct 09:00 – 16:00 Asia/Tokyo (+09:00)").waitFor();
    await readout.getByText("Mon 19 Oct 02:00 – 09:00 Europe/Berlin (+02:00)").waitFor();
    await readout.getByText("Mon 19 Oct 00:00 – 07:00 UTC").waitFor();
    await readout.getByText("Opens because window prod-working-hours begins.").waitFor();
    await page.locator("[data-entry]").first().focus();
    await page.keyboard.press("ArrowRight");
    await readout.getByText("Tue 20 Oct 09:00 – 16:00 Asia/Tokyo (+09:00)").waitFor();
    assert.match(
      (await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))) ?? "",
      /^Open in prod-apac, 7 h; Tue 20 Oct 09:00 – 16:00 Asia\/Tokyo \(\+09:00\); .*Europe\/Berlin.*UTC/,
    );
  },
);

test("Arrow keys move the day of a month, and the URL keeps it", { skip }, async () => {
  await using window = await open(`/calendar?view=month&${autumn}&environment=prod-emea`);
  const { page } = window;
  await page.locator('[data-date="2026-10-25"]').focus();
  for (const key of ["ArrowRight", "ArrowDown", "PageDown"]) await page.keyboard.press(key);
  await page.waitForURL("**date=2026-12-02*");
  await page.waitForFunction(() => document.activeElement?.getAttribute("data-date") === "2026-12-02");
  await page.getByRole("button", { name: "Agenda" }).click();
  await page.waitForURL("**view=agenda*");
  await page.reload();
  await page.getByRole("heading", { name: "Wednesday 2 December 2026" }).waitFor();
});

test(
  "A draft says at every pause what it would open, what it would close, and where it is wrong",
  { skip },
  async () => {
    await using window = await open("/calendar?draft=open&environment=prod-emea");
    const { page } = window;
    const preview = page.getByRole("region", { name: "Preview of prod-early" });
    await preview.getByText("window prod-early: next five openings").waitFor();
    assert.equal(await preview.locator("ol").first().locator("li").count(), 5);
    await page.getByRole("region", { name: "What would change" }).getByText("prod-emea", { exact: true }).waitFor();
    const box = page.getByRole("textbox", { name: /YAML/ });
    await box.fill((await box.inputValue()).replace("BYDAY=TU,TH", "BYDAY=TU,XX"));
    await page.getByText(/Line 7, column \d+:/).waitFor();
    assert.match((await page.locator(".draft-excerpt").textContent()) ?? "", /rrule: FREQ=WEEKLY;BYDAY=TU,XX\n\s+\^/);
    await preview.waitFor({ state: "detached" });
    await picture(page, "calendar-draft-wrong");
    await page.waitForURL("**text=*");
    await page.reload();
    await page.getByText(/Line 7, column \d+:/).waitFor();
    assert.match(await box.inputValue(), /BYDAY=TU,XX/, "the draft is in the URL");
  },
);
