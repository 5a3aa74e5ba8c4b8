import type { Risk } from "#core/calendar/advice/risk.ts";

/** What speaks for a slot. The weights of all reasons add up to its score. */
export interface Reason {
  /** Stable. */
  readonly code:
    | "load"
    | "load-unknown"
    | "neighbours-free"
    | "neighbours-busy"
    | "no-neighbours"
    | "room-to-go-back"
    | "way-back-unknown";
  readonly sentence: string;
  /** Points out of 100. */
  readonly weight: number;
}

/** What the reasons of one candidate are made of; shares lie between 0 and 1. */
export interface Circumstances {
  readonly risk: Risk;
  /** Mean load during the slot beside the peak of the week and the largest load that counts as quiet. */
  readonly load: { readonly mean: number; readonly peak: number; readonly quiet: number } | null;
  readonly batches: readonly { readonly service: string; readonly isReadable: boolean; readonly share: number }[];
  readonly rollbackMs: number | null;
  /** How much longer than needed the opening lasts. */
  readonly spareMs: number;
}

/**
 * Points that each reason can bring; 100 together. A high risk is first of all a question of how many would feel it;
 * with a low one the neighbours' work and the room to go back weigh more.
 */
const points = {
  high: { load: 60, neighbours: 25, room: 15 },
  low: { load: 45, neighbours: 35, room: 20 },
} as const satisfies Record<Risk, Record<"load" | "neighbours" | "room", number>>;

export function reasonsFor(circumstances: Circumstances): readonly Reason[] {
  return [loadReason(circumstances), neighbourReason(circumstances), roomReason(circumstances)];
}

export function scoreOf(reasons: readonly Reason[]): number {
  return reasons.reduce((sum, { weight }) => sum + weight, 0);
}

function loadReason({ risk, load }: Circumstances): Reason {
  if (load === null) {
    const sentence = "Nobody has recorded how much the service has to do, so its load does not count.";
    return { code: "load-unknown", sentence, weight: 0 };
  }
  const share = load.peak === 0 ? 0 : load.mean / load.peak;
  const quiet = load.mean <= load.quiet ? "quiet hours" : "outside of the quiet hours";
  const sentence = `The load is ${Math.round(share * 100)} % of the week's peak: ${quiet}.`;
  return { code: "load", sentence, weight: Math.round(points[risk].load * (1 - share)) };
}

function neighbourReason({ risk, batches }: Circumstances): Reason {
  const most = points[risk].neighbours;
  if (batches.length === 0) {
    return { code: "no-neighbours", sentence: "Of nothing it depends on batch hours are recorded.", weight: most };
  }
  const busy = batches.filter(({ share }) => share > 0);
  if (busy.length === 0) {
    const names = batches.map(({ service }) => service).join(", ");
    return { code: "neighbours-free", sentence: `No batch of ${names} runs.`, weight: most };
  }
  const worst = busy.reduce((share, each) => Math.max(share, each.share), 0);
  const said = busy.map(({ service, isReadable, share }) =>
    isReadable
      ? `a batch of ${service} runs for ${Math.max(1, Math.round(share * 100))} % of it`
      : `when batches of ${service} run cannot be read`,
  );
  const text = said.join("; ");
  const sentence = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
  return { code: "neighbours-busy", sentence, weight: Math.round(most * (1 - worst)) };
}

function roomReason({ risk, rollbackMs, spareMs }: Circumstances): Reason {
  if (rollbackMs === null) {
    const sentence = "How long the way back takes is not known, so room for it does not count.";
    return { code: "way-back-unknown", sentence, weight: 0 };
  }
  const share = rollbackMs === 0 ? 1 : Math.min(1, spareMs / rollbackMs);
  const minutes = Math.floor(spareMs / 60_000);
  const sentence = `Beside run and rollback ${minutes} min are left before it closes.`;
  return { code: "room-to-go-back", sentence, weight: Math.round(points[risk].room * share) };
}
