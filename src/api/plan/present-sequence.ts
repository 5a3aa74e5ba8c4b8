import type { z } from "zod";
import type { sequence as wire } from "#contract/sequence.ts";
import type { Sequence, SequencedRelease } from "#core/release/sequence.ts";

type Wire = z.input<typeof wire>;

export function presentSequence({ name, owner, environments, releases }: Sequence): Wire {
  return { name, owner, environments: [...environments], releases: releases.map(presentRelease) };
}

export function presentRelease({ name, service, versions, after, soak }: SequencedRelease): Wire["releases"][number] {
  return { name, service, versions, after: [...after], soak: soak.toString() };
}
