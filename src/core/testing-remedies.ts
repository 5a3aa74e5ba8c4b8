import type { Facts } from "#core/policy/facts.ts";
import type { Remedy } from "#core/policy/finding.ts";
import type { PolicySettings } from "#core/policy/policy.ts";
import { anEvidence, aTicket, aVerification, someDigest } from "#core/testing-demands.ts";

type Deed = (facts: Facts, remedy: Remedy) => Facts;

/** The facts after a deed that a rule about demands, holds or signals asks for; null for the deeds of other rules. */
export function afterDemandedDeed(facts: Facts, rule: string, remedy: Remedy): Facts | null {
  if (remedy.kind === "wait") return null;
  const deed = deeds.get(rule);
  return deed === undefined ? null : deed(facts, remedy);
}

const deeds: ReadonlyMap<string, Deed> = new Map<string, Deed>([
  ["global-stop", (facts, { what }) => ({ ...facts, stops: facts.stops.filter(({ id }) => !names(what, id)) })],
  ["hold-flag", (facts, { what }) => ({ ...facts, holds: facts.holds.filter(({ id }) => !names(what, id)) })],
  [
    "artifact-verified",
    (facts, { who }) => ({ ...facts, verifications: [aVerification({ source: who, at: facts.at })] }),
  ],
  ["evidence-fresh", supplyEvidence],
  ["environment-path", passStage],
  ["ticket-linked", bringTicket],
  ["risk-within-appetite", lowerRisk],
  [
    "error-budget-left",
    (facts, { who }) => {
      const service = who.replace("owner of ", "");
      return { ...facts, errorBudget: { service, environment: null, left: 1, source: "slo", at: facts.at } };
    },
  ],
  [
    "capacity-left",
    (facts, { what }) => ({ ...facts, usage: facts.usage.filter(({ booking }) => !names(what, booking)) }),
  ],
  [
    "dependency-degraded",
    (facts, { who }) => ({ ...facts, signals: facts.signals.filter(({ service }) => who !== `owner of ${service}`) }),
  ],
  [
    "core-upgrade",
    (facts, { what }) => ({ ...facts, bookings: facts.bookings.filter(({ service }) => !names(what, service)) }),
  ],
  [
    "policy-clauses",
    (facts, { what }) =>
      withSettings(facts, (settings) => ({
        ...settings,
        clauses: settings.clauses.filter(({ id, remedy }) => remedy !== what && !names(what, id)),
      })),
  ],
]);

function names(what: string, word: string): boolean {
  return what.split(/[ .,]+/).includes(word);
}

function withSettings(facts: Facts, change: (settings: PolicySettings) => PolicySettings): Facts {
  return { ...facts, policies: facts.policies.map((policy) => ({ ...policy, settings: change(policy.settings) })) };
}

function supplyEvidence(facts: Facts, { who, what }: Remedy): Facts {
  if (facts.evidence === "assumed") throw new RangeError("no evidence is kept");
  const kind = /^Supply (\S+) on/.exec(what)?.[1] ?? "";
  const demands = facts.policies.flatMap(({ settings }) => settings.evidence).filter((demand) => demand.kind === kind);
  const value = demands.map(({ min, max }) => min ?? max)[0] ?? null;
  const ruleSet = demands[0]?.ruleSet ?? null;
  const others = facts.evidence.filter((record) => record.kind !== kind);
  return { ...facts, evidence: [...others, anEvidence(kind, { source: who, at: facts.at, value, ruleSet })] };
}

/** The deed is done with its soak. */
function passStage(facts: Facts, { what }: Remedy): Facts {
  if (facts.passed === "assumed") throw new RangeError("no path is kept");
  const environment = /(?:soak in|to) ([a-z0-9-]+)/.exec(what)?.[1] ?? "";
  const since = facts.at.subtract({ hours: 24 * 30 });
  return { ...facts, passed: [...facts.passed, { environment, digest: someDigest, deployment: "dep_done", since }] };
}

function bringTicket(facts: Facts, { kind, what }: Remedy): Facts {
  if (facts.tickets === "assumed" || kind !== "supply-evidence") throw new RangeError("no tickets are kept");
  const [, key, state] = /^Bring (\S+) to (\S+?)[. ]/.exec(`${what} `) ?? [];
  if (key === undefined || state === undefined) return { ...facts, tickets: [...facts.tickets, aTicket()] };
  return { ...facts, tickets: facts.tickets.map((ticket) => (ticket.key === key ? { ...ticket, state } : ticket)) };
}

function lowerRisk(facts: Facts, { kind, what }: Remedy): Facts {
  const figure = Number(/(\d+)/.exec(what)?.[1] ?? 0);
  if (kind === "approve") {
    return withSettings(facts, (settings) => ({
      ...settings,
      risk: settings.risk === null ? null : { ...settings.risk, appetite: figure },
    }));
  }
  const { service, version, environment } = facts.subject;
  const score = { service, version, environment, score: figure, source: "risk", at: facts.at };
  return { ...facts, riskScore: score };
}
