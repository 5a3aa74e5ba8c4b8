import type { ReactElement } from "react";
import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { ErrorNote } from "#web/ui/widgets.tsx";
import { canBeAccepted, type MoveOutcome } from "./moves.ts";
import type { Reflow } from "./planning-queries.ts";

interface DialogProps {
  readonly batch: Reflow;
  /** Positions that are ticked. */
  readonly positions: readonly number[];
  readonly decision: "accept" | "decline";
  readonly onClose: () => void;
  readonly onDecided: (items: readonly { readonly outcome: MoveOutcome }[]) => void;
}

const consequences = {
  accept:
    "Each booking gets its proposed slot, if it is still legal, and does not start before it. Those that are not legal any more stay where they are and are named.",
  decline: "Each booking keeps its slot. If an event blocks it there, it waits for the next opening.",
} as const satisfies Readonly<Record<DialogProps["decision"], string>>;

/** Says once more what the decision does, and carries it out for exactly the items that are named. */
export function MoveDialog({ batch, positions, decision, onClose, onDecided }: DialogProps): ReactElement {
  const queries = useQueryClient();
  const isAcceptance = decision === "accept";
  const meant = batch.items.filter(
    (item) => positions.includes(item.position) && (isAcceptance ? canBeAccepted(item) : item.state === "open"),
  );
  const decide = useMutation({
    mutationFn: () =>
      answered(
        api.decideReflow({
          params: { id: batch.id },
          body: { decision, items: meant.map(({ position }) => position) },
        }),
      ),
    onSuccess: async ({ items }) => {
      onDecided(items);
      await queries.invalidateQueries();
    },
  });
  const bookings = meant.length === 1 ? "1 booking" : `${meant.length} bookings`;
  const title = `${isAcceptance ? "Accept" : "Decline"} the proposals for ${bookings}`;
  return (
    <Modal opened onClose={onClose} title={title} lockScroll={false} closeButtonProps={{ "aria-label": "Close" }}>
      <div className="stack">
        <p>
          <strong>{batch.calendar}</strong>: {batch.sentence}
        </p>
        <p className="dim">{consequences[decision]} Your name goes on record.</p>
        {decide.error !== null && <ErrorNote error={decide.error} />}
        <div className="row dialog-foot">
          <Button
            data-autofocus
            loading={decide.isPending}
            disabled={meant.length === 0}
            onClick={() => decide.mutate()}
          >
            {isAcceptance ? "Accept" : "Decline"}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </div>
    </Modal>
  );
}
