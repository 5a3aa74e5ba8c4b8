import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { breaches, buildPages, go, notRun, openLoggedIn, picture, type Looks, type Window } from "#test/web/browser.ts";
import { goodToken, startFakeApi, type FakeApi } from "#test/web/fake-api.ts";
import { askingRun, changeContent, signingToken } from "#test/web/fake-asking.ts";
import { idOf } from "#test/web/fake-world.ts";
import { wavesRun } from "#test/web/fake-waves.ts";
import type { DeploymentDetail } from "#web/release/deployment.ts";
import { endedRun, makePlans, movingRun } from "#test/web/fake-plans.ts";

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
  for (const [id, run] of makePlans(api.world.now()).runs) api.plans.runs.set(id, run);
  const window = await openLoggedIn(api.url, goodToken, looks);
  await go(window.page, path);
  return window;
}

/** It is live, watched, and somebody has to decide about it. */
const liveOne = idOf(0x1000);

function live(): DeploymentDetail {
  const found = api.world.deployments.get(liveOne);
  assert.ok(found);
  return found;
}

const pages = [
  ["runs", "/runs"],
  ["runs-none", "/runs?runbook=nothing-here"],
  ["run", `/runs/${movingRun}`],
  ["run-hand-over", `/runs/${movingRun}?ask=hand-over`],
  ["run-asking", `/runs/${askingRun}`],
  ["run-ended", `/runs/${endedRun}`],
  ["run-missing", `/runs/run_${"f".repeat(32)}`],
  ["runbooks", "/runbooks"],
  ["runbook", "/runbooks/orders-switch-over"],
  ["runbook-start", "/runbooks/orders-switch-over?start=open"],
  ["resources", "/resources"],
  ["waves", "/waves"],
  ["wave-plan", "/waves/checkout-world?version=5.3.0"],
  ["wave-plan-too-long", "/waves/checkout-world?version=9.9.9"],
  ["wave-plan-closed", "/waves/checkout-world?version=8.8.8"],
  ["wave-plan-start", "/waves/checkout-world?version=5.3.0&start=open"],
  ["wave-plan-missing", "/waves/nowhere"],
  ["inbox-tasks", "/inbox"],
  ["end-watch", `/deployments/${liveOne}?ask=end-watch#watch`],
] as const;

const darkPages = new Set<string>(["runs", "run", "run-asking", "inbox-tasks", "wave-plan"]);

for (const [colorScheme, width] of [
  ["light", 1280],
  ["dark", 1280],
  ["light", 360],
] as const) {
  test(
    `Pages of runs are free of WCAG 2.2 AA breaches and of sideways scrolling, ${colorScheme} at ${width} px`,
    { skip },
    async () => {
      api.plans.asks = true;
      api.live.asks = true;
      await using window = await open("/runs", { colorScheme, width });
      const { page } = window;
      const found: string[] = [];
      // The colours are those of every page; dark, the pages with colours of their own are enough.
      for (const [name, path] of pages.filter(([one]) => colorScheme === "light" || darkPages.has(one))) {
        await go(page, path);
        if (path.includes("version=")) await page.getByRole("region", { name: "Forecast" }).first().waitFor();
        if (path.includes("ask=") || path.includes("start=")) await page.getByRole("dialog").waitFor();
        if (name === "inbox-tasks") await page.getByText("Runs ask you").waitFor();
        if (name === "run-asking") {
          for (const ask of ["Answer", "Sign and answer", "Sign and approve"])
            await page.getByRole("button", { name: ask, exact: true }).click();
        }
        if (name === "inbox-tasks") {
          await page.getByRole("button", { name: "Decide… consent" }).click();
          await page.getByRole("button", { name: `Decide… ${live().service}` }).click();
          await page.getByRole("button", { name: `Check in… ${live().service}` }).click();
          await page.getByRole("region", { name: "What going back means" }).waitFor();
        }
        found.push(...(await breaches(page)).map((one) => `${name}: ${one}`));
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (sideways > 0) found.push(`${name}: ${sideways} px wider than the window`);
        await picture(page, `${name}-${colorScheme}-${width}`);
      }
      assert.deepEqual(found, []);
      assert.deepEqual(window.complaints, [], "no script error, nothing refused by the content security policy");
      api.plans.asks = false;
      api.live.asks = false;
    },
  );
}

test("The list is filtered by what its address says, and a row leads to the command view", { skip }, async () => {
  await using window = await open("/runs?state=all&service=checkout-api");
  const { page } = window;
  assert.equal(await page.getByLabel("State").inputValue(), "all");
  assert.equal(await page.locator("[data-run]").count(), 2);
  await page.getByLabel("State").selectOption("rolled-back");
  await page.waitForURL(/state=rolled-back/);
  await page.locator(`[data-run="${movingRun}"]`).waitFor({ state: "detached" });
  await page.getByLabel("State").selectOption("late");
  await page.locator(`[data-run="${movingRun}"]`).getByText("Late", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("h1").focus();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/runs/${movingRun}`);
  await page.getByRole("img", { name: /Graph of the steps \(way forward 6, undo 1, way back 1\)/ }).waitFor();
});

test(
  "A step that asks the viewer is answered on the page, and what is missing is said at its field",
  { skip },
  async () => {
    await using window = await open(`/runs/${movingRun}`);
    const { page } = window;
    const form = page.getByRole("form", { name: "Answer sign" });
    await form.getByText(/Without an answer it counts as failed, and the run turns back/).waitFor();
    await form.getByRole("button", { name: "Answer" }).click();
    await form.getByText("Say it in a few words.").waitFor();
    assert.equal(await form.getByText("This is needed.").count(), 2, "the link is optional");
    await form.getByLabel("Balance in cents").fill("much");
    await form.getByText("This must be a number, such as 12.5.").waitFor();
    await form.getByLabel("Balance in cents").fill("1204");
    await form.getByLabel("Are they equal?").selectOption("yes");
    await form.getByLabel("Note").fill("They are equal.");
    assert.deepEqual(await breaches(page), []);
    await form.getByRole("button", { name: "Answer" }).click();
    await form.waitFor({ state: "detached" });
    await page.locator("#forward-sign").getByText("ana: They are equal.").waitFor();
    await page.getByText("Answered done: They are equal.").waitFor();
  },
);

test(
  "Consent is given by keyboard, signed, to exactly what is shown; what is refused stands at its field",
  { skip },
  async () => {
    await using window = await open(`/runs/${askingRun}`);
    const { page } = window;
    const focused = () =>
      page.evaluate(() => document.activeElement?.closest(".mantine-InputWrapper-root")?.textContent);
    const form = page.getByRole("form", { name: "Decide consent" });
    await form.getByText("No artifact is registered.").waitFor();
    await form.getByText("Approved by eve; your approval lets it go on.").waitFor();
    await form.getByRole("button", { name: "Sign and approve" }).focus();
    await page.keyboard.press("Enter");
    await form.getByText("Say why, in a few words.").waitFor();
    await form.getByText("This decision has to be signed.").waitFor();
    assert.match((await focused()) ?? "", /^Reason/, "the first field that is wrong has the focus");
    await page.keyboard.type("I looked at all of it.");
    await page.keyboard.press("Tab");
    await page.keyboard.type("tok_other");
    await form.getByRole("button", { name: "Sign and approve" }).press("Enter");
    await form.getByText("The token speaks for somebody else. Sign with one of your own.").waitFor();
    assert.match((await focused()) ?? "", /^Your token/);
    await form.getByLabel("Your token, as a signature").fill(signingToken);
    const run = api.plans.runs.get(askingRun);
    assert.ok(run);
    api.plans.runs.set(askingRun, { ...run, steps: run.steps.map((one) => changeContent(one, api.world.now())) });
    await form.getByRole("button", { name: "Sign and approve" }).press("Enter");
    await form.getByText("What would run is not what you were shown.").waitFor();
    await form.getByText("Nobody has approved it yet; 2 more are needed.").waitFor();
    await form.getByRole("button", { name: "Sign and reject" }).press("Enter");
    await form.waitFor({ state: "detached" });
    await page.locator("#forward-consent").getByText("ana rejected it: I looked at all of it.").waitFor();
  },
);

test(
  "Files come with an answer and are saved again; what would not be kept is said at the field",
  { skip },
  async () => {
    await using window = await open(`/runs/${askingRun}`);
    const { page } = window;
    const form = page.getByRole("form", { name: "Answer sign" });
    const send = form.getByRole("button", { name: "Sign and answer" });
    await send.press("Enter");
    await form.getByText("This asks for a file as evidence.").waitFor();
    const file = (name: string, bytes: number) => ({ name, mimeType: "text/plain", buffer: Buffer.alloc(bytes, 65) });
    const field = form.getByLabel("Files as evidence");
    await field.setInputFiles([file("balances.csv", 2100), file("dump.bin", 300 * 1024)]);
    await form.getByText("dump.bin has 300 KiB; 256 KiB are kept at most.").waitFor();
    assert.deepEqual(await breaches(page), []);
    await form.getByRole("button", { name: "Take out dump.bin" }).press("Enter");
    await form.getByText("2.1 KiB").waitFor();
    await form.getByLabel("Note").fill("They are equal.");
    await form.getByLabel("Your token, as a signature").fill(signingToken);
    await send.press("Enter");
    await form.waitFor({ state: "detached" });
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save balances.csv" }).press("Enter"),
    ]);
    assert.equal(saved.suggestedFilename(), "balances.csv");
    assert.deepEqual(window.complaints, []);
  },
);

test("The overseer comes, the owner hands over, an issue is noted, and the run is turned back", { skip }, async () => {
  await using window = await open(`/runs/${movingRun}`);
  const { page } = window;
  await page.getByText("Who can do something").getByText("ana, eve").waitFor();
  await page.getByRole("button", { name: "I am present…" }).first().click();
  const come = page.getByRole("dialog", { name: "Be present as overseer" });
  await come.getByLabel("Reason").fill("I am here.");
  await come.getByRole("button", { name: "I am present" }).click();
  await page.getByText("Who can do something").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Hand over…" }).click();
  await page.waitForURL(/ask=hand-over/);
  const hand = page.getByRole("dialog", { name: "Hand over" });
  await hand.getByLabel("To whom").fill("nobody");
  await hand.getByLabel("Reason").fill("My shift ends.");
  await hand.getByRole("button", { name: "Hand it over" }).click();
  await hand.getByText("There is no person nobody.").waitFor();
  await hand.getByLabel("To whom").fill("eve");
  await hand.getByRole("button", { name: "Hand it over" }).click();
  await hand.waitFor({ state: "detached" });
  await page.getByLabel("Note an").selectOption("decision");
  await page.getByLabel("What everybody should know").fill("We go on without the archive.");
  await page.getByRole("button", { name: "Note it" }).click();
  await page.locator(".kind-decision", { hasText: "We go on without the archive." }).waitFor();
  await page.getByRole("button", { name: "Turn back…" }).click();
  const turn = page.getByRole("dialog", { name: "Turn back" });
  await turn.getByLabel("Reason").fill("The new cluster is slow.");
  await turn.getByRole("button", { name: "Turn it back" }).click();
  await page.getByText("Turning back", { exact: true }).waitFor();
});

test("The page follows the run without being touched", { skip }, async () => {
  await using window = await open(`/runs/${movingRun}`);
  const { page } = window;
  const run = api.plans.runs.get(movingRun);
  assert.ok(run);
  api.plans.runs.set(movingRun, { ...run, headline: "Changed while somebody looked." });
  api.emit("configuration", `run/${movingRun}`);
  await page.getByText("Changed while somebody looked.").waitFor();
});

test("The inbox counts what runs ask, and takes an answer on the spot", { skip }, async () => {
  await using window = await open("/runs");
  const { page } = window;
  api.plans.asks = true;
  await go(page, "/inbox");
  await page.getByText("orders-switch-over needs an overseer of release-manager").waitFor();
  await page.getByRole("button", { name: "Answer… sign" }).first().click();
  const form = page.getByRole("form", { name: "Answer sign" });
  await form.getByLabel("Outcome").selectOption("failed");
  await form.getByLabel("Note").fill("They differ.");
  await form.getByRole("button", { name: "Answer and turn back" }).click();
  await form.waitFor({ state: "detached" });
  await page.getByText("Runs ask you").waitFor({ state: "detached" });
});

test(
  "Live versions ask in the inbox, are answered there and on their page, and what is done is gone",
  { skip },
  async () => {
    await using window = await open("/runs");
    const { page } = window;
    api.live.asks = true;
    await go(page, "/inbox");
    const counted = page.getByRole("link", { name: /^Inbox/ });
    const all = Number.parseInt((await counted.textContent())?.replace(/\D/g, "") ?? "", 10);
    await page.getByRole("button", { name: `Decide… ${live().service}` }).press("Enter");
    const decision = page.getByRole("region", { name: "Decision on the way back" });
    const meaning = decision.getByRole("region", { name: "What going back means" });
    await meaning.getByText(/^At once to 100 %, because it is a way back: strategy way-back/).waitFor();
    await meaning.getByText(/takes 38 min, measured in a rehearsal/).waitFor();
    await meaning.getByText(/past the point of no return: The nightly billing/).waitFor();
    await meaning.getByText(/^Latest start in \d+ min/).waitFor();
    await meaning.getByText("Postings that were consumed stay posted.").waitFor();
    await decision.getByLabel(/^What you say/).fill("The fair is over.");
    await decision.getByRole("button", { name: "Object to going back" }).press("Enter");
    await decision.getByRole("list", { name: "What was said" }).getByText("The fair is over.").waitFor();
    await decision.getByLabel(/^What you say/).fill("It was the load test.");
    await decision.getByRole("button", { name: "Stay live" }).press("Enter");
    await decision.waitFor({ state: "detached" });
    await page.getByText(/Decide, or it goes back by itself/).waitFor({ state: "detached" });
    await page.getByRole("button", { name: `End or wait… ${live().service}` }).press("Enter");
    const sessions = page.getByRole("form", { name: "Decide" });
    const wait = sessions.getByRole("button", { name: "Wait as long again" });
    assert.ok(await wait.isDisabled(), "nothing is decided without a reason");
    await sessions.getByLabel(/^Why/).fill("The fair.");
    await wait.press("Enter");
    await page.getByText(/still has 12 sessions\.$/).waitFor({ state: "detached" });
    await page.getByRole("button", { name: `Check in… ${live().service}` }).press("Enter");
    const checkIn = page.getByRole("form", { name: "Check in" });
    await checkIn.getByLabel("How does it do?").fill("Orders as usual.");
    await checkIn.getByRole("button", { name: "Check in" }).press("Enter");
    await page.getByText(/A check-in is due/).waitFor({ state: "detached" });
    assert.equal(Number.parseInt((await counted.textContent())?.replace(/\D/g, "") ?? "", 10), all - 3);
    await page.getByRole("link", { name: /tight-errors is above 1/ }).press("Enter");
    await page.waitForURL(`**/deployments/${liveOne}#watch`);
    await page.getByRole("button", { name: "End the watch…" }).press("Enter");
    await page.waitForURL(/ask=end-watch/);
    const end = page.getByRole("dialog", { name: "End the watch" });
    await end.getByText("2 of 4 are green.", { exact: false }).waitFor();
    await end.getByRole("list", { name: "Not green" }).getByText("ledger is not known.").waitFor();
    await end.getByRole("button", { name: "End it" }).press("Enter");
    await end.getByText("Say why, in a few words.").waitFor();
    await end.getByLabel("Reason").fill("The ledger job is retired.");
    await end.getByRole("button", { name: "End it" }).press("Enter");
    await end.waitFor({ state: "detached" });
    await page.getByText("A person ended it. ana: The ledger job is retired.").waitFor();
    assert.equal(await page.getByRole("button", { name: "End the watch…" }).count(), 0);
    api.live.asks = false;
    api.live.said.length = 0;
    assert.deepEqual(window.complaints, []);
  },
);

test("Versions of a runbook are compared line by line", { skip }, async () => {
  await using window = await open("/runbooks/orders-switch-over");
  const { page } = window;
  await page.getByRole("link", { name: /^v2/ }).waitFor();
  await page.getByLabel("Compare with").selectOption({ index: 1 });
  await page.locator(".diff-added", { hasText: "overseer: release-manager" }).waitFor();
});

test("Waves are asked for in the address, put in an order that fits, begun, and found back", { skip }, async () => {
  await using window = await open("/runs");
  const { page } = window;
  await page.getByRole("navigation", { name: "Runs" }).getByRole("link", { name: "Waves" }).click();
  await page.getByRole("link", { name: "checkout-world", exact: true }).click();
  await page.getByText("Now: prod-emea-2 soaks. Wave 3 waits for: The end of soak-prod-emea-2.").waitFor();
  await page.getByLabel("Version", { exact: true }).fill("9.9.9");
  await page.keyboard.press("Enter");
  await page.waitForURL(/version=9\.9\.9/);
  await page.getByText("Does not fit", { exact: true }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Begin the waves…" }).count(), 0);
  await page.getByRole("button", { name: "apac, emea, amer" }).press("Enter");
  await page.waitForURL(/order=apac%2Cemea%2Camer/);
  await page.getByText("Fits", { exact: true }).waitFor();
  await page.getByRole("button", { name: "emea later" }).press("Enter");
  await page.waitForURL(/order=apac%2Camer%2Cemea/);
  await page.goBack();
  await page.goForward();
  await page.getByRole("button", { name: "Begin the waves…" }).click();
  await page.waitForURL(/start=open/);
  const dialog = page.getByRole("dialog", { name: "Begin the waves" });
  await dialog.getByText(/checkout-api@9\.9\.9 goes in 4 waves/).waitFor();
  await dialog.getByLabel("Reason").fill("The quarterly release.");
  await dialog.getByLabel("Who answers for it").fill("nobody");
  await dialog.getByRole("button", { name: "Begin" }).click();
  await dialog.getByText("There is no person nobody.").waitFor();
  await dialog.getByLabel("Who answers for it").fill("");
  await dialog.getByRole("button", { name: "Begin" }).click();
  await page.waitForURL(`**/runs/${wavesRun}`);
  await page.getByRole("heading", { level: 1 }).getByRole("link", { name: "checkout-world" }).click();
  await page.waitForURL("**/waves/checkout-world");
});
