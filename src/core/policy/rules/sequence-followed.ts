import { forwardActions } from "#core/catalog/scope.ts";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { Evidence, Judgement, Remedy, StoppingPart } from "#core/policy/finding.ts";
import { latestOf } from "#core/policy/moments.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { capitalised, sayDuration, sayInstant, sayList } from "#core/policy/say.ts";
import {
  expectedAt,
  momentsOf,
  standingOf,
  type Expected,
  type ReleaseStanding,
} from "#core/policy/sequence-standing.ts";
import { always } from "#core/policy/timeline.ts";
import { isOfRelease, releasesBefore, type Sequence } from "#core/release/sequence.ts";

/**
 * Unlike `dependencies-live` it knows which release of a service is meant, asks that it has stabilised, and reaches
 * services that have no edge to each other. What goes before counts however far back: a release whose predecessor is live
 * is held by the predecessor of that one. A redone release that is booked says hold and not wait, and yet the time behind
 * it is open to plans.
 */
export const sequenceFollowed = defineRule({
  id: "sequence-followed",
  version: "2",
  title: "What goes before it in a sequence is live and has stabilised",
  reason:
    "Releases of several services that only work in one order break at the border of two teams, where no dependency says so.",
  remedy: "Deploy what goes before it first, and let it soak.",
  codes: [
    "no-sequence",
    "goes-back",
    "inventory-assumed",
    "sequence-followed",
    "upstream-missing",
    "upstream-back",
    "upstream-booked",
    "upstream-soaking",
    "inventory-unknown",
    "version-unreadable",
  ],
  exemptible: ["upstream-soaking"],
  overridable: ["upstream-missing", "upstream-back", "upstream-booked", "upstream-soaking"],
  needs: ["environment", "sequences", "deployed", "bookings", "setbacks"],
  judge({ at, horizon, subject, environment: place, sequences, deployed, bookings, setbacks }) {
    if (sequences.length === 0) return always(at, inNone);
    if (!forwardActions.includes(subject.action)) return always(at, goesBack);
    const unread = unreadableFor(sequences, subject);
    if (unread !== null) return always(at, unread);
    const mine = sequences.flatMap((sequence) => upstreamIn(sequence, subject));
    if (mine.length === 0) return always(at, inNone);
    if (deployed === "assumed") return always(at, assumed);
    const { environment } = subject;
    if (deployed === "unknown") return always(at, inventoryUnknown(environment));
    const inventory = { deployed, bookings, environment, at };
    const standings = mine.map(({ sequence, release }) => ({
      sequence: sequence.name,
      standing: standingOf(release, inventory, setbacks),
    }));
    const about = { environment, zone: place?.zone ?? null };
    const moments = standings.flatMap(({ standing }) => momentsOf(standing));
    return timelineOfMoments(moments, { from: at, to: horizon }, (moment) => toJudgement(standings, about, moment));
  },
});

const inNone = notApplicable("no-sequence", "Nothing goes before it in any sequence.");
const goesBack = notApplicable("goes-back", "Going back does not wait for a sequence.");
const assumed = notApplicable(
  "inventory-assumed",
  "What runs in the environment is not listed here, so sequences are not judged.",
);

function inventoryUnknown(environment: string): Judgement {
  const what = `Make the inventory of ${environment} readable again.`;
  return refuse("unknown", "inventory-unknown", `What runs in ${environment} cannot be read.`, [
    { kind: "supply-evidence", who: "platform team", what },
  ]);
}

type About = Facts["subject"];

function unreadableFor(sequences: readonly Sequence[], { service, version }: About): Judgement | null {
  const doubtful = sequences.filter(({ releases }) =>
    releases.some((release) => release.service === service && isOfRelease(release, version) === null),
  );
  const [first] = doubtful;
  if (first === undefined) return null;
  const sentence = `Whether ${service} ${version} belongs to the sequence ${first.name} cannot be said: it is no semantic version.`;
  const what = `Name a semantic version, or leave out the versions of ${service} in the sequence ${first.name}.`;
  return refuse("unknown", "version-unreadable", sentence, [{ kind: "change", who: first.owner, what }]);
}

/** What goes before the version in the sequence. */
function upstreamIn(sequence: Sequence, { service, version }: About) {
  const own = sequence.releases.filter((release) => release.service === service && isOfRelease(release, version));
  const before = new Set(own.flatMap((release) => releasesBefore(sequence, release)));
  return [...before].map((release) => ({ sequence, release }));
}

interface Sequenced {
  readonly sequence: string;
  readonly standing: ReleaseStanding;
}

interface Where {
  readonly environment: string;
  readonly zone: string | null;
}

/** An upstream release that is not ready. */
interface Open extends StoppingPart {
  readonly outcome: "deny" | "hold" | "wait";
  /** null: nobody knows. */
  readonly until: Temporal.Instant | null;
  readonly evidence: Evidence;
}

const strength = { wait: 0, hold: 1, deny: 2 } as const;

function toJudgement(standings: readonly Sequenced[], where: Where, moment: Temporal.Instant): Judgement {
  const open = standings.flatMap((one) => openAt(one, where, moment) ?? []);
  const [first] = open.toSorted((a, b) => strength[b.outcome] - strength[a.outcome]);
  if (first === undefined) {
    const names = [...new Set(standings.map(({ standing }) => standing.release.service))];
    return pass("sequence-followed", `What goes before it is live and has stabilised: ${sayList(names, "and")}.`);
  }
  const last = latestOf(open.map(({ until }) => until));
  const deeds = open.flatMap(({ remedies }) => remedies);
  const wait: Remedy[] =
    last === null ? [] : [{ kind: "wait", who: "nobody", what: `Wait until ${sayInstant(last, where.zone)}.` }];
  return {
    outcome: first.outcome,
    code: first.code,
    sentence: capitalised(`${open.map(({ said }) => said).join("; ")}.`),
    remedies: [...wait, ...deeds],
    evidence: open.map(({ evidence }) => evidence),
    parts: open.map(({ subject, code, said, remedies }) => ({ subject, code, said, remedies })),
  };
}

function openAt({ sequence, standing }: Sequenced, where: Where, moment: Temporal.Instant): Open | null {
  const expected = expectedAt(standing, moment);
  if (expected.kind === "ready") return null;
  const { release, setback } = standing;
  const { name, service, versions } = release;
  const wanted = versions === null ? service : `${service} ${versions}`;
  const upstream = `upstream ${name} (${wanted}) of the sequence ${sequence}`;
  const evidence = { kind: "sequence", ref: `${sequence}/${name}`, text: `${wanted} in ${where.environment}` };
  const common = { subject: `${sequence}/${name}`, evidence };
  if (expected.kind === "soaking") {
    const said = `${upstream} soaks until ${sayInstant(expected.until, where.zone)}`;
    return { ...common, outcome: "wait", code: "upstream-soaking", said, until: expected.until, remedies: [] };
  }
  const next = sayNext(expected, where);
  const until = expected.kind === "booked" ? expected.until : null;
  const again = setback === null ? "" : " again";
  const soak = release.soak.blank ? "" : ` and let it soak ${sayDuration(release.soak)}`;
  const what = `Deploy ${wanted} to ${where.environment}${again}${soak}.`;
  const remedies: readonly Remedy[] = [{ kind: "deploy", who: `owner of ${service}`, what }];
  if (setback !== null) {
    const said = `${upstream} did not stay in ${where.environment}: ${setback.version} came back on ${sayInstant(setback.at, where.zone)}; ${next}`;
    return { ...common, outcome: "hold", code: "upstream-back", said, until, remedies };
  }
  const said = `${upstream} is not live in ${where.environment}; ${next}`;
  return expected.kind === "booked"
    ? { ...common, outcome: "wait", code: "upstream-booked", said, until, remedies }
    : { ...common, outcome: "deny", code: "upstream-missing", said, until, remedies };
}

function sayNext(expected: Exclude<Expected, { kind: "ready" | "soaking" }>, { zone }: Where): string {
  if (expected.kind === "missing") return "no deployment is booked";
  const { booking, until } = expected;
  return `${booking.version} is booked until ${sayInstant(booking.to, zone)} and has soaked on ${sayInstant(until, zone)}`;
}
