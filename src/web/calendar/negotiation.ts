import type { Tone } from "#web/release/deployment.ts";
import type { IconName } from "#web/ui/icons.tsx";
import type { Position } from "./planning-queries.ts";

/** A proposal that nobody has taken back, and whether it was accepted. */
export interface Standing {
  readonly position: Position;
  readonly acceptedBy: string | null;
}

/** Proposals that stand, newest first. A withdrawal of a proposal also ends the agreement that rests on it. */
export function standingOf(positions: readonly Position[]): readonly Standing[] {
  const withdrawn = new Set(positions.filter(({ kind }) => kind === "withdrawn").map(({ proposal }) => proposal));
  return positions
    .filter(({ kind, proposal }) => kind === "proposed" && !withdrawn.has(proposal))
    .map((position) => {
      const accepted = positions.find(({ kind, proposal }) => kind === "accepted" && proposal === position.proposal);
      return { position, acceptedBy: accepted?.person ?? null };
    })
    .toReversed();
}

/** What the viewer may do with a proposal; the server decides in the end. */
export interface ProposalActs {
  readonly mayAccept: boolean;
  readonly mayWithdraw: boolean;
}

export function actsOn({ position, acceptedBy }: Standing, person: string): ProposalActs {
  return {
    mayAccept: acceptedBy === null && position.person !== person,
    mayWithdraw: position.person === person || acceptedBy === person,
  };
}

const looks: Readonly<
  Record<Position["kind"], { readonly label: string; readonly tone: Tone; readonly icon: IconName }>
> = {
  proposed: { label: "Proposed", tone: "motion", icon: "plus" },
  accepted: { label: "Accepted", tone: "good", icon: "check" },
  withdrawn: { label: "Withdrawn", tone: "rest", icon: "back" },
};

export const positionLook = (kind: Position["kind"]): (typeof looks)["proposed"] => looks[kind];

/** `12 points better than before`; null when the position before it lay in no opening. */
export function deltaText(delta: number | null): string {
  if (delta === null) return "the slot before it lay in no opening";
  const points = Math.abs(Math.round(delta));
  if (points === 0) return "as good as the slot before it";
  return `${points} ${points === 1 ? "point" : "points"} ${delta > 0 ? "better" : "worse"} than the slot before it`;
}
