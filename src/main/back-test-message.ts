import type { Problem } from "#config/problem.ts";
import type { BacktestChange, BacktestPage, BacktestQuestion } from "#usecases/policy/policy-operations.ts";

/*
 * What goes to the thread of back-tests and comes back: plain data, for instants do not survive the way.
 */

export type QuestionMessage = Omit<BacktestQuestion, "since" | "until"> & {
  readonly id: number;
  readonly since: string;
  readonly until: string;
};

type ChangeMessage = Omit<BacktestChange, "at" | "wasOpensAt" | "wouldOpensAt"> & {
  readonly at: string;
  readonly wasOpensAt: string | null;
  readonly wouldOpensAt: string | null;
};

type PageMessage = Omit<BacktestPage, "changes"> & { readonly changes: readonly ChangeMessage[] };

/** `full`: another process of this installation is judging. */
export type AnswerMessage = { readonly id: number } & (
  | { readonly kind: "page"; readonly page: PageMessage }
  | { readonly kind: "invalid"; readonly problems: readonly Problem[] }
  | { readonly kind: "full" }
  | { readonly kind: "failed"; readonly message: string }
);

export function toQuestionMessage(id: number, { since, until, ...question }: BacktestQuestion): QuestionMessage {
  return { id, ...question, since: since.toString(), until: until.toString() };
}

export function fromQuestionMessage({ since, until, files, remove, after, limit }: QuestionMessage): BacktestQuestion {
  const span = { since: Temporal.Instant.from(since), until: Temporal.Instant.from(until) };
  return { ...span, files, remove, after, limit };
}

export function toPageMessage({ changes, ...page }: BacktestPage): PageMessage {
  return {
    ...page,
    changes: changes.map(({ at, wasOpensAt, wouldOpensAt, ...change }) => ({
      ...change,
      at: at.toString(),
      wasOpensAt: wasOpensAt?.toString() ?? null,
      wouldOpensAt: wouldOpensAt?.toString() ?? null,
    })),
  };
}

export function fromPageMessage({ changes, ...page }: PageMessage): BacktestPage {
  const orNull = (text: string | null): Temporal.Instant | null => (text === null ? null : Temporal.Instant.from(text));
  return {
    ...page,
    changes: changes.map(({ at, wasOpensAt, wouldOpensAt, ...change }) => ({
      ...change,
      at: Temporal.Instant.from(at),
      wasOpensAt: orNull(wasOpensAt),
      wouldOpensAt: orNull(wouldOpensAt),
    })),
  };
}
