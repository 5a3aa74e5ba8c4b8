import { useState, type ReactElement, type SubmitEvent } from "react";
import { Button, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { Panel } from "#web/ui/page.tsx";
import { fromLocalField, toLocalField, viewerZone, wire } from "#web/ui/time.ts";
import { ErrorNote, Note } from "#web/ui/widgets.tsx";
import { Reasons } from "./advice-view.tsx";
import { deltaText } from "./negotiation.ts";
import { slotsKey, type Negotiation, type Position } from "./planning-queries.ts";
import type { SlotSearch } from "./search.ts";
import { dayClockText } from "./words.ts";

/** As long as the contract allows. */
const maxReason = 2000;

interface ProposalProps {
  readonly talk: Negotiation;
  readonly zone: string;
  /** Begin that is being proposed, from the URL. */
  readonly from: string | undefined;
  readonly onChange: (part: SlotSearch) => void;
}

/** Another begin with a reason; the answer is the same scoring as the advice, beside the slot of before. */
export function CounterProposal({ talk, zone, from, onChange }: ProposalProps): ReactElement {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [isTried, setIsTried] = useState(false);
  const at = from === undefined ? null : Temporal.Instant.from(from);
  const propose = useMutation({
    mutationFn: (begin: string) =>
      answered(api.proposeSlot({ params: { id: talk.deployment }, body: { from: begin, reason: reason.trim() } })),
    onSuccess: (changed) => {
      queries.setQueryData(slotsKey(talk.deployment), changed);
      setReason("");
      setIsTried(false);
      onChange({ from: undefined });
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (at !== null && reason.trim() !== "") propose.mutate(wire(at));
  };
  const answer = propose.data?.positions.at(-1);
  return (
    <Panel title="Propose another slot">
      <form className="stack" onSubmit={submit} noValidate>
        <Begin at={at} zone={zone} isMissing={isTried && at === null} onChange={onChange} />
        <Textarea
          label="Reason"
          description="It goes on record under your name."
          rows={2}
          maxLength={maxReason}
          value={reason}
          error={isTried && reason.trim() === "" ? "Say why, in a few words." : null}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {propose.error !== null && <ErrorNote error={propose.error} />}
        <div>
          <Button type="submit" size="xs" loading={propose.isPending}>
            Propose and score it
          </Button>
        </div>
        <output className="outcome">{answer !== undefined && <Answer position={answer} />}</output>
      </form>
    </Panel>
  );
}

interface BeginProps extends Pick<ProposalProps, "zone" | "onChange"> {
  readonly at: Temporal.Instant | null;
  readonly isMissing: boolean;
}

function Begin({ at, zone, isMissing, onChange }: BeginProps): ReactElement {
  return (
    <TextInput
      type="datetime-local"
      label={`Begin, on the clock of ${zone}`}
      description={at === null ? "Or take one of the ranked slots." : otherClocks(at, zone)}
      value={at === null ? "" : toLocalField(at, zone)}
      error={isMissing ? "Say when it should begin." : null}
      onChange={(event) => {
        const begin = fromLocalField(event.currentTarget.value, zone);
        onChange({ from: begin === null ? undefined : wire(begin) });
      }}
    />
  );
}

function otherClocks(at: Temporal.Instant, zone: string): string {
  const zones = [...new Set([viewerZone(), "UTC"])].filter((one) => one !== zone);
  return zones.map((one) => `${dayClockText(at, one)} ${one}`).join(" · ");
}

function Answer({ position }: { readonly position: Position }): ReactElement {
  const { score, delta, reasons } = position;
  return (
    <Note tone={delta !== null && delta < 0 ? "wait" : "good"} icon="check">
      <strong>
        {Math.round(score)} points, {deltaText(delta)}.
      </strong>{" "}
      The other side has to accept it.
      <Reasons reasons={reasons} />
    </Note>
  );
}
