import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommandLine } from "#cli/program.ts";

const folder = new URL("maintenance", import.meta.url).pathname;

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function tidegate(...args: readonly string[]): Promise<Said> {
  let out = "";
  let err = "";
  const code = await runCommandLine(
    {
      version: "0.0.0",
      env: {},
      write: (text) => void (out += text),
      say: (text) => void (err += `${text}\n`),
      interrupted: new AbortController().signal,
      local: [],
    },
    args,
  );
  return { code, out, err };
}

const spans = (environment: string, service: string, since: string, until: string, ...more: readonly string[]) =>
  tidegate(
    "calendar",
    "spans",
    "--environment",
    environment,
    "--service",
    service,
    "--from",
    folder,
    "--since",
    since,
    "--until",
    until,
    ...more,
  );

async function openOf(environment: string, service: string, since: string, until: string) {
  const { out } = await spans(environment, service, since, until, "-o", "json");
  const { open }: { readonly open: readonly { readonly from: string; readonly to: string }[] } = JSON.parse(out);
  return open.map(({ from, to }) => `${from} ${Temporal.Instant.from(from).until(to).total("hours")} h`);
}

test("after Wed 25 Mar 2026, 09:00 in Berlin, Saturday 01:00 opens at 00:00 UTC and a week later at 23:00 UTC", async () => {
  const asked = await spans("prod-emea", "cart", "2026-03-25T09:00[Europe/Berlin]", "2026-04-06T00:00Z");
  assert.equal(
    asked.out,
    [
      "OPENS (UTC)        CLOSES (UTC)       OPENS (Europe/Berlin)       CLOSES (Europe/Berlin)      OPEN FOR  OPENED BY                     CLOSED BY",
      "2026-03-28T00:00Z  2026-03-28T04:00Z  Sat 2026-03-28T01:00+01:00  Sat 2026-03-28T05:00+01:00  4 h 0 m   window saturday-night begins  window saturday-night ends",
      "2026-04-03T23:00Z  2026-04-04T03:00Z  Sat 2026-04-04T01:00+02:00  Sat 2026-04-04T05:00+02:00  4 h 0 m   window saturday-night begins  window saturday-night ends",
      "",
    ].join("\n"),
  );
  assert.equal(
    asked.err,
    "Clocks in Europe/Berlin go forward from 02:00 to 03:00 on 2026-03-29: the day has 23 hours.\n",
  );
  assert.equal(asked.code, 0);
});

test("Sunday 01:00 to 05:00 lasts three hours when the clocks go forward and five when they go back", async () => {
  assert.deepEqual(await openOf("prod-emea", "ledger", "2026-03-28T00:00Z", "2026-03-30T00:00Z"), [
    "2026-03-29T00:00:00Z 3 h",
  ]);
  assert.deepEqual(await openOf("prod-emea", "ledger", "2026-10-24T00:00Z", "2026-10-26T00:00Z"), [
    "2026-10-24T23:00:00Z 5 h",
  ]);
});

test("Saturday 01:00 comes to New York five hours after Berlin on 28 March 2026, and six on 4 April", async () => {
  const starts = async (environment: string) =>
    (await openOf(environment, "cart", "2026-03-25T00:00Z", "2026-04-06T00:00Z")).map((text) =>
      Temporal.Instant.from(text.split(" ")[0] ?? ""),
    );
  const [berlin, newYork] = [await starts("prod-emea"), await starts("prod-amer")];
  assert.deepEqual(
    berlin.map((at, index) => at.until(newYork[index] ?? at).total("hours")),
    [5, 6],
  );
});

test("a freeze is named where it closes and where it opens", async () => {
  const { out } = await spans("prod-emea", "ledger", "2026-03-25T00:00Z", "2026-04-13T00:00Z", "-o", "json");
  const { freezes }: { readonly freezes: readonly unknown[] } = JSON.parse(out);
  assert.deepEqual(freezes, [
    {
      name: "quarter-end",
      zone: "Europe/Berlin",
      strength: "hard",
      owner: "books",
      reason: "The books of the quarter are closed.",
      spans: [{ from: "2026-03-31T16:00:00Z", to: "2026-04-02T04:00:00Z" }],
    },
  ]);
});

test("a freeze that names no actions holds up a deployment and not going back; another class is another question", async () => {
  const frozen = async (...more: readonly string[]): Promise<readonly string[]> => {
    const { out } = await spans("prod-emea", "ledger", "2026-03-30T00:00Z", "2026-04-13T00:00Z", "-o", "json", ...more);
    const { freezes }: { readonly freezes: readonly { readonly name: string }[] } = JSON.parse(out);
    return freezes.map(({ name }) => name);
  };
  assert.deepEqual(await frozen(), ["quarter-end"]);
  assert.deepEqual(await frozen("--action", "roll-back"), []);
  assert.deepEqual(await frozen("--class", "emergency"), ["quarter-end"]);
  const wrong = await spans("prod-emea", "ledger", "2026-03-30T00:00Z", "2026-04-13T00:00Z", "--class", "urgent");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /standard, normal, emergency/);
});

test("without a service the rules that bind some services only are named and not mixed in", async () => {
  const { out, err } = await tidegate(
    "calendar",
    "spans",
    "--environment",
    "prod-emea",
    "--from",
    folder,
    "--since",
    "2026-03-25T00:00Z",
    "--until",
    "2026-04-13T00:00Z",
  );
  assert.equal(out.split("\n").length, 2, "the header alone: a window is required and none is for every service");
  assert.match(err, /prod-emea is never open/);
  assert.match(
    err,
    /Some services have rules of their own here: window saturday-night, window sunday-night, freeze quarter-end\. Name one with --service\./,
  );
});

test("what cannot be answered says why and what to do", async () => {
  const unknown = await spans("prod-asia", "cart", "2026-03-25T00:00Z", "2026-03-26T00:00Z");
  assert.deepEqual([unknown.code, /Known: prod-amer, prod-emea/.test(unknown.err)], [2, true]);
  const backwards = await spans("prod-emea", "cart", "2026-03-26T00:00Z", "2026-03-25T00:00Z");
  assert.deepEqual([backwards.code, backwards.err], [2, "tidegate: --until must lie after --since.\n"]);
  const long = await spans("prod-emea", "cart", "2026-01-01T00:00Z", "2028-01-01T00:00Z");
  assert.match(long.err, /more than 400 days/);
});

test("lint names what never fits, what is off its rule and where little time is left", async () => {
  const { code, out, err } = await tidegate(
    "calendar",
    "lint",
    folder,
    "--at",
    "2026-03-01T00:00Z",
    "--usual-run",
    "PT4H",
    "--least-hours",
    "20",
    "--strict",
  );
  assert.equal(code, 1);
  assert.match(
    out,
    /window sunday-night opens .* for less than PT4H, first at 2026-03-08T06:00:00Z for PT3H \(seen with the clocks of America\/New_York\) \[too-short\]/,
  );
  assert.match(
    out,
    /prod-emea leaves cart 16 h of open time in .*; fewer than 20 h in \d+ of 13 months.*\[little-time\]/,
  );
  assert.match(err, /Looked at 2 windows, 1 freezes and 4 services in environments/);
});
