import type { z } from "zod";
import { worldIn } from "#cli/calendar/world.ts";
import type { AddCommand } from "#cli/command.ts";
import { exitCodes, usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderObject } from "#cli/output.ts";
import { parseRisk } from "#cli/risk.ts";
import { parseSubject } from "#cli/subject.ts";
import { parseAt } from "#cli/time.ts";
import { factsFrom } from "#config/world.ts";
import { slotAdvice } from "#contract/advice.ts";
import type { Risk } from "#core/calendar/advice/risk.ts";
import { adviceToJson } from "#core/policy/present-advice.ts";
import { rules } from "#core/policy/registry.ts";
import { sayInstant } from "#core/policy/say.ts";
import { adviseOn } from "#core/policy/slot-advice.ts";
import { systemClock } from "#runtime/clock.ts";
import { sha256Of, zoneData } from "#runtime/digest.ts";

interface Flags {
  readonly to: string;
  readonly risk?: string;
  readonly since?: string;
  readonly until?: string;
  readonly from?: string;
}

type WireAdvice = z.infer<typeof slotAdvice>;

/** As far as the server's own timelines reach. */
const horizonHours = 60 * 24;
/** More slots than this are a list for a machine. */
const slotsShown = 5;

export const adviseCommand: AddCommand = (group, io) => {
  group
    .command("advise <service@version>")
    .description("The best slots for a change, each with its reasons")
    .requiredOption("--to <environment>", "where to")
    .option("--risk <risk>", "low or high; that of the service's tier if absent")
    .option("--since <time>", "not before '2026-03-25T09:00[Europe/Berlin]' or an instant with offset; now if absent")
    .option("--until <time>", "not at or after this instant; the end of the horizon if absent")
    .option("--from <dir>", "the configuration and State in a folder, without a server; --since is then its now")
    .action(async (text: string, flags: Flags) => {
      const subject = { ...parseSubject(text), environment: flags.to };
      const risk = flags.risk === undefined ? null : parseRisk(flags.risk);
      let advice: WireAdvice;
      if (flags.from !== undefined) advice = adviceFromFolder(io, flags.from, subject, risk, flags);
      else {
        const body = {
          ...subject,
          ...(risk === null ? {} : { risk }),
          ...(flags.since === undefined ? {} : { since: parseAt(flags.since, io).toString() }),
          ...(flags.until === undefined ? {} : { until: parseAt(flags.until, io).toString() }),
        };
        advice = answered(await connect(io).adviseSlots({ body })).body;
      }
      io.write(renderObject(io.format(), advice, () => showAdvice(advice), advice.slots[0]?.from ?? "none"));
      if (advice.slots.length === 0) io.setExit(exitCodes.mustWait);
    });
};

/** The same functions over the facts of a folder: no server, no clock but the one that is given. */
function adviceFromFolder(
  io: Io,
  folder: string,
  about: { readonly service: string; readonly version: string; readonly environment: string },
  risk: Risk | null,
  flags: Flags,
): WireAdvice {
  const at = flags.since === undefined ? systemClock.now() : parseAt(flags.since, io);
  const horizon = at.add({ hours: horizonHours });
  const world = worldIn(folder, { from: at, to: horizon });
  const environment = world.organisation.environments.get(about.environment);
  if (environment === undefined) throw usage(`${folder} declares no environment ${about.environment}.`);
  if (!world.organisation.services.has(about.service)) throw usage(`${folder} declares no service ${about.service}.`);
  const subject = {
    ...about,
    action: "deploy" as const,
    class: "normal" as const,
    invoker: "person" as const,
    requestedBy: null,
    contentDigest: null,
    onBehalfOf: null,
    hasRollbackPlan: true,
    ...(risk === null ? {} : { risk }),
  };
  const until = flags.until === undefined ? horizon : parseAt(flags.until, io);
  const options = { rules, hash: sha256Of, zoneData: zoneData(), since: at, until };
  const advice = adviseOn(factsFrom(world, subject, at, horizon), options);
  return slotAdvice.parse(adviceToJson({ ...about, at, zone: environment.zone }, advice));
}

function showAdvice(advice: WireAdvice): string {
  const { service, version, environment, risk, zone, neededMs, isLengthKnown, slots, obstacles, blockers } = advice;
  const say = (instant: string): string => sayInstant(Temporal.Instant.from(instant), zone);
  const minutes = Math.ceil(neededMs / 60_000);
  const length = `${minutes} min with the way back${isLengthKnown ? "" : ", assumed"}`;
  const lines = [`${service}@${version} → ${environment}: ${risk} risk, ${length}`];
  for (const { from, score, reasons } of slots.slice(0, slotsShown)) {
    lines.push(`├─ ${score}  ${say(from)}`);
    for (const { sentence, weight } of reasons) lines.push(`│    +${weight}  ${printable(sentence)}`);
  }
  if (slots.length > slotsShown) lines.push(`├─ ${slots.length - slotsShown} more with -o json`);
  if (slots.length === 0) lines.push("├─ no slot is open for it");
  for (const { id, title } of blockers) lines.push(`├─ without ${id} there would be one: ${title}`);
  for (const { rule, sentence } of obstacles) lines.push(`├─ not now: ${rule}: ${printable(sentence)}`);
  const plan = risk === "high" ? "; a change of high risk needs --rollback-plan" : "";
  lines.push(
    `└─ then: tidegate deploy ${service}@${version} --to ${environment}${plan}; it waits, and a slot is agreed on it`,
  );
  return `${lines.join("\n")}\n`;
}
