import { z } from "zod";
import { checkedText, listField, nameField, textField, zoneField } from "#config/fields.ts";
import { itemsOf, member } from "#config/json.ts";
import { defineKind } from "#config/kind.ts";
import type { FieldProblem } from "#config/problem.ts";
import { referencesIn } from "#config/references.ts";
import { hoursField, hoursProblems, toWorkingHours } from "#config/working-hours.ts";
import { type Person, roles } from "#core/catalog/people.ts";
import type { WorkingHours } from "#core/catalog/working-hours.ts";

const accountName = checkedText(
  (text) =>
    /^[^\s\p{Cc}]{1,254}$/u.test(text)
      ? null
      : { code: "bad-name", message: "This is not the name of an account.", remedy: "Write it without spaces." },
  { description: "Name under which the account signs in." },
);

const account = z.strictObject({
  name: accountName,
  kind: z.enum(["human", "bot"]).meta({ description: "A bot acts for its owner: rules about duties see the person." }),
});

/** The hours stand apart: what a person may do is a fact of verdicts, when somebody is awake is not. */
interface DeclaredPerson {
  readonly person: Person;
  readonly hours: WorkingHours | null;
}

export const person = defineKind({
  kind: "Person",
  summary:
    "A human being with accounts, bots included. Every rule about duties compares persons, so an account belongs to one person only.",
  example: `kind: Person
metadata: { name: bob }
spec:
  displayName: Bob Beispiel
  teams: [checkout]
  roles: [developer, approver]
  accounts: [{ name: bob, kind: human }, { name: bob-release-bot, kind: bot }]
  zone: Europe/Berlin
  hours: [{ days: [MO, TU, WE, TH, FR], from: "09:00", to: "17:30" }]`,
  schema: z.strictObject({
    displayName: textField("Name as people read it; the name of the document when left out.").optional(),
    teams: listField(nameField("Name of a team."), "Teams the person is a member of."),
    roles: listField(z.enum(roles), "What the person may do."),
    accounts: listField(account, "Accounts the person acts with."),
    zone: zoneField.meta({ description: "IANA zone of the person's clock; mandatory beside `hours`." }).optional(),
    hours: hoursField,
  }),
  references: (spec) => referencesIn(spec, "teams", ["Team"]),
  check: (spec) => [
    ...repeatedAccounts(itemsOf(member(spec, "accounts")).map((item) => member(item, "name"))),
    ...hoursProblems(spec),
  ],
  toDomain: (name, spec): DeclaredPerson => ({
    person: {
      name,
      displayName: spec.displayName ?? name,
      teams: spec.teams ?? [],
      roles: spec.roles ?? [],
      accounts: spec.accounts ?? [],
    },
    hours: toWorkingHours(name, spec),
  }),
});

function repeatedAccounts(names: readonly unknown[]): readonly FieldProblem[] {
  const seen = new Set<unknown>();
  const problems: FieldProblem[] = [];
  for (const [index, name] of names.entries()) {
    if (seen.has(name)) {
      const message = "The account stands twice in the list.";
      const at = ["spec", "accounts", index, "name"];
      problems.push({ at, code: "duplicate-account", message, remedy: "Remove one of them." });
    }
    if (typeof name === "string") seen.add(name);
  }
  return problems;
}
