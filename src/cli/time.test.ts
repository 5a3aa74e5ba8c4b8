import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandEnd } from "#cli/exit.ts";
import { readTime, sayTime } from "#cli/time.ts";

for (const [text, instant, note] of [
  [
    "2026-03-29T02:30[Europe/Berlin]",
    "2026-03-29T01:30:00Z",
    /^2026-03-29T02:30:00 does not exist in Europe\/Berlin.*taken as 2026-03-29T03:30:00\+02:00/,
  ],
  [
    "2026-10-25T02:30[Europe/Berlin]",
    "2026-10-25T00:30:00Z",
    /comes twice.*the first.*The second is 2026-10-25T02:30:00\+01:00\.$/,
  ],
  ["2026-10-25T02:30+01:00[Europe/Berlin]", "2026-10-25T01:30:00Z", null],
  ["2026-11-24T22:00[Europe/Berlin]", "2026-11-24T21:00:00Z", null],
  ["2026-11-24T21:00:00Z", "2026-11-24T21:00:00Z", null],
] as const) {
  test(`${text} is read, and what the clock makes of it is said`, () => {
    const read = readTime(text);
    assert.equal(read.instant.toString(), instant);
    if (note === null) assert.equal(read.note, null);
    else assert.match(read.note ?? "", note);
  });
}

for (const [title, text, words] of [
  ["an unknown zone", "2026-11-24T22:00[Europe/Berln]", /"Europe\/Berln".*not an IANA zone known here/],
  [
    "an offset that contradicts the zone",
    "2026-11-24T22:00+05:00[Europe/Berlin]",
    /contradicts its zone: .* has the offset \+01:00/,
  ],
  ["a day that does not exist", "2026-02-30T22:00[Europe/Berlin]", /is not a date and time/],
  ["a time without zone or offset", "2026-11-24T22:00", /without zone or offset says nothing/],
] as const) {
  test(`${title} is refused by its own name`, () => {
    const isUsage = (error: unknown): boolean =>
      error instanceof CommandEnd && error.code === 2 && words.test(error.message);
    assert.throws(() => readTime(text), isUsage);
  });
}

test("an instant is shown on the clock of the environment and in UTC", () => {
  assert.equal(
    sayTime("2026-11-24T21:00:00Z", "Europe/Berlin"),
    "Tue 24 Nov 2026 22:00 Europe/Berlin (2026-11-24T21:00Z)",
  );
  assert.equal(sayTime("2026-11-24T21:00:07.5Z", null), "2026-11-24T21:00:07Z");
});
