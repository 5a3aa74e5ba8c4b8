/** The first of the three ledgers: what clients asked, and what they were told. */
export interface Asked {
  readonly id: number;
  readonly kind: string;
  readonly key: string | null;
  /** What it was about: a run, a deployment, a hold. */
  readonly object: string | null;
  /** Number of the turn in which the client began to ask. */
  readonly askedAt: number;
  /** Domain time of the acknowledgement; null: none has come yet. */
  answeredAt: Temporal.Instant | null;
  answeredTurn: number | null;
  /** `lost`: nobody knows; a client with a key asks again. */
  outcome: "open" | "ok" | "refused" | "lost";
  /** What the answer names: the id of what was made, or the code of the refusal. */
  answer: string | null;
}

export interface Clients {
  readonly all: readonly Asked[];
  readonly ask: (kind: string, key: string | null, object: string | null, turn: number) => Asked;
}

export function openClients(): Clients {
  const all: Asked[] = [];
  return {
    all,
    ask: (kind, key, object, askedAt) => {
      const asked: Asked = {
        id: all.length + 1,
        kind,
        key,
        object,
        askedAt,
        answeredAt: null,
        answeredTurn: null,
        outcome: "open",
        answer: null,
      };
      all.push(asked);
      return asked;
    },
  };
}
