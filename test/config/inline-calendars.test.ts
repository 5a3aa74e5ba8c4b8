import assert from "node:assert/strict";
import { test } from "node:test";
import { checkApart } from "#main/check-configuration.ts";

function documentWith(lines: readonly string[], effect = "blackout"): string {
  const text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test", ...lines, "END:VCALENDAR"];
  return `kind: Calendar
metadata: { name: campaigns }
spec:
  scope: {}
  zone: Europe/Berlin
  owner: release-manager
  effects: [{ match: {}, effect: ${effect} }]
  source:
    inline: |
${text.map((line) => `      ${line}`).join("\n")}
`;
}

async function problemsOf(text: string): Promise<readonly string[]> {
  const { problems } = await checkApart()([{ path: "c.yaml", text }]);
  return problems.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
}

/** It recurs, so that it stands in the range that is read whatever the date is. */
const fair = [
  "BEGIN:VEVENT",
  "UID:fair",
  "DTSTART:20260327T080000Z",
  "DTEND:20260327T180000Z",
  "RRULE:FREQ=WEEKLY",
  "END:VEVENT",
];

test("a calendar inside the configuration that reads well is no problem", async () => {
  assert.deepEqual(await problemsOf(documentWith(fair)), []);
});

test("what cannot be read is named by its event, at its line in the file", async () => {
  const zone = ["BEGIN:VEVENT", "UID:odd", "DTSTART;TZID=Mars/Base:20260327T080000", "END:VEVENT"];
  const never = [
    "BEGIN:VEVENT",
    "UID:never",
    "DTSTART:20260327T080000Z",
    "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "END:VEVENT",
  ];
  const cases = [
    [
      zone,
      /^19:7 bad-calendar The calendar cannot be read at line 10 of its text, event odd: .*zone that nobody knows/,
    ],
    [never, /^19:7 bad-calendar .*event never: its rule never matches/],
  ] as const;
  for (const [event, problem] of cases) {
    const [found, ...more] = await problemsOf(documentWith([...fair, ...event]));
    assert.match(found ?? "", problem);
    assert.deepEqual(more, []);
  }
});

test("a text that is no calendar, and an event that would stop without an end, are refused", async () => {
  const odd = documentWith([]).replace(/inline: \|[^]*/, 'inline: "<html>Log in</html>"\n');
  assert.match((await problemsOf(odd))[0] ?? "", /^9:13 bad-calendar .*line 1 of its text: it is not an iCalendar/);
  const endless = fair.filter((line) => !line.startsWith("DTEND"));
  assert.match((await problemsOf(documentWith(endless)))[0] ?? "", /event fair: it has no end .*\(blackout\)/);
  assert.deepEqual(await problemsOf(documentWith(endless, "pull-forward")), []);
});
