import { type Document, storedDocument } from "#config/document.ts";
import type { JsonObject } from "#config/json.ts";
import type { LocalRule, RuleEnd } from "#core/calendar/local-rule.ts";
import type { Organisation } from "#core/catalog/organisation.ts";

/** The organisation of the catalogue as the documents that somebody would have applied. */
export function documentsOf(organisation: Organisation): readonly Document[] {
  const { people, services, environments, windows, freezes, routes, rotas, policies } = organisation;
  const teams = new Map([...services.values()].map(({ team, unit }) => [team, unit]));
  const document = (kind: string, name: string, spec: object): Document => storedDocument(kind, name, plain(spec));
  return [
    ...[...new Set(teams.values())].map((name) => document("Unit", name, {})),
    ...[...teams].map(([name, unit]) => document("Team", name, { unit })),
    document("Team", "platform", { unit: "unit-0" }),
    ...[...people.values()].map(({ name, teams: of, roles, accounts }) =>
      document("Person", name, { teams: of, roles: roles.length === 0 ? ["developer"] : roles, accounts }),
    ),
    ...[...services.values()].map(({ name, unit, team, tier, tags, dependsOn }) => {
      const edges = dependsOn.map(({ on, kind, versions }) => ({ service: on, kind, versions }));
      return document("Service", name, { unit, team, tier, tags, dependsOn: edges });
    }),
    ...[...environments.values()].map(({ name, ...spec }) => document("Environment", name, spec)),
    ...windows.map(({ name, scope, rule, onClose }) => document("Window", name, { scope, ...ruleOf(rule), onClose })),
    ...freezes.map(({ name, scope, rule, strength, owner, passesWith }) =>
      document("Freeze", name, { scope, ...ruleOf(rule), strength, owner, passesWith }),
    ),
    ...routes.map(({ name, ...spec }) => document("ApprovalRoute", name, spec)),
    ...rotas.map(({ name, team, shifts }) =>
      document("Rota", name, {
        team,
        zone: "Europe/Berlin",
        shifts: shifts.map(({ name: shift, rule, persons, handoverDays }) => {
          const { zone: _, ...local } = ruleOf(rule);
          return { name: shift, ...local, persons, handoverDays };
        }),
      }),
    ),
    ...policies.map(({ name, scope, level, owner, settings }) =>
      document("Policy", name, { scope, level, owner, settings }),
    ),
  ];
}

function ruleOf({ zone, start, rrule, end }: LocalRule): Readonly<Record<string, unknown>> {
  return { zone, start: start.toString({ smallestUnit: "minute" }), rrule, ...endOf(end) };
}

function endOf(end: RuleEnd): Readonly<Record<string, unknown>> {
  switch (end.kind) {
    case "elapsed":
      return { duration: end.duration.toString() };
    case "until":
      return { end: end.at.toString({ smallestUnit: "minute" }) };
    case "wall": {
      const pad = (n: number): string => String(n).padStart(2, "0");
      return { end: `${pad(Math.floor(end.minuteOfDay / 60))}:${pad(end.minuteOfDay % 60)}` };
    }
  }
}

/** As people write it: what says nothing is left out, times are text. */
function plain(spec: object): JsonObject {
  const keep = (_: string, value: unknown): unknown =>
    value === null || (Array.isArray(value) && value.length === 0) ? undefined : value;
  const copy: JsonObject = JSON.parse(JSON.stringify(spec, keep));
  return copy;
}
