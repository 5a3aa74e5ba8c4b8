import type { z } from "zod";
import type { criterionResult } from "#contract/criteria.ts";
import type { DeploymentDetail } from "#web/release/deployment.ts";

type Result = z.infer<typeof criterionResult>;

/** Three criteria of a deployment that has begun: one holds, one is silent, one is flagged. */
export function criteriaOf({ version, startedAt, percent }: DeploymentDetail, asOf: string): readonly Result[] {
  if (startedAt === null) return [];
  const until = Math.floor(Temporal.Instant.from(asOf).epochMilliseconds / 1000);
  const span = { from: until - 60, until };
  const wave = (level: number, swing: number, from: number) =>
    Array.from({ length: 30 }, (_, index) => ({ atSecond: from + index * 2, value: level + swing * Math.sin(index) }));
  const common = { stage: `${percent} %`, at: asOf, span };
  return [
    {
      ...common,
      criterion: "checkout/orders",
      outcome: "pass",
      code: "within",
      sentence: "checkout/orders: 97 orders/s, at least 90 orders/s.",
      rule: {
        source: "prometheus",
        query: 'sum(rate(orders_total{service="checkout-api"}[1m]))',
        unit: "orders/s",
        worse: "lower",
        limit: null,
        windowSeconds: 60,
        freshSeconds: 60,
      },
      value: 97,
      bounds: [{ kind: "former-weeks", bound: 90, reference: 100, isBreached: false }],
      newest: until - 2,
      series: [{ labels: {}, unit: "orders/s", points: wave(97, 3, span.from) }],
      compared: [
        {
          as: "former-week",
          span,
          series: [{ labels: {}, unit: "orders/s", points: wave(100, 4, span.from) }],
          value: 100,
        },
      ],
    },
    {
      ...common,
      criterion: "checkout/cpu",
      outcome: "inconclusive",
      code: "silent",
      sentence: "checkout/cpu is inconclusive: the newest point is 300 s old, where 60 s are allowed.",
      rule: {
        source: "telemetry",
        query: `cpu{version="${version}"}`,
        unit: "%",
        worse: "higher",
        limit: 1,
        windowSeconds: 60,
        freshSeconds: 60,
      },
      value: null,
      bounds: [],
      newest: until - 300,
      series: [],
      compared: [],
    },
    {
      ...common,
      criterion: "checkout/new-errors",
      outcome: "flagged",
      code: "breach",
      sentence:
        'checkout/new-errors: 4 lines/s of the new class "TimeoutError: ledger #", where it must be at most 0.1 lines/s.',
      rule: {
        source: "logs",
        query: "new-errors",
        unit: "lines/s",
        worse: "higher",
        limit: 1,
        windowSeconds: 60,
        freshSeconds: 60,
      },
      value: 4,
      bounds: [{ kind: "limit", bound: 0.1, reference: null, isBreached: true }],
      newest: until - 1,
      series: [
        { labels: { version, class: "TimeoutError: ledger #" }, unit: "lines/s", points: wave(4, 2, span.from) },
      ],
      compared: [],
    },
  ];
}
