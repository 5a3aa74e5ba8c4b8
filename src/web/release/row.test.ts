import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentState } from "#contract/release.ts";
import { offersOf, worthShowing } from "#web/release/actions.ts";
import { deployCommand, listCommand, watchCommand, whyCommand } from "#web/release/command-line.ts";
import { isOpen, stateChoices, stateLook, subjectOf } from "#web/release/deployment.ts";
import { choicesOf, toRow } from "#web/release/row.ts";
import { shiftText } from "#web/runtime/clock.ts";
import { makeWorld } from "#test/web/fake-scenes.ts";
import { idOf, queued, running, waiting } from "#test/web/fake-world.ts";

const now = Temporal.Instant.from("2026-11-21T12:00:00Z");
const world = makeWorld(() => now);

function given(id: string) {
  const found = world.deployments.get(id);
  assert.ok(found);
  return found;
}

test("Every state has a word and an icon, so that colour is never alone", () => {
  const looks = deploymentState.options.map(stateLook);
  assert.ok(looks.every(({ label, icon }) => label !== "" && icon.length > 0));
  assert.equal(new Set(looks.map(({ label }) => label)).size, deploymentState.options.length);
  assert.equal(stateChoices.length, deploymentState.options.length + 3);
});

test("A row says when waiting work opens, and nothing of the kind once it has ended", () => {
  assert.equal(toRow(given(waiting), now).opening?.text, "opens in 15 h 12 min");
  assert.equal(toRow({ ...given(waiting), state: "rejected" }, now).opening, null);
});

test("A share is a bar while it moves, a number afterwards and nothing before", () => {
  assert.equal(toRow(given(running), now).share, "bar");
  assert.equal(toRow(given(queued), now).share, "none");
  assert.equal(toRow(given(idOf(0x1000)), now).share, "number");
});

test("A subject names service, version and environment", () => {
  assert.equal(subjectOf(given(running)), "checkout-api 5.1.0 → prod-emea");
  assert.equal(isOpen("needs-human"), false);
});

test("The choices of a filter hold the chosen name even when nothing shown has it", () => {
  assert.deepEqual(choicesOf(["b", "a", "b"], "c"), ["a", "b", "c"]);
});

test("Refused actions stay in sight with their reason where a person would look for them", () => {
  const before = worthShowing(offersOf(given(waiting).actions), "waiting");
  assert.deepEqual(
    before.map(({ name, allowed }) => `${name} ${allowed}`),
    ["approve true", "reject true", "abort false"],
  );
  assert.match(before.at(-1)?.because ?? "", /permission deployment.abort/);
  assert.deepEqual(
    worthShowing(offersOf(given(running).actions), "running").map(({ name }) => name),
    ["abort"],
  );
});

test("An action that this page does not know is not offered", () => {
  assert.deepEqual(offersOf([{ name: "teleport", allowed: true, because: "" }]), []);
});

test("Rejections, aborts and roll-backs need a reason", () => {
  const offers = offersOf(
    ["approve", "reject", "abort", "roll-back"].map((name) => ({ name, allowed: true, because: "" })),
  );
  assert.deepEqual(
    offers.map(({ reason }) => reason),
    ["optional", "required", "required", "required"],
  );
});

test("The command line beside a page does what the page shows", () => {
  const filter = { environment: "prod", service: undefined, state: "open" as const };
  assert.equal(listCommand(filter), "tidegate deployments --environment prod --state open");
  const subject = { service: "api", version: "1.0.0", environment: "prod" };
  assert.equal(whyCommand(subject), "tidegate why api@1.0.0 --to prod");
  assert.equal(
    whyCommand({ ...subject, class: "normal", deployment: "dep_1", at: "2026-11-27T22:00:00Z" }),
    "tidegate why api@1.0.0 --to prod --for dep_1 --at 2026-11-27T22:00:00Z",
  );
  assert.equal(whyCommand({ ...subject, class: "emergency" }), "tidegate why api@1.0.0 --to prod --class emergency");
  assert.equal(deployCommand(subject), "tidegate deploy api@1.0.0 --to prod --watch");
  assert.equal(watchCommand({ id: "dep_1" }), "tidegate deployment dep_1 --watch");
});

test("A shifted clock is told with its direction, and the way of the network is no shift", () => {
  assert.equal(shiftText(9_000_000), "2 h 30 min ahead of the real time");
  assert.equal(shiftText(-60_000), "1 min behind the real time");
  assert.equal(shiftText(800), null);
});
