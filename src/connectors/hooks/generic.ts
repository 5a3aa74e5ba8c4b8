import { z } from "zod";
import { changeActions, changeClasses } from "#core/catalog/scope.ts";
import { digest, entityName, version } from "#contract/common.ts";
import { externalRun, externalUrl } from "#contract/gate.ts";
import { fits } from "#connectors/hooks/fits.ts";
import type { HookIntent, RunTarget } from "#core/release/hook-intent.ts";
import { ok, type Result } from "#core/result.ts";

const ask = z.strictObject({
  service: entityName,
  version: version.nullable().default(null),
  digest: digest.nullable().default(null),
  environment: entityName,
  action: z.enum(changeActions).default("deploy"),
  class: z.enum(changeClasses).default("normal"),
  whenDenied: z.enum(["end", "park"]).default("end"),
  run: externalRun,
  url: externalUrl.nullable().default(null),
  callbackUrl: externalUrl.nullable().default(null),
});

/** Needed where a run has asked for several gates. */
const target = { service: entityName.nullable().default(null), environment: entityName.nullable().default(null) };

const message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("gate.ask"), data: ask }),
  z.object({
    type: z.literal("gate.result"),
    data: z.strictObject({
      run: externalRun,
      ...target,
      outcome: z.enum(["succeeded", "failed"]),
      live: version.nullable().default(null),
    }),
  }),
  z.object({
    type: z.literal("gate.cancel"),
    data: z.strictObject({ run: externalRun, ...target, reason: z.string().min(1).max(500) }),
  }),
]);

/** Our own words: `{type: gate.ask | gate.result | gate.cancel, data}` as Standard Webhooks have it. */
export function readGeneric(_event: string, body: unknown): Result<HookIntent, string> {
  const read = fits(message, body);
  if (!read.ok) return read;
  const { type, data } = read.value;
  switch (type) {
    case "gate.ask": {
      const { service, ...rest } = data;
      return ok({ kind: "ask", question: { ...rest, project: service, askedAt: null, github: null } });
    }
    case "gate.result":
      return ok({
        kind: "result",
        run: data.run,
        of: targetOf(data),
        result: { outcome: data.outcome, live: data.live },
      });
    case "gate.cancel":
      return ok({ kind: "cancel", run: data.run, of: targetOf(data), reason: data.reason });
  }
}

function targetOf({ service, environment }: RunTarget): RunTarget {
  return { service, environment };
}
