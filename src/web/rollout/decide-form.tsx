import { useState, type ReactElement } from "react";
import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { ErrorNote } from "#web/ui/widgets.tsx";

interface DecideFormProps {
  readonly kind: "held" | "sessions";
  readonly deployment: string;
}

interface Choice {
  readonly label: string;
  readonly color: "red" | "tide";
  readonly decide: (reason: string) => Promise<unknown>;
}

function choicesOf({ kind, deployment: id }: DecideFormProps): readonly Choice[] {
  const params = { id };
  if (kind === "held") {
    const decide = (decision: "go-on" | "go-back") => (reason: string) =>
      answered(api.decideHeld({ params, body: { decision, reason } }));
    return [
      { label: "Take it back", color: "red", decide: decide("go-back") },
      { label: "Let it go on", color: "tide", decide: decide("go-on") },
    ];
  }
  const decide = (decision: "end" | "wait") => (reason: string) =>
    answered(api.decideOnSessions({ params, body: { decision, reason } }));
  return [
    { label: "End them", color: "red", decide: decide("end") },
    { label: "Wait as long again", color: "tide", decide: decide("wait") },
  ];
}

/** A decision with a reason, by name; only those who may are offered it. */
export function DecideForm(props: DecideFormProps): ReactElement {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const act = useMutation({
    mutationFn: ({ decide }: Choice) => decide(reason),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["deployment", props.deployment] });
      await queries.invalidateQueries({ queryKey: ["inbox"] });
    },
  });
  return (
    <form className="stack" aria-label="Decide" onSubmit={(event) => event.preventDefault()}>
      <Textarea
        label="Why, with your name on record"
        required
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {act.error !== null && <ErrorNote error={act.error} />}
      <div className="actions">
        {choicesOf(props).map((choice) => (
          <Button
            key={choice.label}
            size="xs"
            color={choice.color}
            disabled={act.isPending || reason.trim() === ""}
            onClick={() => act.mutate(choice)}
          >
            {choice.label}
          </Button>
        ))}
      </div>
    </form>
  );
}
