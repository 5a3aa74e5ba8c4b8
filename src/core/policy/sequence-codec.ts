import { duration, instant, list, nullable, object, text } from "#core/policy/decode.ts";
import type { Sequence, SequencedRelease, Setback } from "#core/release/sequence.ts";

const names = list(text);

export const sequence = object<Sequence>({
  name: text,
  owner: text,
  environments: names,
  releases: list(
    object<SequencedRelease>({ name: text, service: text, versions: nullable(text), after: names, soak: duration }),
  ),
});

export const setback = object<Setback>({ service: text, version: text, environment: text, at: instant });
