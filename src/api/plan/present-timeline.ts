import type { z } from "zod";
import type { DeepReadonly } from "#api/handler.ts";
import type { runEvent as wire } from "#contract/plan.ts";
import type { Part } from "#core/plan/plan.ts";
import type { RunView } from "#usecases/plan/plan-operations.ts";
import type { RunEntry, RunStep } from "#usecases/plan/plan-records.ts";

type Event = DeepReadonly<z.input<typeof wire>>;
interface Line extends Omit<Event, "at"> {
  readonly at: Temporal.Instant;
}

/** What happened, in order: steps by their rows, people and the end by the audit record. */
export function presentTimeline({ run, steps, log }: RunView): readonly Event[] {
  const lines = [...log.flatMap((entry) => sayEntry(run.id, entry)), ...steps.flatMap(sayStep)];
  return lines
    .toSorted((a, b) => Temporal.Instant.compare(a.at, b.at))
    .map(({ at, ...line }) => ({ ...line, at: at.toString() }));
}

function sayStep({ part, name, state, begunAt, endedAt, outcome, answer }: RunStep): readonly Line[] {
  const step = { part, name };
  const common = { kind: "step", by: null, step } as const;
  const begun = { ...common, at: begunAt, sentence: state === "queued" ? "Waits for its turn." : "Began." };
  // What a person answered is a line of the record, with their name.
  if (endedAt === null || answer !== null) return [begun];
  return [begun, { ...common, at: endedAt, sentence: `${capital(state)}: ${outcome ?? ""}` }];
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

/** Entries of actions that a later version wrote are left out. */
function sayEntry(id: string, { at, person, action, object, outcome, reason, after }: RunEntry): readonly Line[] {
  const common = { at, by: person, step: stepOf(id, object) };
  const why = reason === null ? "" : `: ${reason}`;
  switch (action) {
    case "run.start":
      return [{ ...common, kind: "run", sentence: `Began the run${why}` }];
    case "run.end":
      return [{ ...common, kind: "run", by: null, sentence: `The run ended, ${outcome}${why}` }];
    case "run.turn":
      return [{ ...common, kind: "decision", sentence: `Turned the run back${why}` }];
    case "run.hand-over":
      return [{ ...common, kind: "person", sentence: `Handed it over to ${named(after, "owner")}${why}` }];
    case "run.oversee": {
      const came = named(after, "overseer") !== "nobody";
      return [
        { ...common, kind: "person", sentence: `${came ? "Oversees the run" : "Does not oversee it any more"}${why}` },
      ];
    }
    case "run.overrun":
      return [{ ...common, kind: "alert", by: null, sentence: reason ?? "It takes longer than it should." }];
    case "run.note":
      return [{ ...common, kind: outcome === "decision" ? "decision" : "issue", sentence: reason ?? "" }];
    case "task.answer":
      return [{ ...common, kind: "decision", sentence: `Answered ${outcome}${why}` }];
    default:
      return [];
  }
}

function named(after: unknown, field: string): string {
  const value: unknown = typeof after === "object" && after !== null ? Reflect.get(after, field) : null;
  return typeof value === "string" ? value : "nobody";
}

function stepOf(id: string, object: string): { readonly part: Part; readonly name: string } | null {
  if (!object.startsWith(`${id}/`)) return null;
  const [part = "", ...rest] = object.slice(id.length + 1).split("/");
  const name = rest.join("/");
  return part === "forward" || part === "undo" || part === "rollback" ? { part, name } : null;
}
