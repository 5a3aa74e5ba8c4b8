import { chooseMethod, type PastRollout } from "#core/rollout/choice.ts";
import { rolloutMethods } from "#core/rollout/method-registry.ts";
import type { MethodId } from "#core/rollout/strategy.ts";

const about = {
  service: "ledger-core",
  environment: "prod-amer",
  traits: { writers: "many", sessions: "sticky", rollbackSeconds: 45, impact: "high" },
  place: {},
  routing: null,
} as const;

/** What is said of a service with everything on record: three canaries in a row found too little traffic. */
export function choiceAt(now: Temporal.Instant): unknown {
  const history = [1, 2, 3].map((day): PastRollout => ({
    deployment: `dep_${String(day).repeat(32)}`,
    service: about.service,
    environment: about.environment,
    method: "canary",
    endedAt: now.subtract({ hours: 24 * day }),
    hadTooLittleTraffic: true,
  }));
  const { ranked, excluded } = chooseMethod(about, history);
  return {
    service: about.service,
    environment: about.environment,
    inForce: { name: "careful-core", method: "canary", stages: [5, 25, 50, 100], isDefault: false, isExcluded: false },
    ranked: ranked.map(({ method, ...rest }) => ({ ...rest, ...titled(method) })),
    excluded: excluded.map(({ method, reasons }) => ({ ...titled(method), reasons })),
    driver: null,
  };
}

function titled(method: MethodId) {
  const { title, summary } = rolloutMethods[method];
  return { method, title, summary };
}
