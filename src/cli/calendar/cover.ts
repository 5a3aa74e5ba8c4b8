import type { z } from "zod";
import { worldIn } from "#cli/calendar/world.ts";
import type { AddCommand } from "#cli/command.ts";
import { exitCodes, usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderObject } from "#cli/output.ts";
import { parseAt } from "#cli/time.ts";
import { factsFrom } from "#config/world.ts";
import { cover as wireCover } from "#contract/cover.ts";
import { coverFor } from "#core/calendar/cover/cover-for.ts";
import { coverRange, coverSpan } from "#core/calendar/cover/cover-length.ts";
import { coverToJson } from "#core/calendar/cover/present.ts";
import { sayInstant } from "#core/policy/say.ts";
import { systemClock } from "#runtime/clock.ts";

interface Flags {
  readonly to: string;
  readonly at?: string;
  readonly from?: string;
}

/** As far as a server's own timelines reach. */
const horizonHours = 60 * 24;

type WireCover = z.infer<typeof wireCover>;

export const coverCommand: AddCommand = (group, io) => {
  group
    .command("cover <service>")
    .description("Who is on duty for a go-live and its stabilisation: gaps, and who could step in")
    .requiredOption("--to <environment>", "where to")
    .option("--at <time>", "start: '2026-03-28T01:00[Europe/Berlin]' or an instant with offset; now if absent")
    .option("--from <dir>", "the rotas in a folder, without a server")
    .action(async (service: string, flags: Flags) => {
      const at = flags.at === undefined ? await nowFor(io, flags.from) : parseAt(flags.at, io);
      const found =
        flags.from === undefined
          ? answered(await connect(io).askCover({ body: { service, environment: flags.to, at: at.toString() } })).body
          : coverFromFolder(flags.from, service, flags.to, at);
      io.write(renderObject(io.format(), found, () => showCover(found), nameOf(found)));
      if (found.gaps.length + found.unknown.length > 0) io.setExit(exitCodes.denied);
    });
};

/** The server's own clock, which may be another one than ours; a folder has none. */
async function nowFor(io: Io, folder: string | undefined): Promise<Temporal.Instant> {
  if (folder !== undefined) return systemClock.now();
  return Temporal.Instant.from(answered(await connect(io).readClock()).body.now);
}

function nameOf({ gaps, unknown }: WireCover): string {
  if (gaps.length > 0) return "gap";
  return unknown.length > 0 ? "unknown" : "covered";
}

function coverFromFolder(folder: string, service: string, to: string, at: Temporal.Instant): WireCover {
  const horizon = at.add({ hours: horizonHours });
  const world = worldIn(folder, { from: at, to: horizon });
  const environment = world.organisation.environments.get(to);
  if (environment === undefined) throw usage(`${folder} declares no environment ${to}.`);
  if (!world.organisation.services.has(service)) throw usage(`${folder} declares no service ${service}.`);
  const subject = {
    service,
    version: "",
    environment: to,
    action: "deploy" as const,
    class: "normal" as const,
    invoker: "person" as const,
    requestedBy: null,
    contentDigest: null,
    onBehalfOf: null,
  };
  const facts = factsFrom(world, subject, at, horizon);
  const { impact, people, durations } = facts;
  const rotas = typeof facts.rotas === "string" ? [] : facts.rotas;
  const need = { subject, durations, impact, rotas };
  const span = coverSpan(need, at);
  const within = coverRange(need, at, horizon);
  const cover = facts.rotas === "none" ? ("none" as const) : coverFor({ impact, span, within, rotas, people });
  return wireCover.parse(coverToJson({ service, environment: to, zone: environment.zone, span, impact, cover }));
}

function showCover({ service, environment, zone, from, to, isJudged, gaps, unknown, onDuty }: WireCover): string {
  const say = (instant: string): string => sayInstant(Temporal.Instant.from(instant), zone);
  const lines = [`${service} → ${environment}: from ${say(from)} to ${say(to)}`];
  if (!isJudged) lines.push("├─ nobody has declared a rota");
  for (const { team, persons } of onDuty) {
    lines.push(`├─ ${team}: ${persons.length === 0 ? "nobody" : persons.map(printable).join(", ")}`);
  }
  for (const gap of gaps) {
    lines.push(`├─ gap of ${gap.team} from ${say(gap.from)} to ${say(gap.to)} (tier ${gap.tier})`);
    for (const { person, why } of gap.candidates) lines.push(`│    → ${printable(person)}: ${printable(why)}`);
  }
  for (const { team, why } of unknown) lines.push(`├─ who of ${team} is on duty is not known: ${printable(why)}`);
  const isCovered = gaps.length + unknown.length === 0;
  lines.push(isCovered ? "└─ covered" : "└─ not covered: name somebody in the rota, or swap a shift");
  return `${lines.join("\n")}\n`;
}
